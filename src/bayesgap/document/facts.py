"""What a report is told about: a run, its draws, and what lies beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr

from bayesgap.data.manifest import Entry
from bayesgap.document.evidence import Evidence
from bayesgap.present.frames import select
from bayesgap.present.selection import Query
from bayesgap.present.table import By
from bayesgap.published_study.answers import Answers
from bayesgap.runs.verdicts import Health
from bayesgap.study.study import Study


@dataclass(frozen=True)
class Facts:
    """A run as a report reads it.

    `changes` are draws (chain, draw, region, year) [person] of each scenario's gap less main's;
    `published` and `sources` are None where the study's tables are not at hand; `answers`,
    `uncertainty` and `moves` where the run does not hold what `bayesgap chapters`, `uncertainty`
    and `sensitivity` write; `evidence` where none came with the package.
    """

    run_id: str
    study: Study
    health: Health
    summary: pd.DataFrame
    outlook: xr.Dataset
    changes: Mapping[str, xr.DataArray]
    titles: Mapping[str, str]
    contraction: Sequence[Mapping[str, Any]] = ()
    together: Sequence[Mapping[str, Any]] = ()
    published: pd.DataFrame | None = None
    sources: Mapping[str, Entry] | None = None
    answers: Answers | None = None
    uncertainty: pd.DataFrame | None = None
    moves: pd.DataFrame | None = None
    evidence: Evidence | None = None

    @property
    def last(self) -> int:
        """Last year of the projection."""
        return self.study.horizon

    @property
    def regions(self) -> list[str]:
        """Target regions, then their total."""
        return [str(name) for name in self.summary["region"].unique()]

    @property
    def focus(self) -> str:
        """The total, or the only region."""
        return self.study.total

    def wide(self, by: By = "total", region: str | None = None, year: int | None = None) -> Any:
        """Rows of the gap (jobs by sector), as `frames.select` gives them."""
        return select(self.summary, Query(region, year, by))

    def gap(self) -> xr.DataArray:
        """Gap of every region (chain, draw, region, year) [person], main projection."""
        years = slice(self.study.base_year, self.last)
        return self.outlook["gap"].sel(year=years).sum("education")

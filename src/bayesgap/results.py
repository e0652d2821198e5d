"""A finished run as its users read it: labelled arrays, tables, figures, analyses, files."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Self

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from bayesgap import schema
from bayesgap.data.tables import read_tables
from bayesgap.errors import BayesgapError, RunError, known_as, require_one_of
from bayesgap.present import figures, show, table
from bayesgap.present.frames import rows_of
from bayesgap.present.history import employment_history
from bayesgap.present.odds import Language
from bayesgap.present.selection import Query, require_split, select
from bayesgap.runs import run as runs
from bayesgap.runs.draws import require_sound
from bayesgap.runs.run import MAIN
from bayesgap.runs.scenarios import read_scenario
from bayesgap.runs.tables import same_tables
from bayesgap.runs.verdicts import Verdict
from bayesgap.study.education_words import education_named

Place = str | PathLike[str]
DATE = "4th quarter"  # of each year of the draws that `Run` gives


class Draws(xr.DataArray):
    """A labelled array whose `sel` names the nearest label where there is none as asked for."""

    __slots__ = ()

    def sel(
        self,
        indexers: Mapping[Any, Any] | None = None,
        method: str | None = None,
        tolerance: Any = None,
        drop: bool = False,
        **indexers_kwargs: Any,
    ) -> Self:
        """`xarray.DataArray.sel`.

        Raises
        ------
        RunError
            A label that the array does not have.
        """
        wanted = {**(indexers or {}), **indexers_kwargs}
        try:
            return super().sel(wanted, method, tolerance, drop)
        except KeyError:
            for dim in wanted.keys() & set(self.dims):
                known = self[dim].to_numpy().tolist()
                for label in np.atleast_1d(wanted[dim]).tolist():
                    require_one_of(str(dim), label, known)
            raise


class Run(runs.Run):
    """A finished run: draws as lazily opened arrays, the published table, health and figures.

    Draws have dims chain, draw, region, year and education (or sector) [person]. Sum and subtract
    draws first, and take quantiles last: `run.gap.sel(region="Hallingdal").sum("education")`.
    """

    @cached_property
    def health(self) -> show.RunHealth:
        """Whether the run may be believed; it prints its verdict and checks."""
        return show.RunHealth(**vars(super().health))

    @property
    def verdict(self) -> Verdict:
        """PASS, REVIEW or FAIL."""
        return self.health.verdict

    @property
    def scenarios(self) -> list[str]:
        """Scenarios of the run, `main` first."""
        return [MAIN, *self.scenario_names]

    @property
    def contraction(self) -> pd.DataFrame:
        """How much the data narrowed each parameter: block, parameter, cells, median, least."""
        return pd.DataFrame(self.json("health.json")["contraction"])

    @property
    def residual_correlation(self) -> pd.DataFrame:
        """Whether blocks err together: correlation of national residuals, pair by pair."""
        return pd.DataFrame(self.json("health.json")["residual_correlation"])

    def _draws(self, quantity: str) -> xr.DataArray:
        years = slice(self.study.base_year, self.study.horizon)
        array = self.outlook[quantity].sel(year=years)
        array = array.assign_coords(year=array["year"].assign_attrs(date=DATE))
        about = {"units": schema.UNITS[quantity], "run_id": self.id, "health": self.verdict}
        return Draws(array.assign_attrs(about))

    @property
    def gap(self) -> xr.DataArray:
        """Demand less supply (chain, draw, region, year, education) [person]; + is a shortage."""
        return self._draws("gap")

    @property
    def supply(self) -> xr.DataArray:
        """Labour supply at the workplace (chain, draw, region, year, education) [person]."""
        return self._draws("supply")

    @property
    def demand(self) -> xr.DataArray:
        """Jobs, filled and unfilled (chain, draw, region, year, education) [person]."""
        return self._draws("demand")

    @property
    def employment(self) -> xr.DataArray:
        """Jobs filled by sector (chain, draw, region, year, sector) [person]."""
        return self._draws("employment")

    def scenario(self, name: str) -> xr.Dataset:
        """Draws of a scenario, paired with those of main: differences are of draws.

        Raises
        ------
        RunError
            The run does not have it.
        """
        return read_scenario(self, name)

    def summary(
        self,
        region: str | None = None,
        year: int | None = None,
        by: table.By = "total",
        quantity: str | None = None,
        scenario: str = "main",
        round_to: float | None = None,
    ) -> pd.DataFrame:
        """Median and equal-tailed 50, 80, 95 % intervals, rounded to what is known.

        Parameters
        ----------
        region : all regions if None
        year : the last year if None
        by : split of a region: total, level, field, education or sector
        quantity : the gap if None, filled jobs where split by sector
        round_to : persons of whose multiples figures are; two digits of the 80 % width if None

        Returns
        -------
        One row a region and part; the verdict and the run's id are in its `attrs`.

        Raises
        ------
        RunError
            The run has no such region, year, split, quantity or scenario.
        """
        wide = select(rows_of(self.rows), Query(region, year, by, quantity, scenario))
        marked = table.assumption_driven(self.health, by)
        frame = pd.DataFrame(table.as_records(wide, by, marked, round_to))
        frame.attrs = {"run_id": self.id, "health": self.verdict, "scenario": scenario}
        return frame

    def chance(
        self,
        at_least: float = 0.0,
        *,
        region: str,
        education: str | Sequence[str] | None = None,
        year: int | None = None,
        scenario: str = "main",
    ) -> float:
        """Probability of a gap of more than 0, or of `at_least` persons where that is more.

        Parameters are those of `gap_draws`, which also says what it raises.
        """
        gap = self.gap_draws(region=region, education=education, year=year, scenario=scenario)
        return float((gap >= at_least if at_least > 0 else gap > 0).mean())

    def gap_draws(
        self,
        *,
        region: str,
        education: str | Sequence[str] | None = None,
        year: int | None = None,
        scenario: str = "main",
    ) -> xr.DataArray:
        """Gap (chain, draw) [person] of one region, year and education.

        Parameters
        ----------
        education : a group or a word for it (`nurse`), or groups whose gaps are summed; all if None
        year : the last year if None

        Raises
        ------
        RunError
            The run has no such region, group, year or scenario.
        """
        found = None if scenario == MAIN else self.scenario(scenario)
        gap, demand, supply = (
            self._draws(name) if found is None else found[name]
            for name in ("gap", "demand", "supply")
        )
        when = self.study.horizon if year is None else year
        groups = list(schema.EDUCATION) if education is None else education
        named = [groups] if isinstance(groups, str) else groups
        wanted = [education_named(group)[0] for group in named]
        region = known_as("region", region, gap["region"].to_numpy().tolist())
        require_one_of("year", when, gap["year"].to_numpy().tolist())
        where = {"region": region, "year": when, "education": wanted}
        chosen = gap.sel(where)
        jobs, people = (values.sel(where).to_numpy() for values in (demand, supply))
        require_sound(chosen.to_numpy(), jobs, people, f"{region} in {when}")
        return chosen.sum("education")

    def compare(
        self,
        scenario: str,
        other: str = MAIN,
        *,
        region: str | None = None,
        year: int | None = None,
        by: table.By = "total",
        quantity: str = "gap",
    ) -> pd.DataFrame:
        """`scenario` less `other` on the same draws, unrounded [person].

        Parameters
        ----------
        region, year : all regions, and the last year, if None

        Returns
        -------
        One row a region and part: medians `a` and `b`, and of the difference the mean, the
        quantiles, `mcse` (share of the 80 % width) and `closes`, the share of draws with a
        shortage in `other` that have none in `scenario`

        Raises
        ------
        RunError
            The run has no such scenario, region, year or quantity, or both are `main`.
        """
        from bayesgap.scenarios.comparison import differences, open_pair

        if {scenario, other} == {MAIN}:
            raise RunError("A scenario must be compared with another; found main twice.")
        require_one_of("quantity", quantity, schema.PUBLISHED)
        require_split(quantity, by)
        return pd.DataFrame(
            differences(open_pair(self, scenario, other), quantity, by, year, region)
        )

    def uncertainty(
        self, years: Sequence[int] | None = None, chunks: int | None = None
    ) -> pd.DataFrame:
        """Shares of the variance of the gap: of each block, and of parameters and future shocks.

        Parameters
        ----------
        years : 4th quarters after the base year; the last one if None
        chunks : chunks of 250 draws a chain to split; all if None

        Returns
        -------
        One row an input, region, part and year; `of` tells inputs from origins
        """
        from bayesgap.sensitivity.workflow import variance_shares

        asked = [self.study.base_year, *(years or [self.study.horizon])]
        inputs, origins, _ = variance_shares(self, asked, chunks)
        return pd.concat([inputs.assign(of="inputs"), origins.assign(of="origins")])

    def sensitivity(
        self, priors: Sequence[str] = ("all",), *, large: bool = False, processes: int | None = None
    ) -> pd.DataFrame:
        """How other priors would move the gap; answers lie in the run and are made once.

        Parameters
        ----------
        priors : `all`, or `block.prior`, names of prior sets, TOML files of them
        large : whether large blocks are fitted again where weights fail, which takes minutes
        processes : all cores if None

        Returns
        -------
        One row a variant, region and part

        Raises
        ------
        StudyError
            There is no such prior or prior set.
        """
        from bayesgap.sensitivity.sweep import sweep

        return sweep(self, list(priors), large, processes or os.cpu_count() or 1, None)

    def arviz(self, block: str, *, likelihood: bool = False) -> xr.DataTree:
        """A fitted block with the groups that ArviZ reads: `plot_ppc_dist`, `psense_summary`.

        Parameters
        ----------
        likelihood : whether `log_likelihood` is worked out too, which `psense_summary` needs

        Returns
        -------
        DataTree with posterior, prior, sample_stats, log_prior, and where the block has tables to
        compare, observed_data and posterior_predictive

        Raises
        ------
        RunError
            There is no such block.
        """
        from bayesgap.sensitivity.arviz_groups import arviz_groups

        require_one_of("block", block, schema.BLOCKS)
        return arviz_groups(self, block, likelihood)

    def report(
        self, path: Place, language: Language = "nb", form: Literal["html", "pdf", "docx"] = "html"
    ) -> Path:
        """Write the report for people to `path`, whole or not at all."""
        from bayesgap.document.workflow import write_report

        write_report(self, language, form, Path(path))
        return Path(path)

    def export(
        self,
        folder: Place,
        form: Literal["csv", "parquet", "xlsx", "netcdf", "hub", "zarr"] = "csv",
        scenario: str = MAIN,
    ) -> Path:
        """Write figures with all bands (or, as zarr, all draws of a scenario) to a new `folder`."""
        from bayesgap.document.export import export_run

        if Path(folder).exists():
            raise RunError(f"{folder} must be new; it exists. Name another folder.")
        export_run(self, form, scenario, Path(folder).absolute())
        return Path(folder)

    def plot_fan(self, region: str | None = None) -> Figure:
        """Supply, demand and gap over time with 50, 80, 95 % bands; the total if no region."""
        name = self._known(region)
        with mpl.rc_context(figures.STYLE):
            return figures.fan_chart(self.rows, self._history, name, self.verdict)

    def plot_groups(self, region: str | None = None, year: int | None = None) -> Figure:
        """Gap of every education group in one year, assumption-driven groups hatched."""
        name, when = self._known(region), self.study.horizon if year is None else year
        marked = table.assumption_driven(self.health, "education")
        with mpl.rc_context(figures.STYLE):
            return figures.groups_chart(self.rows, name, when, marked, self.verdict)

    def _known(self, region: str | None) -> str:
        name = self.study.total if region is None else region
        require_one_of("region", name, self.rows["region"].unique().tolist())
        return name

    @cached_property
    def _history(self) -> pd.DataFrame:
        """Observed employment; empty where the tables of the run are gone or have changed."""
        none = pd.DataFrame(columns=["region", "year", "series", "persons"])
        folder = same_tables(self)
        try:
            return none if folder is None else employment_history(read_tables(folder), self.study)
        except BayesgapError:
            return none

    def __repr__(self) -> str:
        """Verdict, and the gap of every region in the last year."""
        wide = select(rows_of(self.rows), Query())
        return show.run_text(self.id, self.study.title, self.health, wide)

    def _repr_html_(self) -> str:
        wide = select(rows_of(self.rows), Query())
        return show.run_html(self.id, self.study.title, self.health, wide)

"""Every check of content, and what it needs: read by `data check` and before a run computes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import pandas as pd

from bayesgap.data.content.accounts import balance_findings
from bayesgap.data.content.bounds import RATIOS
from bayesgap.data.content.compositions import COMPOSITIONS
from bayesgap.data.content.finding import Finding, Frames
from bayesgap.data.content.grids import GRIDS, grid_findings
from bayesgap.data.content.neighbours import series_findings
from bayesgap.data.content.ratios import ratio_findings
from bayesgap.data.content.rounding import nav_findings, report_findings
from bayesgap.data.content.series import SERIES
from bayesgap.data.content.spreads import SPREADS, sampled_spreads, spread_findings, weighted_shares
from bayesgap.data.content.wholes import CONSTANTS, WHOLES, constant_findings, whole_findings


class ContentCheck(NamedTuple):
    """One check: tables that it reads, and what gives its findings."""

    tables: tuple[str, ...]
    findings: Callable[[Frames], Iterator[Finding]]


CHECKS: tuple[ContentCheck, ...] = (
    *(ContentCheck((one.table,), partial(series_findings, one)) for one in SERIES),
    *(
        ContentCheck((one.of.table, one.to.table), partial(ratio_findings, one))
        for one in (*RATIOS, *COMPOSITIONS)
    ),
    *(ContentCheck((one.table,), partial(whole_findings, one)) for one in WHOLES),
    *(ContentCheck((one.table,), partial(constant_findings, one)) for one in CONSTANTS),
    *(ContentCheck((one.table,), partial(spread_findings, one)) for one in SPREADS),
    *(ContentCheck((one.table,), partial(grid_findings, one)) for one in GRIDS),
    ContentCheck(
        ("migration_flows", "population", "deaths_national", "population_national"),
        balance_findings,
    ),
    ContentCheck(("nav_shortage_2017",), nav_findings),
    ContentCheck(("report_figures",), report_findings),
    ContentCheck(("study_national",), sampled_spreads),
    ContentCheck(
        ("sector_levels_piaac",), partial(weighted_shares, "sector_levels_piaac", ["sector"])
    ),
    ContentCheck(
        ("sector_fields_piaac",),
        partial(weighted_shares, "sector_fields_piaac", ["sector", "level"]),
    ),
)


def content_findings(frames: Frames, checks: Iterable[ContentCheck] = CHECKS) -> list[Finding]:
    """Findings of every check whose tables are there, the worst first.

    Parameters
    ----------
    frames : tables by name, as `data.tables.read_lined` gives them: indexed by line, numbers float
    """
    found = [
        finding
        for check in checks
        if all(_filled(frames, table) for table in check.tables)
        for finding in check.findings(frames)
    ]
    return sorted(found, key=lambda finding: -finding.excess)


def _filled(frames: Mapping[str, pd.DataFrame], table: str) -> bool:
    return table in frames and not frames[table].empty

"""A sum against another sum that bounds it: deaths and residents, counties and the nation, units.

The ratio of the two must lie between `low` and `high`. A `normalised` ratio compares shares: both
sums are divided by their totals over all cells of `within` first, so that a region's composition
is held against the nation's, whatever their sizes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bayesgap.data.compare import number
from bayesgap.data.content.finding import (
    CORRECT,
    Finding,
    Frames,
    Rows,
    any_of,
    chosen,
    derived,
    named,
    no_rows,
)
from bayesgap.errors import Problem


@dataclass(frozen=True)
class Part:
    """The sum of a column over rows of a table, times `scale` (a thousand: 1000)."""

    table: str
    value: str
    only: Rows = field(default_factory=no_rows)
    but: Rows | None = None
    ages: tuple[int, int] | None = None
    scale: float = 1.0

    @property
    def columns(self) -> set[str]:
        """Columns that the check reads, beside those it sums by."""
        return {self.value, *self.only} | ({"age"} if self.ages else set())


@dataclass(frozen=True)
class Ratio:
    """`of` over `to`, each summed by those of the columns `by` that its table has."""

    says: str
    of: Part
    to: Part
    by: tuple[str, ...]
    low: float
    high: float
    within: tuple[str, ...] | None = None
    to_by: tuple[str, ...] | None = None  # where `to` is summed over more than it must be
    least: float = 0.0  # cells whose `of` or expected `of` is smaller are left to chance
    impossible: bool = False


def rows_of(part: Part, frames: Frames) -> pd.DataFrame:
    """Rows that a part sums, with the columns that follow from them."""
    frame = chosen(derived(frames[part.table]), part.only)
    if part.but is not None:
        frame = frame[~any_of(frame, (part.but,))]
    if part.ages is not None:
        frame = frame[frame["age"].between(*part.ages)]
    return frame


def measured(ratio: Ratio, frames: Frames) -> pd.DataFrame:
    """Ratios by cell: columns of `by`, `of`, `to`, `ratio`, and the first `line` of `of`."""
    parts = []
    for part in (ratio.of, ratio.to):
        rows = rows_of(part, frames)
        keys = ratio.to_by if part is ratio.to and ratio.to_by is not None else ratio.by
        by = [name for name in keys if name in rows.columns]
        rows = rows.assign(line=rows.index, sum=part.scale * rows[part.value])
        known = rows["sum"].notna()
        groups = rows.assign(known=known).groupby(by if by else np.zeros(len(rows)), sort=False)
        sums = groups.agg(sum=("sum", "sum"), line=("line", "min"), known=("known", "all"))
        parts.append((by, sums[sums["known"]].drop(columns="known").reset_index(drop=not by)))
    (by, of), (by_to, to) = parts
    on = [name for name in by if name in by_to]
    to = to.drop(columns="line").rename(columns={"sum": "to"})
    cells = of.rename(columns={"sum": "of"})
    cells = cells.merge(to, on=on) if on else cells.assign(to=float(to["to"].iloc[0]))
    if ratio.within is not None:
        within = cells.groupby(list(ratio.within) or np.zeros(len(cells)))
        cells["to"] *= within["of"].transform("sum") / within["to"].transform("sum")
    cells = cells[(cells["to"] > 0) & (np.maximum(cells["of"], cells["to"]) >= ratio.least)]
    return cells.assign(ratio=cells["of"] / cells["to"])


def ratio_findings(ratio: Ratio, frames: Frames) -> Iterator[Finding]:
    """Findings of one ratio: every cell outside its limits."""
    cells = measured(ratio, frames)
    wrong = cells[~cells["ratio"].between(ratio.low, ratio.high)]
    for row in wrong.to_dict("records"):
        keys = {name: row[name] for name in ratio.by if name in row}
        place = f"{named(keys)}: " if keys else ""
        found = f"{place}{ratio.says} is {number(row['ratio'])} ({number(row['of'])} over "
        found += f"{number(row['to'])}), outside {number(ratio.low)} to {number(ratio.high)}"
        file = f"{ratio.of.table}.csv"
        problem = Problem(file, int(row["line"]), ratio.of.value, found, CORRECT, ratio.says)
        low, high = ratio.low / max(row["ratio"], 1e-9), row["ratio"] / ratio.high
        yield Finding(problem, float(max(low, high)), ratio.impossible)

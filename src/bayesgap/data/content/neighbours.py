"""A figure against the figures beside it in its series: the years, ages or months around it.

A figure x is expected at e, which lies on the line between its two neighbours, or is the one
neighbour at an end of the series. It is within its limits when

    (sqrt(e / (1 + share)) - root / 2)^2 - grain
        <= x <= (sqrt(e (1 + share)) + root / 2)^2 + grain               (N1)

`share` is what such series change by. `root` allows for chance in counts, in standard errors: the
root of a count has a standard error of 1/2 whatever its size. `grain` allows for rounding. A wrong
figure makes its neighbours look wrong too: only the one that is furthest outside its limits among
them is a finding.
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
from bayesgap.schema import AGE_MAX


@dataclass(frozen=True)
class Series:
    """The column `value` of a table along one of its dims, and how much it may change.

    `inner` and `ends` are the `share` of N1 between two neighbours and at an end. Only rows of
    `only` take part, and none of `without`; rows of `spared` are neighbours of others alone. `why`
    says why rows are left out or spared.
    """

    table: str
    value: str
    along: str
    by: tuple[str, ...]
    inner: float
    ends: float
    root: float = 0.0
    grain: float = 0.0
    only: Rows = field(default_factory=no_rows)
    without: tuple[Rows, ...] = ()
    spared: tuple[Rows, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        """Table, column and direction, as one word for reports."""
        path = "cohort" if "cohort" in self.by else self.along
        part = "".join(f", {k} {'/'.join(map(str, v))}" for k, v in self.only.items())
        return f"{self.table}.{self.value} by {path}{part}"

    @property
    def columns(self) -> set[str]:
        """Columns that the check reads."""
        return {self.value, self.along, *self.by, *self.only}


def expected(frame: pd.DataFrame, series: Series) -> pd.DataFrame:
    """Rows that have a neighbour, in order, with columns `expected`, `inside` and `chain`.

    `inside` says that there is a neighbour on both sides; `chain` numbers the series.
    """
    frame = chosen(derived(frame), series.only)
    frame = frame[~any_of(frame, series.without)]
    if "cohort" in series.by:
        frame = frame[frame["age"] < AGE_MAX]  # the last age is open: no cohort
    by = list(series.by)
    frame = frame.dropna(subset=[series.value, series.along, *by])
    frame = frame.sort_values([*by, series.along], kind="stable")
    chain = frame.groupby(by, sort=False).ngroup() if by else pd.Series(0, index=frame.index)
    groups = frame.groupby(chain, sort=False)
    before, after = (groups[series.value].shift(step) for step in (1, -1))
    first, last = (groups[series.along].shift(step) for step in (1, -1))
    weight = (frame[series.along] - first) / (last - first)
    middle = before * (1 - weight) + after * weight
    found = frame.assign(
        expected=middle.fillna(before).fillna(after), inside=middle.notna(), chain=chain
    )
    return found[found["expected"].notna() & ~any_of(found, series.spared)]


def limits(rows: pd.DataFrame, series: Series) -> pd.DataFrame:
    """Columns `low` and `high`: the figures that N1 allows, for rows of `expected`."""
    room = 1 + np.where(rows["inside"], series.inner, series.ends)
    e, chance = _floored(rows, series), series.root / 2
    low = (np.sqrt(e / room) - chance).clip(lower=0) ** 2 - series.grain
    high = (np.sqrt(e * room) + chance) ** 2 + series.grain
    return pd.DataFrame({"low": low.clip(lower=0), "high": high})


def _floored(rows: pd.DataFrame, series: Series) -> "pd.Series[float]":
    """What is expected; of a count at least one, since a share of nothing allows nothing."""
    return rows["expected"].clip(lower=1.0 if series.root else 1e-9)


def share_needed(rows: pd.DataFrame, series: Series) -> "pd.Series[float]":
    """The `share` that N1 would need to allow each row: how limits are measured."""
    x, e, chance = rows[series.value], _floored(rows, series), series.root / 2
    above = (np.sqrt((x - series.grain).clip(lower=0)) - chance).clip(lower=0) ** 2 / e - 1
    below = e / (np.sqrt(x + series.grain) + chance) ** 2 - 1
    return pd.Series(np.where(x > e, above, below), rows.index).clip(lower=0).fillna(0.0)


def excess(rows: pd.DataFrame, series: Series) -> "pd.Series[float]":
    """How far each row is outside its limits: 1 or less within them."""
    found, x = limits(rows, series), rows[series.value]
    unit = max(series.grain, 1e-3 if series.root == 0 else 1.0)  # zeros
    return np.maximum((x + unit) / (found["high"] + unit), (found["low"] + unit) / (x + unit))


def series_findings(series: Series, frames: Frames) -> Iterator[Finding]:
    """Findings of one series, the worst of each run of neighbours."""
    rows = expected(frames[series.table], series)
    if rows.empty:
        return
    out = excess(rows, series)
    bounds = limits(rows, series)
    beside = out.groupby(rows["chain"], sort=False)
    worst = (out >= beside.shift(1).fillna(0)) & (out > beside.shift(-1).fillna(0))
    told = rows.assign(**bounds, excess=out)[(out > 1) & worst]
    for row in told.reset_index(names="line").to_dict("records"):
        keys = {name: row[name] for name in (*series.by, series.along)}
        low, high, value = (number(row[name]) for name in ("low", "high", series.value))
        path = "its cohort" if "cohort" in series.by else series.along
        found = f"{named(keys)}: {value} is outside {low} to {high}, by the rows before and after "
        found += f"it in {path}"
        place = f"{series.table}.csv", int(row["line"]), series.value
        yield Finding(Problem(*place, found, CORRECT, series.name), float(row["excess"]))

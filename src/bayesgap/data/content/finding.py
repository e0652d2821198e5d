"""What a check of content found: where, against which limit, and how far outside it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from bayesgap.data.compare import number
from bayesgap.data.sector_sums import SECTOR_SUMS
from bayesgap.errors import Problem

Frames = Mapping[str, pd.DataFrame]  # tables by name, indexed by line in their file
TECHNICAL = ("ict", "science_engineering", "construction", "electrical_mechanical")
INDUSTRY = {sector: name for name, parts in SECTOR_SUMS.items() for sector in parts}
Rows = Mapping[str, tuple[str | int, ...]]
CORRECT = "Correct the row if it is wrong; leave it if the figure is right."


@dataclass(frozen=True)
class Finding:
    """A figure outside its limit.

    `excess` is the figure over its limit, or the limit over it: above 1, and larger when worse.
    An `impossible` figure is refused; any other is a warning.
    """

    problem: Problem
    excess: float
    impossible: bool = False


Check = Callable[[Frames], Iterator[Finding]]


def named(keys: Mapping[str, object]) -> str:
    """Key values as people read them: "region Asker, age 30"."""
    return ", ".join(
        f"{name} {number(value) if isinstance(value, float) else value}"
        for name, value in keys.items()
    )


def no_rows() -> dict[str, tuple[str | int, ...]]:
    """No restriction."""
    return {}


def chosen(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """Rows of `frame` whose columns have one of the values that `rows` names."""
    for column, values in rows.items():
        frame = frame[frame[column].isin(values)]
    return frame


def any_of(frame: pd.DataFrame, sets: Iterable[Rows]) -> "pd.Series[bool]":
    """Say which rows of `frame` belong to any of `sets`."""
    mask = pd.Series(data=False, index=frame.index, dtype=bool)
    for rows in sets:
        mask |= frame.index.isin(chosen(frame, rows).index)
    return mask


def derived(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with columns that follow from its own: cohort, time, level, cell, industry."""
    more: dict[str, pd.Series] = {}
    if {"year", "age"} <= set(frame.columns):
        more["cohort"] = frame["year"] - frame["age"]
    if {"year", "month"} <= set(frame.columns):
        more["time"] = 12 * frame["year"] + frame["month"]
    if "education" in frame:
        parts = frame["education"].str.split(":")
        more["level"], more["field"] = parts.str[0], parts.str[1]
        more["cell"] = more["field"].replace(dict.fromkeys(TECHNICAL, "technical"))
    if "sector" in frame:
        more["industry"] = frame["sector"].map(INDUSTRY)
    if {"prefix", "value", "persons"} <= set(frame.columns):
        more["people"] = frame["value"] * frame["persons"]
    return frame.assign(**more) if more else frame

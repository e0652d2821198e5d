"""Two sums that should be one: line them up, find what is off, say where."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from bayesgap.data.manifest import Manifest
from bayesgap.errors import Problem

Frames = Mapping[str, pd.DataFrame]
Check = Callable[[Frames, Manifest], Iterator[Problem]]

ROUNDING = 10.0  # persons: disclosure rounding; measured 8 (levels), 6 (backgrounds), 2 (nation)


def total(frame: pd.DataFrame, by: list[str], value: str = "persons") -> "pd.Series[float]":
    """Sum of `value` by group; unknown (NaN) if a part is."""
    return frame.groupby(by)[value].sum(skipna=False)


def first_lines(frame: pd.DataFrame, by: list[str]) -> "pd.Series[int]":
    """First line of each group."""
    return frame.assign(_line=frame.index).groupby(by)["_line"].min()


def off(
    file: str,
    check: str,
    manifest: Manifest,
    pair: pd.DataFrame,
    wrong: "pd.Series[bool]",
    lines: "pd.Series[int]",
    column: str,
    says: str,
) -> Iterator[Problem]:
    """One problem for each row of `pair` (columns `here`, `there`) that is wrong, unless exempt."""
    rows = pair[wrong].reset_index()
    rows = rows[~manifest.exempt(file, check, rows)]
    keys = [name for name in rows.columns if name not in ("here", "there")]
    for row in rows.to_dict("records"):
        at: tuple[Any, ...] = tuple(row[key] for key in keys)
        line = lines.get(at if len(keys) > 1 else row[keys[0]])
        place = ", ".join(f"{v:.0f}" if isinstance(v, float) else str(v) for v in at)
        found = f"{place}: {says.format(here=number(row['here']), there=number(row['there']))}"
        fix = "Correct the row that is off, or declare it in manifest.toml (totals) with why."
        row_number = None if line is None else int(line)
        where = tuple(zip(map(str, keys), at, strict=True))
        yield Problem(f"{file}.csv", row_number, column, found, fix, check, where)


def number(value: float) -> str:
    """A figure as people read it: whole, or four digits."""
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def paired(here: "pd.Series[float]", there: "pd.Series[float]") -> pd.DataFrame:
    """Columns `here` and `there` where both are known."""
    return pd.concat({"here": here, "there": there}, axis=1, join="inner").dropna()


def apart(pair: pd.DataFrame, tolerance: float) -> "pd.Series[bool]":
    """Say where the two differ by more than a share and by more than rounding."""
    gap = (pair["here"] - pair["there"]).abs()
    return gap > np.maximum(tolerance * pair["there"].abs(), ROUNDING)

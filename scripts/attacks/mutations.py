"""Kinds of mistakes in a table: each takes its text and gives it back with one mistake.

A mistake is a function of the table's frame of text, what the table must look like, and a random
generator. None comes back where a table cannot have the mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayesgap.data.columns import Number, Table

Made = tuple[pd.DataFrame, str] | None  # the table with a mistake, and where it is
Change = Callable[[pd.DataFrame, Table, np.random.Generator], Made]
AXES = ("year", "month", "age", "first_age", "last_age", "cohort", "occupation_code", "prefix")
NO_FIGURE = (*AXES, "border_year")
SPREADS = ("sd", "log_sd", "level_sd", "recent_sd", "definition_sd", "half_width")
GROUPS = {
    "sectors": ("sector", "industry"),
    "levels": ("level", "education"),
    "regions": ("region", "home", "municipality", "occupation_group"),
    "years": ("year",),
}


@dataclass(frozen=True)
class Kind:
    """A kind of mistake, and whether it is one of a file's form rather than of a figure."""

    name: str
    change: Change | None = None
    text: Callable[[bytes], bytes] | None = None


def figures(table: Table, frame: pd.DataFrame) -> list[str]:
    """Columns that hold figures."""
    return [
        name
        for name, column in table.columns.items()
        if isinstance(column, Number) and name not in NO_FIGURE and name in frame
    ]


def decimals(text: str) -> int:
    """Digits after the point."""
    return len(text.partition(".")[2])


def written(value: float, like: str) -> str:
    """`value` with as many decimals as `like`."""
    return f"{value:.{decimals(like)}f}"


def _pick(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> tuple[int, str] | None:
    columns = figures(table, frame)
    if not columns:
        return None
    column = columns[rng.integers(len(columns))]
    filled = frame.index[frame[column] != ""]
    return (int(filled[rng.integers(len(filled))]), column) if len(filled) else None


def times(factor: float) -> Change:
    """One figure times `factor`."""

    def change(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
        if (cell := _pick(frame, table, rng)) is None:
            return None
        line, column = cell
        was = frame.loc[line, column]
        frame.loc[line, column] = written(float(was) * factor, was)
        return frame, f"line {line}, {column}: {was} to {frame.loc[line, column]}"

    return change


def put(text: Callable[[str], str]) -> Change:
    """One figure written otherwise."""

    def change(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
        if (cell := _pick(frame, table, rng)) is None:
            return None
        line, column = cell
        was = frame.loc[line, column]
        frame.loc[line, column] = text(was)
        return frame, f"line {line}, {column}: {was} to {frame.loc[line, column]}"

    return change


def scaled(factor: float, *, year: bool = False) -> Change:
    """A column of figures times `factor`, in all rows or in those of one year."""

    def change(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
        columns = [name for name in figures(table, frame) if name not in SPREADS]
        if not columns or (year and "year" not in frame):
            return None
        column = columns[rng.integers(len(columns))]
        rows = frame.index
        if year:
            rows = rows[frame["year"] == rng.choice(frame["year"].unique())]
        cells = frame.loc[rows, column]
        frame.loc[rows, column] = [t and written(float(t) * factor, t) for t in cells]
        where = f" in {frame.loc[rows[0], 'year']}" if year else ""
        return frame, f"{column}{where} times {factor:g}"

    return change


def percent(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """A column of shares in percent, or of percent as shares."""
    columns = [n for n in figures(table, frame) if decimals("".join(frame[n].head(1))) >= 1]
    columns = [n for n in columns if n not in SPREADS and n != "employed_1000"]
    if not columns:
        return None
    column = columns[rng.integers(len(columns))]
    values = pd.to_numeric(frame[column])
    factor = 100.0 if values.abs().max() <= 1 else 0.01
    frame[column] = [t and f"{float(t) * factor:.6g}" for t in frame[column]]
    return frame, f"{column} times {factor:g}"


def swapped_spread(*, whole: bool) -> Change:
    """A figure and its spread in each other's column, in one row or in all."""

    def change(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
        columns = figures(table, frame)
        spread = [name for name in columns if name in SPREADS]
        value = [name for name in columns if name not in SPREADS]
        if not spread or not value:
            return None
        pair = [value[rng.integers(len(value))], spread[rng.integers(len(spread))]]
        rows = frame.index if whole else frame.index[[rng.integers(len(frame))]]
        frame.loc[rows, pair] = frame.loc[rows, pair[::-1]].to_numpy()
        return frame, f"{' and '.join(pair)}{'' if whole else f', line {rows[0]}'}"

    return change


def shifted(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """A column of figures moved down by a row; the last figure comes first."""
    columns = figures(table, frame)
    if not columns:
        return None
    column = columns[rng.integers(len(columns))]
    frame[column] = np.roll(frame[column].to_numpy(), 1)
    return frame, f"{column} by a row"


def shifted_from(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """A column of figures moved down by a row from some line on, where one was left out."""
    columns = figures(table, frame)
    if not columns:
        return None
    column = columns[rng.integers(len(columns))]
    start = int(rng.integers(len(frame) - 1))
    values = frame[column].to_numpy().copy()
    values[start + 1 :] = frame[column].to_numpy()[start:-1]
    frame[column] = values
    return frame, f"{column} by a row from line {frame.index[start + 1]}"


def exchanged(group: str, *, everywhere: bool = False) -> Change:
    """The names of two sectors, levels, regions or years in each other's place.

    In the rows of one year, or of one region where years change places; else everywhere.
    """

    def change(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
        columns = [name for name in GROUPS[group] if name in table.key and name in frame]
        rows = frame.index
        if not columns:
            return None
        column = columns[rng.integers(len(columns))]
        others = [n for n in ("year", "region", "home", "municipality") if n in frame]
        others = [n for n in others if n != column and n in table.key]
        if not everywhere:
            if not others:
                return None
            one = rng.choice(frame[others[0]].unique())
            rows = rows[frame[others[0]] == one]
        names = frame.loc[rows, column].unique()
        if len(names) < 2:
            return None
        a, b = rng.choice(names, 2, replace=False)
        frame.loc[rows, column] = frame.loc[rows, column].map(lambda v: {a: b, b: a}.get(v, v))
        return frame, f"{a} and {b}{'' if everywhere else f' in {one}'}"

    return change


def repeated(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """A row that stands twice."""
    at = int(rng.integers(len(frame)))
    return pd.concat([frame, frame.iloc[[at]]]), f"line {frame.index[at]}"


def deleted(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """A row that is missing."""
    line = frame.index[rng.integers(len(frame))]
    return frame.drop(index=line), f"line {line}"


def renamed(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """The headers of two columns of figures in each other's place."""
    columns = figures(table, frame)
    if len(columns) < 2:
        return None
    a, b = rng.choice(columns, 2, replace=False)
    return frame.rename(columns={a: b, b: a}), f"{a} and {b}"


def reordered(frame: pd.DataFrame, table: Table, rng: np.random.Generator) -> Made:
    """Columns in another order."""
    return frame[rng.permutation(list(frame.columns))], "all columns"


KINDS: tuple[Kind, ...] = (
    *(Kind(f"a figure ×{factor:g}", times(factor)) for factor in (10, 1000, 1.6)),
    *(Kind(f"a figure ÷{factor:g}", times(1 / factor)) for factor in (10, 1.6)),
    Kind("a figure with the other sign", put(lambda was: was[1:] if was[0] == "-" else f"-{was}")),
    Kind("a figure 0", put(lambda was: "0")),
    Kind("a figure left out", put(lambda was: "")),
    Kind("text in place of a figure", put(lambda was: f"{was}*")),
    Kind("a figure with a space in it", put(lambda was: f"{was[:1]} {was[1:]}")),
    Kind("a figure and its spread swapped", swapped_spread(whole=False)),
    Kind("columns of figures and spreads swapped", swapped_spread(whole=True)),
    Kind("headers of two columns swapped", renamed),
    Kind("a column shifted by a row", shifted),
    Kind("a column shifted from a row on", shifted_from),
    *(Kind(f"two {group} swapped in a part", exchanged(group)) for group in GROUPS),
    *(Kind(f"two {g} swapped everywhere", exchanged(g, everywhere=True)) for g in GROUPS),
    Kind("a column ×1000", scaled(1000)),
    Kind("a column ÷1000", scaled(0.001)),
    Kind("a column of one year ×10", scaled(10, year=True)),
    Kind("a column of one year ÷1000", scaled(0.001, year=True)),
    Kind("percent for shares, or shares for percent", percent),
    Kind("a row twice", repeated),
    Kind("a row left out", deleted),
    Kind("columns in another order", reordered),
    Kind("UTF-16", text=lambda data: data.decode().encode("utf-16")),
    Kind("a mark of byte order", text=lambda data: b"\xef\xbb\xbf" + data),
    Kind("lines ended as in Windows", text=lambda data: data.replace(b"\n", b"\r\n")),
    Kind("semicolons for commas", text=lambda data: data.replace(b",", b";")),
    Kind("the second half cut off", text=lambda data: data[: len(data) // 2]),
)

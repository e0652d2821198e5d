"""Checks of one table by itself: types, ranges, codes, duplicates, missing years."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
import pandera.pandas as pa

from bayesgap.data.columns import Code, Column, Number, Region, Table, Text
from bayesgap.data.manifest import Entry
from bayesgap.errors import Problem

# A table with so many faulty rows is not full of typing errors: its columns may be swapped.
_SWAP_SHARE = 0.5
_UNFIT = {
    "range": "{} is out of range",
    "whole": "{} is not a whole number",
    "code": "unknown code {!r}",
}


@dataclass(frozen=True)
class Fault:
    """A value that cannot stand in its column."""

    line: int
    column: str
    found: str
    fix: str


def typed(raw: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Numbers as float (NaN where the text is none), text as it is (NaN where empty)."""
    return pd.DataFrame(
        {
            name: pd.to_numeric(raw[name], errors="coerce").astype(float)
            if isinstance(table.columns[name], Number)
            else raw[name].where(raw[name] != "")
            for name in map(str, raw.columns)
        },
        index=raw.index,
    )


def pandera_schema(table: Table, regions: Mapping[str, tuple[str, ...]]) -> pa.DataFrameSchema:
    """Build what pandera checks: one column each, empty cells apart (see `empty_cells`)."""
    return pa.DataFrameSchema(
        {name: _pandera_column(column, regions) for name, column in table.columns.items()}
    )


def _pandera_column(column: Column, regions: Mapping[str, tuple[str, ...]]) -> pa.Column:
    if isinstance(column, Number):
        checks = [pa.Check.in_range(column.low, column.high, error="range")]
        if column.whole:
            checks.append(pa.Check(lambda values: values % 1 == 0, error="whole"))
        return pa.Column(float, checks, nullable=True, required=False)
    if isinstance(column, Text):
        return pa.Column(None, nullable=True, required=False)
    codes = codes_of(column, regions)
    return pa.Column(None, pa.Check.isin(codes, error="code"), nullable=True, required=False)


def codes_of(column: Code | Region, regions: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Values that a coded column may take."""
    if isinstance(column, Code):
        return column.codes
    return tuple(dict.fromkeys(name for kind in column.kinds for name in regions.get(kind, ())))


def value_faults(
    raw: pd.DataFrame,
    frame: pd.DataFrame,
    table: Table,
    entry: Entry | None,
    regions: Mapping[str, tuple[str, ...]],
) -> list[Fault]:
    """Every value of the wrong type, out of range, of an unknown code or left empty.

    `frame` is what `typed` makes of `raw`.
    """
    faults = _empty_cells(raw, frame, table, entry)
    for name, column in table.columns.items():
        if name in raw and isinstance(column, Number):
            lines = raw.index[frame[name].isna() & (raw[name] != "")]
            fix = f"Write {_wanted(column, regions)}."
            faults += [Fault(n, name, f"{raw.loc[n, name]!r} is not a number", fix) for n in lines]
    try:
        pandera_schema(table, regions).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        for name, line, check in zip(cases["column"], cases["index"], cases["check"], strict=True):
            fix = f"Write {_wanted(table.columns[name], regions)}."
            found = _UNFIT[check].format(raw.loc[line, name])
            faults.append(Fault(int(line), name, found, fix))
    return sorted(set(faults), key=lambda fault: (fault.line, fault.column))


def _wanted(column: Column, regions: Mapping[str, tuple[str, ...]]) -> str:
    if isinstance(column, Number):
        kind = "a whole number" if column.whole else "a number"
        return f"{kind} from {column.low:.0f} to {column.high:.0f}"
    if isinstance(column, Text):
        return "some text"
    codes = ", ".join(codes_of(column, regions))
    added = " or add the region to reference/regions.csv" if isinstance(column, Region) else ""
    return f"one of: {codes}{added}"


def _empty_cells(
    raw: pd.DataFrame, frame: pd.DataFrame, table: Table, entry: Entry | None
) -> list[Fault]:
    faults = []
    declared = pd.Series(data=False, index=raw.index)
    for exemption in entry.empty_cells if entry else ():
        declared |= exemption.covers(frame)
    for name in map(str, raw.columns):
        column = table.columns[name]
        empty = raw[name] == ""
        if not empty.any() or (isinstance(column, Text) and column.empty):
            continue
        values = isinstance(column, Number) and name not in table.key
        lines = raw.index[empty & ~declared] if values else raw.index[empty]
        fix = "Fill it, or declare it in manifest.toml (empty_cells) with the reason."
        faults += [Fault(int(line), name, "the cell is empty", fix) for line in lines]
    return faults


def swapped_columns(
    raw: pd.DataFrame,
    table: Table,
    entry: Entry | None,
    regions: Mapping[str, tuple[str, ...]],
    faults: list[Fault],
) -> tuple[str, str] | None:
    """Pair of columns whose exchange heals (nearly) all `faults` of a table that has many."""
    if len({fault.line for fault in faults}) < _SWAP_SHARE * len(raw):
        return None
    suspects = {fault.column for fault in faults}
    for one, other in combinations(raw.columns, 2):
        if one in suspects or other in suspects:
            healed = raw.rename(columns={one: other, other: one})[list(raw.columns)]
            left = value_faults(healed, typed(healed, table), table, entry, regions)
            if len(left) < 0.01 * len(faults):
                return str(one), str(other)
    return None


def duplicates(file: str, raw: pd.DataFrame, table: Table, bad: set[int]) -> list[Problem]:
    """Rows whose key stands further up already."""
    if not set(table.key) <= set(raw.columns):
        return []
    keys = raw.drop(index=list(bad))[list(table.key)]
    twice = keys[keys.duplicated(keep=False)]
    problems = []
    for values, group in twice.groupby(list(table.key), sort=False):
        lines, parts = group.index, values if isinstance(values, tuple) else (values,)
        place = ", ".join(f"{k} {v}" for k, v in zip(table.key, parts, strict=True))
        found = f"the same row as line {lines[0]} ({place})"
        fix = "Keep one of the two."
        problems += [Problem(file, int(line), None, found, fix) for line in lines[1:]]
    return problems


def missing_years(
    file: str, frame: pd.DataFrame, table: Table, entry: Entry | None, bad_keys: int
) -> tuple[list[Problem], list[Problem]]:
    """Years, and rows of a year, that the manifest promises and the table lacks.

    `frame` holds rows without faults; up to `bad_keys` absent rows of a year are those with
    faults, reported already.

    Returns
    -------
    Problems of years that are absent altogether, and of years that lack some of their rows.
    """
    names = [*table.series, "year", *table.cells]
    if "year" not in table.key or not set(names) <= set(frame.columns) or frame.empty:
        return [], []
    span = entry.years if entry and entry.years else None
    first, last = span or (int(frame["year"].min()), int(frame["year"].max()))
    years = pd.DataFrame({"year": [float(year) for year in range(first, last + 1)]})
    wanted = years
    if table.series:
        wanted = frame[list(table.series)].drop_duplicates().merge(years, how="cross")
    if table.cells:
        wanted = wanted.merge(frame[list(table.cells)].drop_duplicates(), how="cross")
    wanted = wanted[names]
    for gap in entry.gaps if entry else ():
        wanted = wanted[~gap.covers(wanted)]
    have = pd.MultiIndex.from_frame(frame[names])
    absent = wanted[~pd.MultiIndex.from_frame(wanted).isin(have)]
    by = [*table.series, "year"]
    full = {values: len(group) for values, group in wanted.groupby(by)}
    years_lost, rows_lost = [], []
    for values, group in absent.groupby(by):
        if len(group) > bad_keys:
            lost = years_lost if len(group) == full[values] else rows_lost
            lost.append(_missing(file, table, values, group, full[values]))
    return years_lost, rows_lost


def _missing(
    file: str, table: Table, values: tuple[object, ...], group: pd.DataFrame, full: int
) -> Problem:
    place = ", ".join(f"{k} {v}" for k, v in zip(table.series, values[:-1], strict=True))
    year = f"{int(float(str(values[-1])))}"
    where = f" of {place}" if place else ""
    fix = "Add it, or declare the gap in manifest.toml (gaps) with the reason."
    if len(group) == full:
        return Problem(file, None, "year", f"year {year}{where} is missing", fix)
    cells = [
        " ".join(f"{name} {f'{v:g}' if isinstance(v, float) else v}" for name, v in row.items())
        for row in group[list(table.cells)].head(3).to_dict("records")
    ]
    more = f" and {len(group) - 3} more" if len(group) > 3 else ""
    found = f"year {year}{where} lacks {len(group)} of {full} rows: {'; '.join(cells)}{more}"
    return Problem(file, None, "year", found, fix)

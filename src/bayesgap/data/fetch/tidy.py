"""Cells of a source, in its codes, to rows of a table in ours."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.data.fetch.catalogue import ColumnSpec, Source
from bayesgap.data.fetch.jsonstat import NOT_APPLICABLE
from bayesgap.data.fetch.places import Places
from bayesgap.errors import FetchError

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Wanted:
    """Regions of a study by kind, and its base year."""

    targets: tuple[str, ...]
    pooling: tuple[str, ...]
    base_year: int = 2024

    def of(self, which: str) -> tuple[str, ...]:
        """Regions of a kind; `study` is all of them."""
        return {"targets": self.targets, "pooling": self.pooling}.get(
            which, self.targets + self.pooling
        )


def leading_number(code: str) -> int | None:
    """First whole number in a code: "000", "105+", "0 år" and "2024K1" have one."""
    found = _NUMBER.search(code)
    return None if found is None else int(found[0])


def translation(
    spec: ColumnSpec, codes: Iterable[str], places: Places, wanted: Wanted
) -> dict[str, str]:
    """Our code by the source's, for the codes of a variable that the study wants."""
    codes = [code for code in codes if isinstance(code, str)]  # an empty cell is none
    if spec.places is not None:
        known = places.region_of(wanted.of(spec.places))
        found = {
            c: known[c.removeprefix(spec.prefix)]
            for c in codes
            if c.removeprefix(spec.prefix) in known
        }
        return found | {c: spec.also[c] for c in codes if c in spec.also}
    if spec.number:
        found = {c: str(n) for c in codes if (n := _numbered(spec, c)) is not None}
        _once_each(spec, found)
        return found
    mapping = spec.mapping()
    if mapping is None:
        return {c: c for c in codes}
    known = mapping | ({spec.whole: spec.whole} if spec.whole is not None else {})
    return {c: known[c] for c in codes if c in known}


def _once_each(spec: ColumnSpec, found: Mapping[str, str]) -> None:
    """Raise FetchError where two codes are the same number: groups stand beside single values."""
    first: dict[str, str] = {}
    for code, number in found.items():
        if first.setdefault(number, code) != code and number != str(spec.top):
            raise FetchError(
                f"{spec.variable} has {first[number]} and {code}, both read as {number}: say in "
                "the mapping file, as `form`, which codes are meant."
            )


def _numbered(spec: ColumnSpec, code: str) -> int | None:
    number = leading_number(code)
    if number is None or (spec.form and not re.fullmatch(spec.form, code)):
        return None
    number = number + spec.shift
    if (spec.first is not None and number < spec.first) or (
        spec.last is not None and number > spec.last
    ):
        return None
    return number if spec.top is None else min(number, spec.top)


def long_frame(cells: xr.Dataset) -> pd.DataFrame:
    """One row a cell: codes of every dim, `value`, `status`."""
    frame = cells.to_dataframe().reset_index()
    names = [str(name) for name in cells["value"].dims]
    return frame.astype(dict.fromkeys(names, str))[[*names, "value", "status"]]


def tidy(frame: pd.DataFrame, source: Source, places: Places, wanted: Wanted) -> pd.DataFrame:
    """Rows of our table: our columns, then the values, summed over what is mapped together.

    A cell that does not apply (".": nobody of that kind, a municipality that did not exist then)
    is no one; a sum with any other cell without a figure is unknown (NaN), and so told.
    """
    for variable, codes in source.fixed.items():
        _require_variable(frame, variable)
        frame = frame[frame[variable].astype(str).isin(codes)]
    frame = _applicable(frame, source)
    keys = pd.DataFrame(index=frame.index)
    weight = pd.Series(1.0, index=frame.index)
    for name, spec in source.columns.items():
        _require_variable(frame, spec.variable)
        text = frame[spec.variable].astype(str)
        ours = translation(spec, text.unique(), places, wanted)
        if spec.each is not None:
            stripped = text.str.removeprefix(spec.prefix)
            called = {c: places.name_of(c) for c in stripped[text.isin(list(ours))].unique()}
            keys[spec.each] = stripped.map(called)
        keys[name] = text.map(ours)
        if spec.parts:
            frame, keys, weight = _divided(frame, keys, weight, name, spec)
    sums = [_summed(frame, keys, weight, source, value) for value in source.values]
    joined = _with_whole(pd.concat(sums, axis=1).reset_index(), source)
    for name, spec in source.columns.items():
        if spec.number:
            joined[name] = joined[name].astype(int)
    return joined.sort_values(list(keys.columns), ignore_index=True)


def _require_variable(frame: pd.DataFrame, variable: str) -> None:
    if variable not in frame:
        raise FetchError(f"There is no column {variable}; found {list(frame.columns)}.")


def _applicable(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Cells that do not apply as 0; periods in which none applies left out."""
    if "status" not in frame:
        return frame
    void = frame["status"] == NOT_APPLICABLE
    period = next((c.variable for c in source.columns.values() if c.number), None)
    if period is not None:
        empty = void.groupby(frame[period]).transform("all")
        frame, void = frame[~empty], void[~empty]
    return frame.assign(value=frame["value"].mask(void, 0.0))


def _divided(
    frame: pd.DataFrame, keys: pd.DataFrame, weight: "pd.Series[float]", name: str, spec: ColumnSpec
) -> tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"]:
    """Rows of codes that are divided between several of ours, once for each, with its share."""
    text = frame[spec.variable].astype(str)
    shares = [(code, ours, part) for code, of in spec.parts.items() for ours, part in of.items()]
    whole = ~text.isin(list(spec.parts))
    rows, own, by = [frame[whole]], [keys[whole]], [weight[whole]]
    for code, ours, part in shares:
        mine = text == code
        rows.append(frame[mine])
        own.append(keys[mine].assign(**{name: ours}))
        by.append(weight[mine] * part)
    whole_rows, whole_keys = (pd.concat(part, ignore_index=True) for part in (rows, own))
    return whole_rows, whole_keys, pd.concat(by, ignore_index=True)


def _summed(
    frame: pd.DataFrame,
    keys: pd.DataFrame,
    weight: "pd.Series[float]",
    source: Source,
    value: str,
) -> "pd.Series[float]":
    code = source.values[value]
    rows = keys.dropna().index
    if source.file is not None:
        numbers = pd.to_numeric(frame[code or value], errors="coerce")
    else:
        numbers = frame["value"]
        if code:
            rows = rows[(frame.loc[rows, source.measure].astype(str) == code).to_numpy()]
    numbers = (numbers * weight).loc[rows]
    by = [keys.loc[rows, name] for name in keys.columns]
    unknown = numbers.isna().groupby(by).any()
    return numbers.groupby(by).sum().mask(unknown).rename(value)


def _with_whole(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Add the sum over a column whose `whole` is named, unless the source gives it itself.

    A whole of no one beside parts that have some is a figure that the source lacks, not a zero.
    """
    values = list(source.values)
    for name, spec in source.columns.items():
        if spec.whole is not None:
            keys = [c for c in frame.columns if c not in (name, *values)]
            given, parts = frame[frame[name] == spec.whole], frame[frame[name] != spec.whole]
            sums = parts.assign(_all=0).groupby([*keys, "_all"])[values].sum(min_count=1)
            sums, listed = sums.reset_index(), parts[parts[name] != "00"]
            if given.empty:
                whole = sums.assign(**{name: spec.whole})
            else:
                whole = given.assign(_all=0).merge(
                    sums, "left", [*keys, "_all"], suffixes=("", "_")
                )
                for value in values:
                    void = (whole[value] == 0) & (whole[f"{value}_"] > 0)
                    whole[value] = whole[value].mask(void)
            frame = pd.concat([listed, whole])[list(frame.columns)]
    return frame


def with_provenance(
    frame: pd.DataFrame, source: Source, origin: str, border_year: int
) -> pd.DataFrame:
    """`frame` with the columns that say where a row comes from."""
    out = frame.assign(**source.constants)
    for name, rule in source.follows.items():
        out[name] = out[rule["column"]].map(rule)
    out["border_year"] = border_year
    covered = source.columns.get("region")
    apart = covered.each if covered is not None else None
    out["coverage"] = out[apart] if apart else "all"
    status = source.status
    return out.assign(
        source=origin if status != "assumed" else f"assumed: {source.assumed}", status=status
    )


def whole_numbers(frame: pd.DataFrame, columns: Mapping[str, bool]) -> pd.DataFrame:
    """Counts as whole numbers, where every figure is one or unknown."""
    for name, whole in columns.items():
        if whole and name in frame:
            numbers = pd.to_numeric(frame[name], errors="coerce")
            frame[name] = np.round(numbers).astype("Int64")
    return frame

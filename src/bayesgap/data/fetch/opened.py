"""Tables taken as their bank describes them: every dim a column, regions limited to the study's.

No mapping file needs to know their codes. Models do not read them.
"""

import math
import re

import pandas as pd

from bayesgap.data.fetch.catalogue import ColumnSpec, Source
from bayesgap.data.fetch.places import Places
from bayesgap.data.fetch.pxweb import Metadata
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.errors import FetchError

MOST_CELLS = 1_000_000
FEW = 100  # regions of a table that has no municipality of ours but counties, or the nation
_RATE = re.compile(r"%|\b(prosent|promille|percent|per|andel|rate|index|indeks)\b", re.IGNORECASE)


def opened(
    source: Source, metadata: Metadata, places: Places, wanted: Wanted, most: int = MOST_CELLS
) -> tuple[Source, list[str]]:
    """`source` with a column for every dim of its table, and what must be told of it.

    Regions are the study's, summed over municipalities, so that rates are left out; a table
    without municipalities keeps all of its regions. Above `most` cells the bank sums over a dim
    where it can: the one with the fewest codes that suffices.

    Raises
    ------
    FetchError
        The table has neither the study's municipalities nor few regions, has rates only, or has
        too many cells.
    """
    told: list[str] = []
    columns: dict[str, ColumnSpec] = {}
    sizes: dict[str, int] = {}
    geo, time, metric = (_dim(metadata, role) for role in ("geo", "time", "metric"))
    local = geo is not None and _is_local(metadata, geo, places, wanted)
    for name, variable in metadata.variables.items():
        size = len(variable.codes)
        if name == geo and local:
            columns["region"] = ColumnSpec(variable=name, places="study")
            size = len(_ours(metadata, name, places, wanted))
        elif name == metric:
            counts = _counts(metadata, name) if local else list(variable.codes)
            if local and len(counts) < size:
                told.append("rates are left out: they cannot be summed over municipalities")
            columns[name] = ColumnSpec(variable=name, map={code: code for code in counts})
            size = len(counts)
        elif name == time and all(re.fullmatch(r"\d{4}", code) for code in variable.codes):
            columns["year"] = ColumnSpec(variable=name, number=True)
        else:
            columns[name] = ColumnSpec(variable=name, map="same")
        sizes[name] = size
    told += _shortened(metadata, columns, sizes, {geo, time, metric}, most)
    changed = {"values": {"value": ""}, "columns": columns, "open": False, "optional": True}
    return source.model_copy(update=changed | {"measure": metric or source.measure}), told


def labelled(frame: pd.DataFrame, source: Source, metadata: Metadata) -> pd.DataFrame:
    """`frame` with the bank's words beside each of its codes."""
    for name, column in source.columns.items():
        variable = metadata.variables[column.variable]
        words = dict(zip(variable.codes, variable.labels, strict=True))
        if column.map is not None and any(code != word for code, word in words.items()):
            place = list(frame.columns).index(name) + 1
            frame.insert(place, f"{name}_label", frame[name].map(words))
    return frame


def described(metadata: Metadata) -> str:
    """Dims of a table and how many codes each has: "Region 5 x Tid 2"."""
    return " x ".join(f"{n} {len(v.codes)}" for n, v in metadata.variables.items())


def _dim(metadata: Metadata, role: str) -> str | None:
    """Dim of a role; banks that tell no role name it as Statistics Norway does."""
    usual = {"geo": "Region", "time": "Tid", "metric": "ContentsCode"}[role]
    named = metadata.roles.get(role, ())
    return named[0] if named else usual if usual in metadata.variables else None


def _ours(metadata: Metadata, geo: str, places: Places, wanted: Wanted) -> list[str]:
    known = places.region_of(wanted.of("study"))
    return [code for code in metadata.variables[geo].codes if code in known]


def _is_local(metadata: Metadata, geo: str, places: Places, wanted: Wanted) -> bool:
    if _ours(metadata, geo, places, wanted):
        return True
    found = len(metadata.variables[geo].codes)
    if found > FEW:
        raise FetchError(f"Table {metadata.table} has {found} regions, but none of the study's.")
    return False


def _counts(metadata: Metadata, metric: str) -> list[str]:
    """Codes of a measure that are no rates, by their units and words."""
    variable = metadata.variables[metric]
    counts = [
        code
        for code, label in zip(variable.codes, variable.labels, strict=True)
        if not _RATE.search(f"{metadata.units.get(code, '')} {label}")
    ]
    if not counts:
        raise FetchError(f"Table {metadata.table} has rates only: municipalities cannot be summed.")
    return counts


def _shortened(
    metadata: Metadata,
    columns: dict[str, ColumnSpec],
    sizes: dict[str, int],
    kept: set[str | None],
    most: int,
) -> list[str]:
    """Take dims out of `columns`, in place, until the cells are few enough."""
    told = []
    while (cells := math.prod(sizes.values())) > most:
        may = [n for n in sizes if metadata.variables[n].elimination and n not in kept]
        if not may:
            raise FetchError(f"Table {metadata.table} has {cells} cells, more than {most}.")
        enough = [n for n in may if cells / sizes[n] <= most]
        name = min(enough, key=sizes.__getitem__) if enough else max(may, key=sizes.__getitem__)
        told.append(f"summed over {name}: the whole would be {cells} cells")
        del sizes[name], columns[name]
    return told

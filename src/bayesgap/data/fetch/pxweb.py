"""PxWebApi v2: metadata of a table, and any selection of its cells, in as few requests as allowed.

Selections are checked against the table's metadata before anything is asked, codes are asked once
each (a repeated code is an empty HTTP 500 at Statistics Norway), queries above the cell limit are
split, and long ones go by POST (an address over about 2 100 characters is answered by a 404 page).
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from bayesgap.data.fetch.cache import Asked, Cache
from bayesgap.data.fetch.http import Line
from bayesgap.data.fetch.jsonstat import (
    parse_json,
    read_attributes,
    read_dataset,
    read_labels,
    read_roles,
)
from bayesgap.errors import FetchError

LONGEST_ADDRESS = 2000
Selection = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Variable:
    """A dim of a table: its codes and labels, whether it may be left out, its codelists."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    elimination: bool
    codelists: tuple[str, ...]


@dataclass(frozen=True)
class Metadata:
    """What a table says of itself; `roles` has the dims of time, geo and metric."""

    table: str
    updated: str
    label: str
    notes: tuple[str, ...]
    variables: Mapping[str, Variable]
    roles: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]


class Bank:
    """A statistics bank: one server, one cache.

    Parameters
    ----------
    refresh
        Ask for metadata again; data are asked again only where the table's time of update moved.
    offline
        Send nothing: what is not in the cache is an error.
    root
        Path of the interface on its host.
    """

    def __init__(
        self,
        line: Line,
        cache: Cache,
        *,
        language: str = "no",
        max_cells: int = 800_000,
        refresh: bool = False,
        offline: bool = False,
        root: str | None = None,
    ) -> None:
        """Keep the parts; nothing is sent yet."""
        self.root = root or ""
        self.line, self.cache, self.language = line, cache, language
        self.max_cells, self.refresh, self.offline = max_cells, refresh, offline
        self.used: list[Asked] = []
        self._fresh: set[str] = set()

    def ask[Read](
        self,
        path: str,
        query: Mapping[str, str],
        read: Callable[[bytes], Read],
        *,
        body: object = None,
        version: str = "",
    ) -> Read:
        """What `read` makes of the answer from the cache, else from the server.

        What `read` refuses is not kept.
        """
        path = f"{self.root}/{path}".lstrip("/")
        url = self.line.url(path, query)
        text = "" if body is None else json.dumps(body, ensure_ascii=False, sort_keys=True)
        again = self.refresh and not version and url not in self._fresh
        known = None if again else self.cache.find(url, text, version)
        if known is not None:
            self.line.tally.cached += 1
            self.used.append(known[0])
            return read(known[1])
        if self.offline:
            raise FetchError(f"Offline, and {url[:160]} is not in the cache {self.cache.folder}.")
        content = self.line.send(path, query, body)
        result = read(content)
        self._fresh.add(url)
        self.used.append(self.cache.keep(url, content, text, version))
        return result

    def metadata(self, table: str) -> Metadata:
        """Dims, codes and time of update of a table."""
        document = self.ask(f"tables/{table}/metadata", {"lang": self.language}, parse_json)
        codes, labels = read_labels(document)
        attributes = read_attributes(document)
        variables = {}
        for name in codes:
            extension = document["dimension"][name].get("extension") or {}
            lists = [entry for entry in extension.get("codelists") or () if isinstance(entry, dict)]
            variables[name] = Variable(
                codes[name],
                labels[name],
                extension.get("elimination") is True,
                tuple(str(entry.get("id")) for entry in lists),
            )
        updated, label = attributes.get("updated", ""), attributes.get("label", table)
        return Metadata(
            table,
            updated,
            label,
            tuple(attributes["notes"]),
            variables,
            read_roles(document, variables),
            attributes["units"],
        )

    def codelist(self, name: str) -> dict[str, tuple[str, ...]]:
        """Codes of a codelist and the table codes that each sums over."""
        document = self.ask(f"codelists/{name}", {"lang": self.language}, parse_json)
        values = document.get("values")
        if not isinstance(values, list):
            raise FetchError(f"The codelist {name} must list its values.")
        return {
            str(entry["code"]): tuple(map(str, entry.get("valueMap") or ()))
            for entry in values
            if isinstance(entry, dict) and "code" in entry
        }

    def cells(
        self, table: str, selection: Selection, codelists: Mapping[str, str] | None = None
    ) -> xr.Dataset:
        """Cells of a selection: `value` and `status` over the selected dims.

        Parameters
        ----------
        selection
            Codes by variable; variables that are left out are summed over by the server, where
            the table allows that.
        codelists
            Codelist by variable: its codes are then meant.

        Raises
        ------
        FetchError
            A variable or code that the table does not have, one that must not be left out, or an
            answer with other codes than were asked for.
        """
        metadata, lists = self.metadata(table), codelists or {}
        wanted = {name: tuple(dict.fromkeys(codes)) for name, codes in selection.items()}
        _require_known(metadata, wanted, {n: tuple(self.codelist(c)) for n, c in lists.items()})
        shape = tuple(len(codes) for codes in wanted.values())
        value, status = np.full(shape, np.nan), np.zeros(shape, dtype="U8")
        attributes: dict[str, Any] = {}
        for part in split(wanted, self.max_cells):
            block = self._part(metadata, part, lists)
            place = np.ix_(*([wanted[n].index(c) for c in codes] for n, codes in part.items()))
            value[place] = block["value"].transpose(*wanted).values
            status[place] = block["status"].transpose(*wanted).values
            attributes = block.attrs
        dims = tuple(wanted)
        return xr.Dataset(
            {"value": (dims, value), "status": (dims, status)},
            coords={name: list(codes) for name, codes in wanted.items()},
            attrs={**attributes, "table": table, "updated": metadata.updated},
        )

    def _part(
        self, metadata: Metadata, part: Mapping[str, tuple[str, ...]], lists: Mapping[str, str]
    ) -> xr.Dataset:
        path = f"tables/{metadata.table}/data"
        query = {"lang": self.language, "outputFormat": "json-stat2"}
        short = query | {f"valueCodes[{name}]": ",".join(codes) for name, codes in part.items()}
        short |= {f"codelist[{name}]": codelist for name, codelist in lists.items()}
        commas = any("," in code for codes in part.values() for code in codes)
        body = None
        if commas or len(self.line.url(f"{self.root}/{path}", short)) > LONGEST_ADDRESS:
            body = {"selection": [_selected(name, codes, lists) for name, codes in part.items()]}
        return self.ask(
            path,
            short if body is None else query,
            lambda content: _as_asked(read_dataset(content), metadata, part),
            body=body,
            version=metadata.updated,
        )


def _as_asked(
    found: xr.Dataset, metadata: Metadata, part: Mapping[str, tuple[str, ...]]
) -> xr.Dataset:
    """`found` over exactly the variables and codes of `part`, or FetchError."""
    extra = [name for name in found.dims if name not in part]
    whole = all(found.sizes[name] == 1 for name in extra) and all(
        name in found.dims and set(found[name].values) == set(codes) for name, codes in part.items()
    )
    if not whole or found.attrs.get("updated", "") != metadata.updated:
        raise FetchError(
            f"Table {metadata.table} answered with other codes or another time of update than its "
            "metadata say: it has changed. Fetch again with --refresh."
        )
    ordered = {name: list(codes) for name, codes in part.items()}
    return found.squeeze(extra, drop=True).sel(ordered)


def _selected(name: str, codes: Sequence[str], lists: Mapping[str, str]) -> dict[str, Any]:
    extra = {"codelist": lists[name]} if name in lists else {}
    return {"variableCode": name, "valueCodes": list(codes), **extra}


def _require_known(
    metadata: Metadata,
    wanted: Mapping[str, tuple[str, ...]],
    lists: Mapping[str, tuple[str, ...]],
) -> None:
    table, variables = metadata.table, metadata.variables
    for name, codes in wanted.items():
        if name not in variables:
            near = get_close_matches(name, variables, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise FetchError(f"Table {table} has no {name}; it has {', '.join(variables)}.{hint}")
        known = set(lists.get(name, variables[name].codes))
        strange = [code for code in codes if code not in known]
        if strange or not codes:
            some = ", ".join(strange[:5]) or "no code at all"
            raise FetchError(
                f"Table {table} has no {name} {some}; it has {len(known)} codes, such as "
                f"{', '.join(sorted(known)[:5])}."
            )
    for name, variable in variables.items():
        if name not in wanted and not variable.elimination:
            raise FetchError(f"Table {table} needs a selection of {name}; none is made.")


def split(
    wanted: Mapping[str, tuple[str, ...]], max_cells: int
) -> Iterator[dict[str, tuple[str, ...]]]:
    """Selections of at most `max_cells` cells that make up `wanted`: halves of its longest dims."""
    pieces = dict.fromkeys(wanted, 1)
    length = {name: len(codes) for name, codes in wanted.items()}

    def most(name: str) -> int:
        return math.ceil(length[name] / pieces[name])

    while math.prod(most(name) for name in wanted) > max_cells:
        longest = max(wanted, key=most)
        if most(longest) == 1:
            raise FetchError(f"A query of one cell is over the limit of {max_cells} cells.")
        pieces[longest] += 1
    parts = {
        name: [codes[i : i + most(name)] for i in range(0, length[name], most(name))]
        for name, codes in wanted.items()
    }
    for chosen in product(*parts.values()):
        yield dict(zip(wanted, chosen, strict=True))

"""JSON-stat 2 to labelled arrays: values *and* status codes, with notes, units and time of update.

Values may be a list or a sparse object, status a list, an object or one text for all cells. The
order of categories is that of `index`; labels may repeat, so codes are the coordinates. A document
that contradicts itself is refused, with the place where it does.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from bayesgap.errors import FetchError

MAX_CELLS = 5_000_000
LONGEST_STATUS = 12  # letters: known ones have three at most, and 5 million of 12 take 240 MB
NOT_APPLICABLE, MISSING, CONFIDENTIAL = ".", "..", ":"
_NUMBERS = {int, float, type(None)}


def parse_json(content: bytes) -> dict[str, Any]:
    """Object in `content`.

    Raises
    ------
    FetchError
        Not UTF-8, not JSON, cut off, or not an object.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise FetchError(
            f"The answer must be UTF-8; byte {error.start} is not (0x{content[error.start]:02x})."
        ) from None
    except (ValueError, RecursionError) as error:
        kind = "a web page" if content.lstrip()[:1] == b"<" else str(error)[:120]
        raise FetchError(f"The answer must be JSON; found {kind}.") from None
    if not isinstance(found, dict):
        raise FetchError(f"The answer must be a JSON object; found {type(found).__name__}.")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read_dataset(content: bytes | Mapping[str, Any]) -> xr.Dataset:
    """Cells of a JSON-stat 2 dataset.

    Returns
    -------
    Dataset with `value` (float, NaN where there is no figure) and `status` (text, "" where there
    is none) over the document's dims, in its order, with codes as coordinates; attrs as
    `read_labels` gives them, and per dim `labels` in the coordinate's attrs

    Raises
    ------
    FetchError
        The document is no JSON-stat 2 dataset, contradicts itself, or has over `MAX_CELLS` cells.
    """
    document = parse_json(content) if isinstance(content, bytes) else content
    codes, labels = read_labels(document)
    shape = tuple(len(found) for found in codes.values())
    cells = math.prod(shape)
    if cells > MAX_CELLS:
        raise FetchError(f"A dataset of {cells} cells is over the limit of {MAX_CELLS}.")
    value = _values(document.get("value"), cells).reshape(shape)
    status = _status(document.get("status"), cells).reshape(shape)
    dims = tuple(codes)
    dataset = xr.Dataset(
        {"value": (dims, value), "status": (dims, status)},
        coords={name: list(found) for name, found in codes.items()},
        attrs=read_attributes(document),
    )
    for name, found in labels.items():
        dataset[name].attrs["labels"] = list(found)
    return dataset


def read_labels(
    document: Mapping[str, Any],
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Codes and labels of every dim, in the document's order.

    Raises
    ------
    FetchError
        `id`, `size` and `dimension` do not agree.
    """
    if document.get("class") != "dataset":
        raise FetchError(f"A JSON-stat dataset is wanted; found class {document.get('class')!r}.")
    names, sizes, dimension = (document.get(k) for k in ("id", "size", "dimension"))
    if not (isinstance(names, list) and isinstance(sizes, list) and isinstance(dimension, dict)):
        raise FetchError("A JSON-stat dataset must have id, size and dimension.")
    texts = all(isinstance(name, str) for name in names)
    if not texts or len(set(names)) != len(names) or len(sizes) != len(names):
        raise FetchError(f"id and size must be as long, without repeats; found {names}, {sizes}.")
    codes: dict[str, tuple[str, ...]] = {}
    labels: dict[str, tuple[str, ...]] = {}
    for name, size in zip(names, sizes, strict=True):
        part = dimension.get(name)
        category = part.get("category") if isinstance(part, dict) else None
        if not isinstance(category, dict):
            raise FetchError(f"Dimension {name!r} must have a category.")
        codes[name] = _codes(name, category)
        if size != len(codes[name]) or isinstance(size, bool):
            raise FetchError(f"Dimension {name!r} has {len(codes[name])} codes, but size {size!r}.")
        text = category.get("label")
        text = text if isinstance(text, dict) else {}
        labels[name] = tuple(str(text.get(code, code)) for code in codes[name])
    return codes, labels


def _codes(name: str, category: Mapping[str, Any]) -> tuple[str, ...]:
    index = category.get("index")
    if index is None and isinstance(category.get("label"), dict) and len(category["label"]) == 1:
        index = list(category["label"])  # a single category needs no index
    if isinstance(index, list):
        codes = index
    elif isinstance(index, dict):
        places = list(index.values())
        if any(type(place) is not int for place in places):
            raise FetchError(f"Places of the codes of {name!r} must be whole numbers.")
        if sorted(places) != list(range(len(places))):
            raise FetchError(f"Places of the codes of {name!r} must be 0 to {len(places) - 1}.")
        codes = sorted(index, key=index.__getitem__)
    else:
        raise FetchError(f"Dimension {name!r} must list its codes.")
    if not all(isinstance(code, str) for code in codes) or len(set(codes)) != len(codes):
        raise FetchError(f"Codes of {name!r} must be texts without repeats.")
    return tuple(codes)


def _values(found: object, cells: int) -> np.ndarray:
    if isinstance(found, list):
        _same_length("value", len(found), cells)
        strange = set(map(type, found)) - _NUMBERS
        if strange:
            raise FetchError(
                f"Values must be numbers; found {sorted(t.__name__ for t in strange)}."
            )
        return _floats(found)
    if isinstance(found, Mapping):
        out = np.full(cells, np.nan)
        for place, number in _sparse("value", found, cells):
            if type(number) not in _NUMBERS:
                raise FetchError(f"Value {place} must be a number; found {str(number)[:40]!r}.")
            out[place] = _floats([number])[0]
        return out
    raise FetchError(f"A dataset must have values; found {type(found).__name__}.")


def _floats(numbers: Sequence[float | None]) -> np.ndarray:
    try:
        return np.array(numbers, dtype=float)
    except OverflowError:
        raise FetchError("A value is too large to be a figure.") from None


def _status(found: object, cells: int) -> np.ndarray:
    if found is None:
        return np.zeros(cells, dtype="U1")
    if isinstance(found, str):
        return np.full(cells, _code(found))
    if isinstance(found, list):
        _same_length("status", len(found), cells)
        return np.array(["" if code is None else _code(code) for code in found] or [""], "U")[
            :cells
        ]
    if isinstance(found, Mapping):
        known = [(place, _code(code)) for place, code in _sparse("status", found, cells)]
        out = np.zeros(cells, dtype=f"U{max((len(code) for _, code in known), default=1)}")
        for place, code in known:
            out[place] = code
        return out
    raise FetchError(f"status must be a text, list or object; found {type(found).__name__}.")


def _code(status: object) -> str:
    """Status of a cell; every cell of an array takes as much room as the longest."""
    text = str(status)
    if len(text) > LONGEST_STATUS:
        raise FetchError(
            f"A status must have at most {LONGEST_STATUS} letters; found {text[:20]!r}..., which "
            f"has {len(text)}."
        )
    return text


def _same_length(name: str, found: int, cells: int) -> None:
    if found != cells:
        raise FetchError(f"{name} has {found} entries, but size says {cells} cells.")


def _sparse(name: str, found: Mapping[str, Any], cells: int) -> list[tuple[int, Any]]:
    out = []
    for key, entry in found.items():
        if not (str(key).isascii() and str(key).isdigit() and int(key) < cells):
            raise FetchError(f"{name} has a place {str(key)[:40]!r}; there are {cells} cells.")
        out.append((int(key), entry))
    return out


def read_attributes(document: Mapping[str, Any]) -> dict[str, Any]:
    """Label, source, time of update, notes, units and official status, as far as given."""
    extension = _object(document.get("extension"))
    px = _object(extension.get("px"))
    notes = _texts(document.get("note"))
    units: dict[str, str] = {}
    for name, part in _object(document.get("dimension")).items():
        category = _object(_object(part).get("category"))
        for code, unit in _object(category.get("unit")).items():
            units[code] = str(_object(unit).get("base", ""))
        notes += [f"{name}: {text}" for text in _texts(_object(part).get("note"))]
    given = {
        "label": document.get("label"),
        "source": document.get("source"),
        "updated": document.get("updated"),
        "table": px.get("tableid"),
        "official": px.get("official-statistics"),
    }
    return {k: str(v) for k, v in given.items() if v is not None} | {"notes": notes, "units": units}


def read_roles(document: Mapping[str, Any], dims: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Dims by role (time, geo, metric), as far as the document has them among `dims`."""
    known = set(dims)
    return {
        str(role): tuple(name for name in names if isinstance(name, str) and name in known)
        for role, names in _object(document.get("role")).items()
        if isinstance(names, list)
    }


def _texts(found: object) -> list[str]:
    return (
        [text for text in found if isinstance(text, str) and text]
        if isinstance(found, list)
        else []
    )


def _object(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}

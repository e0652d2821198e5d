"""Properties of the JSON-stat parser: any honest document comes back, any other is refused."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from needs import SHARED, shared

from bayesgap.data.fetch.jsonstat import parse_json, read_dataset
from bayesgap.errors import FetchError

FIXTURES = SHARED / "realdata" / "fixtures"
recorded = shared("realdata/fixtures")
names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6)
figures = st.none() | st.integers(-(10**9), 10**9) | st.floats(-1e12, 1e12)


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, Any], np.ndarray, list[str]]:
    """A document, its values and its status codes, in row-major order."""
    dims = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    codes = [draw(st.lists(names, min_size=1, max_size=4, unique=True)) for _ in dims]
    cells = math.prod(map(len, codes))
    value = draw(st.lists(figures, min_size=cells, max_size=cells))
    flags = draw(st.lists(st.sampled_from(["", ".", "..", ":"]), min_size=cells, max_size=cells))
    dimension = {}
    for dim, found in zip(dims, codes, strict=True):
        index: Any = found
        if draw(st.booleans()):  # as an object, in any order of its keys
            places = {code: place for place, code in enumerate(found)}
            index = {code: places[code] for code in draw(st.permutations(found))}
        dimension[dim] = {"category": {"index": index}}
    document = {
        "class": "dataset",
        "id": dims,
        "size": [len(found) for found in codes],
        "dimension": dimension,
        "value": value,
        "status": flags,
    }
    if draw(st.booleans()):
        document["value"] = {str(i): v for i, v in enumerate(value) if v is not None}
    if draw(st.booleans()):
        document["status"] = {str(i): flag for i, flag in enumerate(flags) if flag}
    return document, np.array(value, dtype=float), flags


@settings(max_examples=60, deadline=None)
@given(documents())
def test_every_cell_comes_back_in_its_place(given: Any) -> None:
    document, value, flags = given
    found = read_dataset(json.dumps(document).encode())
    assert list(found.dims) == document["id"] or set(found.dims) == set(document["id"])
    found = found.transpose(*document["id"])
    np.testing.assert_array_equal(found["value"].values.ravel(), value)
    assert found["status"].values.ravel().tolist() == flags
    for name in document["id"]:
        index = document["dimension"][name]["category"]["index"]
        ordered = index if isinstance(index, list) else sorted(index, key=index.__getitem__)
        assert found[name].values.tolist() == ordered


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    documents(), st.sampled_from(["id", "size", "dimension", "value", "status", "class"]), json_like
)
def test_a_spoilt_document_is_refused_or_read_never_anything_else(
    given: Any, key: str, rubbish: Any
) -> None:
    document = {**given[0], key: rubbish}
    try:
        found = read_dataset(json.dumps(document).encode())
    except FetchError:
        return
    assert found["value"].size == math.prod(document["size"])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40))
def test_rubbish_is_refused(content: bytes) -> None:
    with pytest.raises(FetchError):
        read_dataset(content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE html>", "found a web page"),
        (b'{"value": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "must be JSON"),
        ('{"label": "Østfold"}'.encode("latin-1"), "byte 11 is not"),
        (b'{"value": [1,', "must be JSON"),
        (b"[1]", "found list"),
    ],
)
def test_what_is_not_a_document_is_named(content: bytes, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        parse_json(content)


def small(**changed: Any) -> dict[str, Any]:
    one = {"category": {"index": {"a": 0, "b": 1}, "label": {"a": "Same", "b": "Same"}}}
    whole = {"class": "dataset", "id": ["x"], "size": [2], "dimension": {"x": one}, "value": [1, 2]}
    return whole | changed


def test_repeated_labels_do_not_merge_codes() -> None:
    found = read_dataset(small())
    assert found.sizes["x"] == 2 and found["x"].attrs["labels"] == ["Same", "Same"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"size": [3]}, "has 2 codes, but size 3"),
        ({"value": [1]}, "1 entries, but size says 2"),
        ({"value": {"2": 1}}, "place '2'; there are 2 cells"),
        ({"value": ["1", "2"]}, "must be numbers; found .'str'"),
        ({"value": [True, 2]}, "must be numbers; found .'bool'"),
        ({"dimension": {"x": {"category": {"index": {"a": 0, "b": 2}}}}}, "must be 0 to 1"),
        ({"id": ["x", "x"], "size": [2, 2]}, "without repeats"),
    ],
)
def test_contradictions_are_named(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(FetchError, match=told):
        read_dataset(small(**changed))


@pytest.mark.parametrize("note", [-1, True, "one text", {"a": 1}, [None, 3]])
def test_notes_of_another_kind_are_no_notes(note: object) -> None:
    assert read_dataset(small(note=note)).attrs["notes"] == []


def test_too_many_cells_are_refused_before_they_are_made() -> None:
    wide = {str(i): {"category": {"index": [str(k) for k in range(1000)]}} for i in range(3)}
    with pytest.raises(FetchError, match="over the limit"):
        read_dataset(small(id=list(wide), size=[1000] * 3, dimension=wide))


@recorded
@pytest.mark.parametrize(
    ("path", "cells", "sum_of"),
    [
        ("ssb_v2/12134_data_jsonstat2.json", 3, 81240 + 66605 + 62853),
        ("ssb_v0/05300_data_jsonstat2.json", 6 * 8 * 9, None),
        ("scb_v2/TAB6471_data.json", 21 * 11 * 3 * 1 * 4, None),
    ],
)
def test_recorded_documents(path: str, cells: int, sum_of: float | None) -> None:
    found = read_dataset((FIXTURES / path).read_bytes())
    assert found["value"].size == cells
    assert sum_of is None or found["value"].sum() == sum_of
    assert found.attrs["updated"].startswith("20")
    assert found.attrs["source"]


@recorded
def test_the_retired_format_is_refused() -> None:
    with pytest.raises(FetchError, match="found class None"):
        read_dataset((FIXTURES / "ssb_jsonstat1" / "population-age.json").read_bytes())


@pytest.mark.parametrize(
    "status", ["x" * 4000, ["x" * 4000, ""], {"0": "x" * 4000}], ids=["text", "list", "map"]
)
def test_a_status_cannot_ask_for_gigabytes(status: object) -> None:
    with pytest.raises(FetchError, match=r"at most 12 letters; found 'xxx.*which has 4000"):
        read_dataset(small(status=status))

"""The client against a bank that keeps the rules: what is asked, how often, and what comes back."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bayesgap.data.fetch.http import Limits, Line, Throttle, retry_after
from bayesgap.data.fetch.klass import read_borders
from bayesgap.data.fetch.pxweb import Bank, split
from bayesgap.errors import FetchError

Connect = Callable[..., Bank]
ALL = {"Region": ["3301", "0301"], "ContentsCode": ["Bosted", "Arbeid"], "Tid": ["2024", "2023"]}


def test_cells_come_in_the_order_asked_for_with_status_notes_and_update(connect: Connect) -> None:
    found = connect().cells("11618", ALL)
    assert list(found["Tid"].values) == ["2024", "2023"]
    bosted = found["value"].sel(Region="3301", ContentsCode="Bosted")
    assert bosted.values.tolist() == [2.0, 1.0]
    hidden = found.sel(Region="3301", ContentsCode="Arbeid", Tid="2024")
    assert np.isnan(hidden["value"]) and str(hidden["status"].item()) == ":"
    assert found.attrs["updated"] == "2026-02-24T07:00:00Z"
    assert found.attrs["notes"] == ["Rounded to 3."]


def test_a_repeated_code_is_asked_for_once(connect: Connect) -> None:
    twice = {**ALL, "Region": ["3301", "3301", "0301"]}
    assert connect().cells("11618", twice).sizes["Region"] == 2


def test_left_out_variables_are_summed_by_the_bank(connect: Connect, loopback: Any) -> None:
    selection = {"Region": ["0301"], "Alder": ["000"], "ContentsCode": ["P"], "Tid": ["2024"]}
    whole = connect().cells("07459", selection)["value"].item()
    apart = connect().cells("07459", {**selection, "Kjonn": ["1", "2"]})["value"].sum().item()
    assert whole == apart > 0


def test_a_codelist_sums_over_borders(connect: Connect) -> None:
    bank = connect()
    selection = {"Alder": ["000"], "ContentsCode": ["P"], "Tid": ["2023"], "Kjonn": ["1"]}
    summed = bank.cells("07459", {**selection, "Region": ["K-3301"]}, {"Region": "agg_KommSummer"})
    parts = bank.cells("07459", {**selection, "Region": ["3301", "0602", "0711"]})
    assert summed["value"].item() == parts["value"].sum().item()


def test_queries_are_split_below_the_cell_limit_and_joined(connect: Connect, loopback: Any) -> None:
    ages = [f"{age:03d}" for age in range(12)]
    wanted = {
        "Region": ["3301", "3302", "0301"],
        "Kjonn": ["1", "2"],
        "Alder": ages,
        "ContentsCode": ["P"],
        "Tid": ["2023", "2024"],
    }
    whole = connect().cells("07459", wanted)
    loopback.max_cells = 20
    parts = connect(max_cells=20, refresh=True)
    parts.cache.folder = parts.cache.folder / "other"
    assert parts.cells("07459", wanted).equals(whole)
    assert parts.line.tally.requests >= 3 * 2 * 12 * 2 / 20


def test_long_addresses_go_by_post(connect: Connect, loopback: Any, server: ModuleType) -> None:
    codes = tuple(f"{code:04d}" for code in range(500))
    frame = server.pd.DataFrame({"Region": codes, "ContentsCode": "P", "Tid": "2024", "value": 1.0})
    loopback.tables["90000"] = server.Table(frame, "long")
    wanted = {"Region": list(codes), "ContentsCode": ["P"], "Tid": ["2024"]}
    assert connect().cells("90000", wanted)["value"].sum() == 500
    assert [method for method, url, _, _ in loopback.log if "/data" in url] == ["POST"]


def test_an_identical_request_is_never_sent_twice(connect: Connect, loopback: Any) -> None:
    first = connect().cells("11618", ALL)
    sent = len(loopback.log)
    again = connect()
    assert again.cells("11618", ALL).equals(first)
    assert len(loopback.log) == sent and again.line.tally.requests == 0
    offline = connect(offline=True)
    assert offline.cells("11618", ALL).equals(first)
    with pytest.raises(FetchError, match=r"Offline, and .* is not in the cache"):
        offline.cells("07459", {"Region": ["0301"]})


def test_refresh_asks_for_data_only_where_the_table_was_updated(
    connect: Connect, loopback: Any
) -> None:
    connect().cells("11618", ALL)
    sent = len(loopback.log)
    connect(refresh=True).cells("11618", ALL)
    assert [url for _, url, _, _ in loopback.log[sent:]] == [
        "/api/pxwebapi/v2/tables/11618/metadata?lang=no"
    ]
    table = loopback.tables["11618"]
    table.updated = "2026-03-01T07:00:00Z"
    table.frame.loc[0, "value"] = 99.0
    fresh = connect(refresh=True)
    assert fresh.cells("11618", ALL)["value"].sel(Region="3301", Tid="2023")[0] == 99.0
    assert fresh.line.tally.requests == 2
    kept = list((fresh.cache.folder / "objects").rglob("*"))
    assert sum(path.is_file() for path in kept) == 4  # two of metadata, two of data: both vintages


def test_a_damaged_cache_is_noticed(connect: Connect, loopback: Any) -> None:
    bank = connect()
    bank.cells("11618", ALL)
    for path in (bank.cache.folder / "objects").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{}")
    with pytest.raises(FetchError, match="is damaged"):
        connect().cells("11618", ALL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Regoin": ["0301"]}, "has no Regoin; it has Region, .* Did you mean Region?"),
        ({"Region": ["9999"]}, "has no Region 9999; it has 5 codes"),
        ({"Region": []}, "has no Region no code at all"),
        ({"Tid": None}, "needs a selection of Tid"),
    ],
)
def test_selections_are_checked_before_anything_is_asked(
    connect: Connect, loopback: Any, change: dict[str, Any], message: str
) -> None:
    wanted = {name: codes for name, codes in {**ALL, **change}.items() if codes is not None}
    with pytest.raises(FetchError, match=message):
        connect().cells("11618", wanted)
    assert loopback.count("/data") == 0


def test_split_covers_every_cell_once() -> None:
    wanted = {"a": tuple("abcdefg"), "b": ("1", "2", "3"), "c": ("x",)}
    parts = list(split(wanted, 4))
    cells = [(a, b) for part in parts for a in part["a"] for b in part["b"]]
    assert len(cells) == len(set(cells)) == 21
    assert all(len(part["a"]) * len(part["b"]) <= 4 for part in parts)


def test_throttle_keeps_the_pace_and_heeds_the_servers() -> None:
    throttle = Throttle(Limits(calls=2, window=10.0))
    assert [throttle.pause(0.0), throttle.pause(1.0)] == [0.0, 0.0]
    assert throttle.pause(2.0) == 8.0  # the third must wait until the first is ten seconds old
    throttle.heed({"x-ratelimit-policy": "40;w=60s", "x-ratelimit-remaining": "39"}, 20.0)
    assert (throttle.calls, throttle.window) == (40, 60.0)
    throttle.heed({"x-ratelimit-policy": "0;w=0s"}, 20.0)  # says nothing
    assert (throttle.calls, throttle.window) == (40, 60.0)
    throttle.heed({"x-ratelimit-remaining": "0"}, 100.0)
    assert throttle.pause(100.0) > 0


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("7") == 7.0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") is None and retry_after(None) is None


@pytest.mark.parametrize(
    "base",
    ["http://data.ssb.no/api", "ftp://data.ssb.no", "https://", "http://127.0.0.1.example.org/x"],
)
def test_only_https_is_spoken(base: str) -> None:
    with pytest.raises(FetchError, match="must be reached by https"):
        Line(base)


def test_borders_follow_mergers_and_name_divisions(connect: Connect, tmp_path: Path) -> None:
    borders = read_borders(connect(), "2024-01-01")
    assert borders.names == {"0301": "Oslo", "3301": "Drammen", "3302": "Lier"}
    assert set(borders.history("3301")) == {"3301", "0602", "0711"}
    assert borders.divided(["3301"]) == {"0711": ("3302",)}
    assert borders.divided(["3301", "3302"]) == {}

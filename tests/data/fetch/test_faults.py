"""The client against a bank that misbehaves: what is retried, and what the user is told."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bayesgap.data.fetch.pxweb import Bank
from bayesgap.errors import FetchError

Connect = Callable[..., Bank]
WANTED = {"Region": ["3301", "0301"], "ContentsCode": ["Bosted"], "Tid": ["2023", "2024"]}
VALUES = [1.0, 2.0, 17.0, 18.0]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("429 with Retry-After", "too many requests (HTTP 429); waiting 1 s, as it asks"),
        ("429 without Retry-After", "too many requests (HTTP 429); waiting a moment"),
        ("503", "not available just now (HTTP 503); waiting 1 s, as it asks"),
        ("500 with empty body", "(HTTP 500 with an empty body); waiting a moment"),
        ("truncated body", "the answer was cut off; waiting a moment"),
        ("slow", "no answer in time; waiting a moment"),
        ("dripping", "the answer took more than 1 s; waiting a moment"),
    ],
)
def test_what_passes_is_waited_out(
    connect: Connect, loopback: Any, server: ModuleType, kind: str, told: str
) -> None:
    loopback.faults = [server.Fault(kind, wait="1", seconds=0.2 if kind == "dripping" else 1.5)]
    bank = connect()
    assert bank.cells("11618", WANTED)["value"].values.ravel().tolist() == VALUES
    assert bank.line.tally.retries == 1
    assert any(told in text for text in bank.line.said), bank.line.said


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("HTML 404", "a web page instead of data.*does not exist, or the address is too long"),
        ("wrong encoding", "must be UTF-8; byte .* is not"),
        ("changed metadata", "it has changed. Fetch again with --refresh"),
        ("redirect", "redirects to example.org: refused"),
        ("huge", "sends more than 1 MB: refused"),
    ],
)
def test_what_stays_wrong_is_told_at_once_and_not_kept(
    connect: Connect, loopback: Any, server: ModuleType, kind: str, told: str
) -> None:
    loopback.faults = [server.Fault(kind)]
    bank = connect()
    with pytest.raises(FetchError, match=told):
        bank.cells("11618", WANTED)
    assert bank.line.tally.retries == 0
    again = connect(refresh=True)
    assert again.cells("11618", WANTED)["value"].values.ravel().tolist() == VALUES


def test_a_bank_that_stays_down_is_left_in_peace(
    connect: Connect, loopback: Any, server: ModuleType
) -> None:
    loopback.faults = [server.Fault("500 with empty body", times=99)]
    bank = connect()
    with pytest.raises(FetchError, match=r"did not answer .* in 4 attempts.*HTTP 500"):
        bank.cells("11618", WANTED)
    assert loopback.count("/data") == 4


def test_a_long_wait_is_left_to_the_user(
    connect: Connect, loopback: Any, server: ModuleType
) -> None:
    loopback.faults = [server.Fault("429 with Retry-After", wait="3600")]
    with pytest.raises(FetchError, match=r"come back in 3600 s.*Start the same command again"):
        connect().cells("11618", WANTED)


def test_the_banks_own_words_are_passed_on(connect: Connect, loopback: Any) -> None:
    loopback.max_cells = 1
    with pytest.raises(FetchError, match="Too many cells selected"):
        connect().cells("11618", WANTED)


def test_sparse_values_and_status_cells_stay_apart(connect: Connect, loopback: Any) -> None:
    assert loopback.tables["11618"].sparse
    wanted = {**WANTED, "Region": ["3301"], "ContentsCode": ["Bosted", "Arbeid"]}
    found = connect().cells("11618", wanted)
    assert found["status"].values.ravel().tolist() == ["", "", "", ":"]
    assert np.isnan(found["value"].values.ravel()[3])

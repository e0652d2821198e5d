"""A statistics bank that misbehaves: answers are waited out or refused, never taken for figures.

Faults of the wire are those of `statbank_server`; documents that contradict themselves are read
beside them. A plausible figure that the bank itself has wrong cannot be seen here.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import statbank_server as play

from attacks.row import Row
from bayesgap.data.fetch.cache import Cache
from bayesgap.data.fetch.http import Limits, Line
from bayesgap.data.fetch.jsonstat import read_dataset
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.errors import FetchError

SECTION = "bank"
QUICK = Limits(seconds=0.6, size=1_000_000, attempts=3, first_wait=0.01, patience=2.0)
KINDS = ("429 with Retry-After", "429 without Retry-After", "503", "500 with empty body",
         "HTML 404", "redirect", "slow", "wrong encoding", "changed metadata",
         "truncated body", "dripping",
         "huge")  # fmt: skip
JUNK: tuple[Any, ...] = (None, [], {}, "", "x" * 4000, -1, 1e400, True, [None], {"0": []}, 10**9)
KEYS = ("class", "id", "size", "dimension", "value", "status", "version", "role", "note")
WANTED = {"Region": ["3301", "0301"], "ContentsCode": ["A"], "Tid": ["2023", "2024"]}


def rows(seed: int, number: int) -> Iterator[Row]:
    """`number` attacks, half of them faults of the wire and half contradictory documents."""
    rng = np.random.default_rng(seed)
    wires = [KINDS[place % len(KINDS)] for place in range(number // 2)]
    for kind in wires:
        outcome, note = _wire(kind, times=int(rng.integers(1, 5)))
        yield Row(SECTION, kind, "client", seed, outcome, note)
    for _ in range(number - len(wires)):
        key, junk = KEYS[int(rng.integers(len(KEYS)))], JUNK[int(rng.integers(len(JUNK)))]
        outcome, note = _document(key, junk)
        yield Row(
            SECTION, "junk in a document", key, seed, outcome, f"{key} = {junk!r:.40}: {note}"
        )


def _table() -> play.Table:
    return play.Table(play.grid(Region=("3301", "3302", "0301"), ContentsCode=("A", "B"),
                                Tid=("2022", "2023", "2024")), "work")  # fmt: skip


def _wire(kind: str, times: int) -> tuple[str, str]:
    """Outcome of one faulty wire: cells as they are, or a refusal."""
    bank = play.Bank(tables={"1": _table()}, municipalities={"3301": "Drammen"})
    with play.serving(bank), TemporaryDirectory() as folder:
        clean = _cells(bank, Path(folder) / "clean")
        bank.faults = [play.Fault(kind, times=times, wait="1", seconds=0.8)]
        try:
            found = _cells(bank, Path(folder) / "faulty")
        except FetchError as error:
            return "refused", str(error)[:120]
        except Exception as error:
            return "silent", f"{type(error).__name__}: {error}"[:200]
    return ("healed", "asked again") if found == clean else ("silent", f"{found} for {clean}")


def _cells(bank: play.Bank, cache: Path) -> list[float]:
    line = Line(f"{bank.base}/api/pxwebapi/v2", QUICK, lambda _: None)
    try:
        return Bank(line, Cache(cache)).cells("1", WANTED)["value"].to_numpy().ravel().tolist()
    finally:
        line.__exit__()


def _document(key: str, junk: object) -> tuple[str, str]:
    """Outcome of reading a document whose `key` is junk."""
    table = _table()
    whole = play.cells(table, "1", {k: table.codes(k) for k in table.variables}, {}, play.Bank())
    usual = read_dataset(whole)
    changed: Mapping[str, Any] = {**whole, key: junk}
    try:
        found = read_dataset(json.dumps(changed).encode())
    except FetchError as error:
        return "refused", str(error)[:120]
    except Exception as error:
        return "silent", f"{type(error).__name__}: {error}"[:200]
    if not found["value"].equals(usual["value"]):
        lost = found.sizes == usual.sizes and bool(found["value"].isnull().all())
        return ("told", "figures are missing, and known as such") if lost else ("silent", "others")
    return ("no change", "") if found.identical(usual) else ("healed", "figures as they are")

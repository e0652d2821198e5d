"""A loopback bank with two small synthetic tables of the recorded documents' shape."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bayesgap.data.fetch.cache import Cache
from bayesgap.data.fetch.http import Limits, Line
from bayesgap.data.fetch.pxweb import Bank

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
import statbank_server
from statbank_server import grid

PLACES = ("3301", "3302", "0602", "0711", "0301")
QUICK = Limits(seconds=1.0, size=1_000_000, attempts=4, first_wait=0.01, patience=3.0)


@pytest.fixture
def server() -> ModuleType:
    return statbank_server


@pytest.fixture
def loopback() -> Iterator["statbank_server.Bank"]:
    ages = tuple(f"{age:03d}" for age in range(12))
    people = grid(
        Region=PLACES, Kjonn=("1", "2"), Alder=ages, ContentsCode=("P",), Tid=("2023", "2024")
    )
    old = people["Region"].isin(["0602", "0711"]) & (people["Tid"] == "2024")
    people.loc[old, "value"] = float("nan")
    work = grid(Region=PLACES, ContentsCode=("Bosted", "Arbeid"), Tid=("2023", "2024"))
    work["status"] = ""
    work.loc[3, ["value", "status"]] = [float("nan"), ":"]
    lists = {
        "Region": {"agg_KommSummer": {"K-3301": ("3301", "0602", "0711"), "K-0301": ("0301",)}}
    }
    bank = statbank_server.Bank(
        tables={
            "07459": statbank_server.Table(
                people, "people", eliminated=("Kjonn",), codelists=lists
            ),
            "11618": statbank_server.Table(work, "work", notes=("Rounded to 3.",), sparse=True),
        },
        municipalities={"3301": "Drammen", "3302": "Lier", "0301": "Oslo - Oslove"},
        changes=[
            {"oldCode": "0602", "newCode": "3301", "changeOccurred": "2020-01-01"},
            {"oldCode": "0711", "newCode": "3301", "changeOccurred": "2020-01-01"},
            {"oldCode": "0711", "newCode": "3302", "changeOccurred": "2020-01-01"},
        ],
    )
    with statbank_server.serving(bank) as running:
        yield running


@pytest.fixture
def connect(loopback: "statbank_server.Bank", tmp_path: Path) -> Iterator[Callable[..., Bank]]:
    """A client of the loopback bank; `said` on its line collects what the user is told."""
    lines: list[Line] = []

    def make(limits: Limits = QUICK, **options: object) -> Bank:
        said: list[str] = []
        line = Line(f"{loopback.base}/api/pxwebapi/v2", limits, said.append)
        line.said = said  # type: ignore[attr-defined]
        lines.append(line)
        return Bank(line, Cache(tmp_path / "cache"), **options)  # type: ignore[arg-type]

    yield make
    for line in lines:
        line.__exit__()

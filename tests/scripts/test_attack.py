"""A small part of the campaign: mistakes, a bank that misbehaves, a killed writer, the table."""

import importlib
from pathlib import Path

import attack
import numpy as np
import pandas as pd
import pytest
from attacks import bank, damage, injections, studies, world
from attacks.row import OUTCOMES, Row

SEED = 7
SYNTHETIC = tuple(words for words in damage.READERS if world.SCENARIO not in words)


def test_the_table_counts_outcomes() -> None:
    rows = [Row("disk", "full", "here", 1, outcome) for outcome in ("told", "told", "refused")]
    (line,) = attack.table_of(rows, "2026-11-30").to_dict("records")
    assert (line["number"], line["told"], line["refused"], line["silent"]) == (3, 2, 1, 0)
    assert line["seed"] == 1 and line["date"] == "2026-11-30" and line["machine"]


def test_sections_that_were_not_made_again_stay(tmp_path: Path) -> None:
    path = tmp_path / "attack.csv"
    pd.DataFrame({"section": ["kills", "disk"], "number": [1, 2]}).to_csv(path, index=False)
    table = attack.with_others(pd.DataFrame({"section": ["disk"], "number": [3]}), path)
    assert dict(zip(table["section"], table["number"], strict=True)) == {"kills": 1, "disk": 3}


@pytest.mark.parametrize("section", [name for name in attack.sections() if name != "tables"])
def test_every_section_makes_rows(section: str) -> None:
    assert callable(importlib.import_module(f"attacks.{section}").rows)
    assert section in attack.QUICK


def test_sizes_are_those_that_were_promised() -> None:
    sizes = attack.SIZES
    assert sizes["kills"] >= 50 and sizes["damage"] >= 100
    assert sizes["studies"] + sizes["tables"] >= 1000


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the campaign that goes with the test."""
    monkeypatch.setattr(world, "home", lambda: tmp_path)
    return tmp_path


def test_mistakes_in_studies_are_refused_or_another_study(kept: Path) -> None:
    rows = list(studies.rows(SEED, 30))
    assert len(rows) == 30 and {row.outcome for row in rows} <= set(OUTCOMES) - {"silent"}
    assert sum(row.outcome == "refused" for row in rows) > 10


def test_documents_that_contradict_themselves_give_no_figures() -> None:
    rows = [bank._document(key, junk) for key in bank.KEYS for junk in bank.JUNK]
    assert {outcome for outcome, _ in rows} <= {"refused", "no change", "healed", "told"}


@pytest.fixture
def attacked(run_folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The synthetic run in place of a tiny one."""
    monkeypatch.setattr(world, "finished", lambda: run_folder)
    monkeypatch.setattr(world, "another", lambda: run_folder)
    monkeypatch.setattr(damage, "READERS", SYNTHETIC)
    damage.usual.cache_clear()
    yield run_folder
    damage.usual.cache_clear()


def test_a_damaged_file_is_told_or_refused(attacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Path("health.json"), Path("summary.parquet"), Path("outlook.zarr/gap/c/0/0/3/0/0")
    places = [place for place in one if (attacked / place).exists()]
    monkeypatch.setattr(damage, "places_of", lambda *_: places)
    rows = list(damage.rows(SEED, 1))
    assert len(rows) == len(places) * len(damage.DAMAGES) >= 12
    assert not [row for row in rows if row.outcome == "silent"]
    assert {row.outcome for row in rows if row.attack != "from another run"} == {"refused"}


def test_places_are_every_file_and_some_chunks(attacked: Path) -> None:
    places = damage.places_of(attacked, 20, np.random.default_rng(SEED))
    named = {place.as_posix() for place in places}
    assert {"health.json", "summary.csv", "posterior.nc", "checksums.json"} <= named
    assert any(".zarr/" in name for name in named) and len(places) >= 10


@pytest.mark.parametrize("sink", ["csv", "hub", "show"])
def test_names_come_out_as_text(attacked: Path, sink: str) -> None:
    injections._run.cache_clear()
    found = [injections._through(name, sink) for name in injections.NAMES]
    injections._run.cache_clear()
    assert {outcome for outcome, _ in found} == {"refused", "healed"}

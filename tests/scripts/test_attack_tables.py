"""Sixty seeded mistakes in tables: a small part of the campaign, inside the gate."""

from pathlib import Path

import pandas as pd
import pytest
from attacks.mutations import KINDS
from attacks.row import OUTCOMES
from attacks.tables import EMBEDDED, FACTOR, Folder, Trial, largest_change, rows, trials

from bayesgap.data.schemas import TABLES

SEED, NUMBER = 7, 68  # every kind once or twice
LEAST = 0.9  # of those told; the campaign of 997 told 0.93 (docs/what_checks_see.md)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Trial]:
    folder = Folder(EMBEDDED, tmp_path_factory.mktemp("attack") / "tables")
    return list(trials(folder, SEED, NUMBER))


def test_most_mistakes_that_matter_are_told(made: list[Trial]) -> None:
    matter = [one for one in made if one.change > FACTOR]
    silent = [f"{one.kind}: {one.table}, {one.place}" for one in matter if one.outcome == "silent"]
    assert len(matter) > 0.8 * NUMBER
    assert len(silent) <= (1 - LEAST) * len(matter), silent


def test_checks_of_content_tell_what_was_silent_before(made: list[Trial]) -> None:
    before = [one for one in made if one.before == "silent" and one.change > FACTOR]
    assert len(before) > 10
    assert sum(one.outcome == "told" for one in before) > 0.6 * len(before)


def test_every_kind_is_made_and_every_outcome_is_known(made: list[Trial]) -> None:
    assert {one.kind for one in made} == {kind.name for kind in KINDS}
    assert {one.outcome for one in made} <= set(OUTCOMES)
    healed = {one.kind for one in made if one.outcome == "healed"}
    assert {"columns in another order", "a mark of byte order"} <= healed


def test_the_same_seed_makes_the_same_mistakes() -> None:
    first, second = (list(rows(seed=3, number=4)) for _ in range(2))
    assert first == second
    assert [row.section for row in first] == ["tables"] * 4
    assert all(row.place and row.note for row in first)


def test_the_folder_is_as_before_a_mistake(tmp_path: Path) -> None:
    folder = Folder(EMBEDDED, tmp_path / "tables")
    assert folder.check("population", b"")[2] == "refused"
    assert (folder.at / "population.csv").read_bytes() == (EMBEDDED / "population.csv").read_bytes()


@pytest.mark.parametrize(("value", "change"), [(10.0, 2.0), (-5.0, float("inf")), (5.0, 1.0)])
def test_change_is_the_largest_factor(value: float, change: float) -> None:
    old = pd.DataFrame({"region": ["a", "b"], "year": 2020.0, "population": [5.0, 7.0]})
    new = old.assign(population=[value, 7.0])
    assert largest_change(old, new, TABLES["official_projection_total"]) == change

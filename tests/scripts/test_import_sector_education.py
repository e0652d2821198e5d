"""Figures on education within sectors are those of the compiled facts, and add up as they do."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from bayesgap.study.bundle import bundle_root
from tests.needs import SHARED, shared

FACTS = SHARED / "facts" / "education"
NATIONAL = bundle_root() / "data" / "national"
pytestmark = shared("facts/education")


@pytest.fixture
def importer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[object]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "scripts"))
    import import_sector_education

    monkeypatch.setattr(import_sector_education, "OUT", tmp_path)
    yield import_sector_education
    sys.modules.pop("import_sector_education", None)


def test_the_committed_tables_are_what_the_script_makes(importer, tmp_path: Path) -> None:
    importer.main(FACTS)
    for name in importer.TABLES:
        made, committed = (
            (folder / f"{name}.csv").read_text(encoding="utf-8") for folder in (tmp_path, NATIONAL)
        )
        assert made == committed, name


def test_levels_of_all_sums_come_near_the_nations_total() -> None:
    facts = pd.read_csv(FACTS / "eurostat_employed_nace_isced_2008_2023.csv")
    whole = facts.query("geo == 'NO' and unit == 'THS_PER' and nace_r2 == 'TOTAL' and year > 2008")
    isced = {"ED0-2": "primary", "ED3_4": "upper_secondary", "ED5-8": "tertiary"}
    whole = whole.assign(level=whole["isced11"].map(isced)).dropna(subset="level")
    whole = whole.set_index(["level", "year"])["value"]
    own = pd.read_csv(NATIONAL / "sector_levels_national.csv").query("year > 2008")
    sums = own.groupby(["level", "year"])["employed"].sum() / 1000
    assert (sums > 0).all() and len(own) == 13 * 3 * 15
    # industry unknown and post are in the total alone, travel agencies twice in the sums
    assert (sums / whole.reindex(sums.index) - 1).abs().max() < 0.025


def test_suppressed_cells_are_the_rest_of_their_total(importer) -> None:
    found = importer.sector_levels(FACTS).set_index(["industry", "level", "year"])["employed"]
    assert found["64-66", "primary", 2023] == round(1000 * (56.1 - 11.6 - 41.1))
    assert found["68-75", "tertiary", 2023] == round(1000 * (51.8 + 141.9 - 41.1))


def test_survey_shares_add_up() -> None:
    fields = pd.read_csv(NATIONAL / "sector_fields_piaac.csv")
    parts = fields[~fields["field"].str.endswith("_trades")]
    total = parts.groupby(["sector", "level"])["share"].sum()
    assert total.sub(1).abs().max() < 1e-3
    levels = pd.read_csv(NATIONAL / "sector_levels_piaac.csv")
    assert levels.groupby("sector")["share"].sum().sub(1).abs().max() < 1e-3
    assert levels.query("sector != 'all'")["respondents"].sum() <= 3954


def test_health_counts_add_up() -> None:
    counts = pd.read_csv(NATIONAL / "health_educated_national.csv").query("year == 2008")
    for _, group in counts.groupby("field"):
        by = group.set_index("level")["employed"]
        assert by["all"] == by.drop("all").sum()

"""Tables of the nation, and priors made from figures, are what their scripts make of the facts."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.needs import SHARED, shared

ROOT = Path(__file__).parents[2]
FACTS = SHARED / "facts" / "education"
Writer = Callable[[Path], pd.DataFrame]


def scripted(script: str) -> dict[str, object]:
    return runpy.run_path(str(ROOT / "scripts" / f"{script}.py"))


def written(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / folder / f"{name}.csv")


@shared("facts/education")
@pytest.mark.parametrize(
    ("script", "function", "table"),
    [
        ("import_education", "fields_national", "national/education_fields_national"),
        ("import_education", "fields_immigrants", "national/education_fields_immigrants"),
        ("import_education", "fields_history", "national/education_fields_history"),
        ("import_education", "attainment", "national/education_attainment"),
        ("education_seeds", "cohort_shape", "seeds/education_cohort_shape"),
        ("education_seeds", "completion", "seeds/education_completion"),
        ("education_seeds", "immigrant_splits", "seeds/education_immigrant_splits"),
    ],
)
def test_a_table_is_what_its_script_makes_of_the_facts(
    script: str, function: str, table: str, tmp_path: Path
) -> None:
    made = scripted(script)[function](FACTS)
    again = tmp_path / "again.csv"
    made.to_csv(again, index=False)
    folder, _, name = table.partition("/")
    pd.testing.assert_frame_equal(pd.read_csv(again), written(folder, name))


@shared("facts/education")
def test_groups_add_up_to_the_register() -> None:
    """Persons with a known level of 20-70: the source's own total less the unknown."""
    register = pd.read_csv(FACTS / "nus_level_field_2024_national.csv")
    known = register[register["nus_level"] != 9]["persons"].sum()
    ours = written("national", "education_fields_national")["persons"].sum()
    assert ours == pytest.approx(known, rel=0.005)  # groups under 100 scored employed are missing


def test_no_reason_rests_on_memory() -> None:
    """Every assumed row and prior names a figure, or says that there is none."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "data").rglob("*.csv")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "models").rglob("*.toml")]
    assert not [word for word in ("memory", "orders of magnitude") if any(word in t for t in texts)]

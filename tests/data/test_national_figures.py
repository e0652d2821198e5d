"""Tables of the nation, and priors made from figures, are what their scripts make of the facts."""

import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
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


def log_odds(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


@shared("facts/education")
def test_seeds_lie_within_two_deviations_of_the_register_of_2011() -> None:
    """Residents by age, which no script reads: all above primary, with the unknown (3 per cent)."""
    frame = pd.read_csv(FACTS / "ssb_residents_level_field_age_2005_2009_2011.csv")
    frame = frame[(frame["year"] == 2011) & (frame["field"] == "all")]
    counts = frame.pivot_table(index="age", columns="level", values="persons")
    finished = 1.0 - counts["primary"] / counts["all"]
    shape = written("seeds", "education_cohort_shape").query("logit == 'upper_secondary'")
    odds = shape["value"].map(log_odds)
    for age, middle in (("40-49", 44.5), ("50-59", 54.5), ("60-66", 63.0), ("67+", 76.0)):
        ours, sd = (np.interp(2011 - middle, shape["cohort"], v) for v in (odds, shape["sd"]))
        assert abs(log_odds(finished[age]) - ours) < 2.0 * sd, age
    done = written("seeds", "education_completion").query("logit == 'upper_secondary'")
    scale = np.log(-np.log(done["value"]))
    part = np.exp(-np.exp(np.interp(np.arange(20, 25), done["age"], scale))).mean()
    ours = np.log(-np.log(part))
    born = np.interp(1989.0, shape["cohort"], shape["value"])  # 20-24 in 2011
    assert abs(np.log(-np.log(finished["20-24"] / born)) - ours) < 2.0 * done["sd"].mean()


def test_no_reason_rests_on_memory() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "data").rglob("*.csv")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "models").rglob("*.toml")]
    assert not [word for word in ("memory", "orders of magnitude") if any(word in t for t in texts)]

"""What the labour force survey and PIAAC say, carried over without a slip, and how they err."""

import import_participation as script
import numpy as np
import pandas as pd
import pytest
from needs import SHARED, shared

from bayesgap.blocks.participation import surveys
from bayesgap.data.tables import read_tables
from bayesgap.schema import LEVELS
from bayesgap.study.bundle import bundle_root

FACTS = "facts/education"
NATIONAL = bundle_root() / "data" / "national"
NAMES = ("participation_national", "unemployment_national", "study_national")


def logit(share):
    return np.log(share / (1 - share))


@pytest.fixture(scope="module")
def tables():
    return read_tables(bundle_root() / "data" / "buskerud")


@shared(FACTS)
def test_tables_are_what_the_script_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(script, "OUT", tmp_path)
    script.main(SHARED / FACTS)
    for name in NAMES:
        written = (tmp_path / f"{name}.csv").read_text(encoding="utf-8")
        assert written == (NATIONAL / f"{name}.csv").read_text(encoding="utf-8"), name


@shared(FACTS)
def test_shares_add_up_to_those_of_the_facts(tables):
    facts = pd.read_csv(SHARED / FACTS / "ilo_participation_age_isced_no_2014_2024.csv")
    facts = facts[facts["isced11"].isin(["2", "3", "5", "6", "7", "1-2", "total"])]
    late = (facts["age"] == "65+") & (facts["year"] > 2018)
    few = (facts["age"] == "15-24") & (facts["isced11"] == "5")
    table = tables["participation_national"].query("survey == 'lfs'")
    wanted = facts[~late & ~few]["participation_percent"].sum() / 100
    assert table["value"].sum() == pytest.approx(wanted, abs=1e-3)


def test_a_series_of_noise_has_its_own_error_and_no_drift():
    rng, rows = np.random.default_rng(1), []
    for band in range(40):
        for year in range(2000, 2040):
            value = 1 / (1 + np.exp(-rng.normal(1.0, 0.2)))
            rows.append((f"{band}-{band}", year, "master", value))
    frame = pd.DataFrame(rows, columns=["age", "year", "level", "value"])
    assert script.drift_of(frame) < 0.03
    assert script.yearly_error(frame) == pytest.approx(0.2, abs=0.01)


def test_errors_that_years_share_are_as_measured(tables):
    table = tables["participation_national"].query("survey == 'lfs'")
    age = table["first_age"].astype(str) + "-" + table["last_age"].astype(str)
    assert script.drift_of(table.assign(age=age)) == pytest.approx(surveys.DRIFT, abs=0.002)
    adults = table.query("first_age > 24 and level != 'all'").assign(y=lambda t: logit(t["value"]))
    away = adults["y"] - adults.groupby(["first_age", "level"])["y"].transform("mean")
    assert away.groupby(adults["year"]).mean().std() == pytest.approx(surveys.YEAR, abs=0.015)
    idle = tables["unemployment_national"].query("survey == 'lfs' and level != 'all'")
    wide = idle.assign(y=logit(idle["value"])).pivot(index="year", columns="level", values="y")
    swing = (wide - wide.mean()).mean(axis=1).std()
    assert swing == pytest.approx(surveys.SWING, abs=0.01)


@shared(FACTS)
def test_registered_job_seekers_differ_between_levels_as_the_survey_says(tables):
    """The register counts fewer, of all levels alike within a third: a check, no input."""
    seekers = pd.read_csv(SHARED / FACTS / "ssb_registered_unemployed_by_level_2015_2020.csv")
    seekers = seekers.query("year < 2020").groupby("level")["persons"].mean()
    level = tables["education_residents_16plus"].query("region == 'Norway' and year == 2019")
    people = level.set_index("level")["persons"].astype(float)
    rate = dict(zip(LEVELS, surveys.reference_idle(tables), strict=True))
    take_part = tables["participation_national"].query(
        "survey == 'lfs' and first_age in (25, 35, 45)"
    )
    active = take_part.groupby("level")["value"].mean()
    survey = pd.Series({
        "primary": people["primary"] * active["primary"] * rate["primary"],
        "upper_secondary_incl_nus5": sum(
            people[e] * active[e] * rate[e] for e in ("upper_secondary", "higher_vocational")
        ),
        "tertiary_short": people["bachelor"] * active["bachelor"] * rate["bachelor"],
        "tertiary_long": people["master"] * active["master"] * rate["master"],
    })  # fmt: skip
    apart = np.log(survey / survey.sum()) - np.log(
        seekers[survey.index] / seekers[survey.index].sum()
    )
    assert apart.abs().max() < 0.4, apart

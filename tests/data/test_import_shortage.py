"""Occupations, vacancies and students are those of the compiled facts."""

import import_shortage as script
import numpy as np
import pandas as pd
import pytest
from needs import SHARED, shared

from bayesgap.schema import EDUCATION

FACTS, REAL = SHARED / "facts" / "education", SHARED / "realdata"
facts = shared("facts/education")


@pytest.fixture(scope="module")
def fitted() -> pd.DataFrame:
    return script.occupation_education(FACTS, REAL)


def test_codes_belong_to_their_longest_head() -> None:
    heads = {"2221": "222", "2342": "2342", "2320": "23", "5120": "512", "5223": "52", "0310": None}
    assert {code: script.head_of(code) for code in heads} == heads


def test_fields_that_hide_groups_are_split_by_trade() -> None:
    trades = list(script.OCCUPATIONS).index("711")
    groups = script.groups_of(
        "upper_secondary_complete", "science_crafts_technical", script.NUS_FIELDS
    )
    fields = {"all": np.ones(len(EDUCATION))}
    found = script.spread_out([(trades, "none", groups, 120.0)], fields)[trades]
    told = {EDUCATION[k]: found[k] for k in np.flatnonzero(found)}
    assert told == pytest.approx(
        {
            "upper_secondary:construction": 100.0,
            "upper_secondary:electrical_mechanical": 10.0,
            "upper_secondary:other": 10.0,
        }
    )


@facts
def test_the_fit_holds_the_employed_of_every_group(fitted: pd.DataFrame) -> None:
    employed = script.employed_by_group(FACTS)
    persons = (fitted["value"] * fitted["persons"]).groupby(fitted["education"]).sum()
    off = persons.reindex(list(EDUCATION)) / employed - 1
    assert off.abs().max() < 0.06  # shares below a thousandth are left out
    assert persons.sum() == pytest.approx(employed.sum(), rel=1e-3)
    np.testing.assert_allclose(fitted.groupby("prefix")["value"].sum(), 1.0, atol=1e-3)


@facts
def test_the_fit_holds_what_the_register_lists(fitted: pd.DataFrame) -> None:
    frame = pd.read_csv(FACTS / f"{script.LIST}.csv", dtype={"styrk08": str})
    table = fitted.set_index(["prefix", "education"])
    for head, code, level, field, group in (
        ("222", "222", "bachelor", "health_social_sport", "bachelor:health_care"),
        ("221", "221", "master", "health_social_sport", "master:health_care"),
        ("2342", "2342", "bachelor", "teaching_pedagogy", "bachelor:teaching"),
        ("52", "52", "primary", "general", "primary"),
    ):
        at = (frame["level"] == level) & (frame["field"] == field)
        listed = frame.loc[at & frame["styrk08"].str.startswith(code), "implied_employed"].sum()
        value, persons = table.loc[(head, group), ["value", "persons"]]
        assert value * persons > 0.8 * listed, group


@facts
def test_no_vacancy_and_no_student_is_lost() -> None:
    name = "nav_seekers_vacancies_by_occupation_2025_2026"
    raw = pd.read_csv(FACTS / f"{name}.csv")
    found = script.vacancies(FACTS).groupby("region")["vacancies"].sum()
    wanted = raw.groupby("region")["vacancies_advertised"].sum()
    assert found.to_dict() == {"buskerud": wanted["Buskerud"], "norge": wanted["Landet"]}
    students = script.students(FACTS).query("measure == 'students'")
    counted = students.groupby(students["year"].astype(int))["students"].sum()
    assert counted.to_dict() == {1997: 177_690, 2007: 208_238, 2012: 245_572}


@facts
def test_the_embedded_tables_are_what_the_script_writes(fitted: pd.DataFrame) -> None:
    written = {
        "occupation_education": fitted,
        "vacancies_by_occupation": script.vacancies(FACTS),
        "students_by_field": script.students(FACTS),
    }
    for name, frame in written.items():
        kept = (script.OUT / f"{name}.csv").read_text(encoding="utf-8")
        assert frame.to_csv(index=False, lineterminator="\n") == kept, name

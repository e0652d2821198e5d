"""What people read: selection, rounding, marks."""

import pandas as pd
import pytest

from bayesgap import schema
from bayesgap.errors import RunError
from bayesgap.present import table
from bayesgap.present.frames import select
from bayesgap.present.labels import part_label, person
from bayesgap.present.odds import chance
from bayesgap.present.selection import Query
from bayesgap.present.table import rounded, step
from bayesgap.runs.verdicts import Health


@pytest.mark.parametrize(
    ("width", "value", "shown"),
    [(1234, 56_789, 56_800), (87, 1234.4, 1234), (999, 1234, 1230), (3, 7.4, 7), (0, 5.2, 5)],
)
def test_two_digits_of_the_width(width: float, value: float, shown: int) -> None:
    assert rounded(value, step(width)) == shown


def test_names_and_numbers_for_people() -> None:
    assert person(-12345, signed=True) == "−12 345"
    assert person(12, signed=True) == "+12"
    assert person(0, signed=True) == "0"
    assert [chance(p) for p in (1.0, 0.5, 0.001)] == ["> 99 %", "50 %", "< 1 %"]
    assert part_label("master:ict") == "master: ICT"
    assert part_label("86-88") == "86-88 health and care"
    assert all(part_label(group) for group in schema.EDUCATION)


@pytest.mark.parametrize(
    ("by", "rows"), [("total", 1), ("level", 5), ("field", 11), ("education", 21)]
)
def test_every_split_of_the_gap(summary: pd.DataFrame, by: table.By, rows: int) -> None:
    wide = select(summary, Query("Hallingdal", 2030, by))
    assert len(wide) == rows
    assert wide["median"].notna().all() and wide["probability"].notna().all()
    assert (wide["0.025"] <= wide["median"]).all() and (wide["median"] <= wide["0.975"]).all()


def test_defaults_are_all_regions_last_year_gap(summary: pd.DataFrame) -> None:
    wide = select(summary, Query())
    assert wide["region"].tolist()[-1] == "Buskerud"
    assert set(wide["year"]) == {2030} and set(wide["quantity"]) == {"gap"}
    jobs = select(summary, Query("Hallingdal", by="sector"))
    assert jobs["part"].tolist() == list(schema.SECTORS)


def test_order_is_that_of_the_schema(summary: pd.DataFrame) -> None:
    assert select(summary, Query("Buskerud", by="level"))["part"].tolist() == list(schema.LEVELS)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(region="Halingdal"), 'Did you mean "Hallingdal"'),
        (Query(year=1999), "There is no year"),
        (Query(quantity="gaps"), 'Did you mean "gap"'),
        (Query(scenario="other"), "There is no scenario"),
        (Query(by="sector", quantity="gap"), "gap is not split by sector"),
        (Query(by="level", quantity="population"), "population is not split by level"),
    ],
)
def test_wrong_wishes_are_answered(summary: pd.DataFrame, query: Query, message: str) -> None:
    with pytest.raises(RunError, match=message):
        select(summary, query)


def test_a_field_is_marked_only_if_all_its_groups_are() -> None:
    marks = [{"education": g, "assumption_driven": g.endswith(":ict")} for g in schema.EDUCATION]
    health = Health((), tuple(marks))
    assert table.assumption_driven(health, "field") == {"ict"}
    marks[1]["assumption_driven"] = True  # upper_secondary:general, the only group of its field
    marks[7]["assumption_driven"] = True  # bachelor:teaching, one of two
    health = Health((), tuple(marks))
    assert table.assumption_driven(health, "field") == {"ict", "general"}
    assert not table.assumption_driven(health, "education").isdisjoint({"master:ict"})


def test_groups_that_the_nation_alone_tells_have_a_ring_and_a_note() -> None:
    rows = [{"education": g, "national_only": ":" in g} for g in schema.EDUCATION]
    rows[1]["assumption_driven"] = True
    marks = table.marks(Health((), tuple(rows)), "education")
    assert "primary" not in marks and marks["master:ict"] == " °"
    assert marks[rows[1]["education"]] == " *"
    told = table.notes(["primary", "master:ict"], marks)
    assert len(told) == 1 and told[0].startswith("°")
    assert " °" not in table.marks(Health((), tuple(rows)), "level").values()


def test_stars_and_signs_in_the_text(summary: pd.DataFrame) -> None:
    wide = select(summary, Query("Buskerud", 2030, "education"))
    text = table.readable(wide.to_dict("records"), "education", {"master:ict": " *"})
    assert text[-2]["education"] == "master: ICT *"
    assert sum("*" in row["education"] for row in text) == 1
    lines = table.as_text(text).splitlines()
    assert len({line.index("2030") for line in lines[1:]}) == 1
    assert all("+" in line or "−" in line for line in lines[1:])


def test_machines_get_the_same_rounding(summary: pd.DataFrame) -> None:
    wide = select(summary, Query("Hallingdal", 2030))
    record = table.as_records(wide.to_dict("records"), "total", ())[0]
    unit = step(wide["0.9"].item() - wide["0.1"].item())
    assert record["median"] == rounded(wide["median"].item(), unit)
    assert record["lower95"] <= record["lower80"] <= record["lower50"] <= record["median"]
    assert "probability" not in record and 0 <= record["p_shortage"] <= 1

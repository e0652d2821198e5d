"""One mistake a check: the check names it, and says nothing of the tables as they are."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bayesgap.data.content.registry import CHECKS, content_findings

Frames = dict[str, pd.DataFrame]
Change = Callable[[pd.DataFrame], None]


def cell(column: str, factor: float, **where: object) -> Change:
    """Multiply the first cell whose row has the values of `where`."""

    def change(frame: pd.DataFrame) -> None:
        rows = frame
        for name, value in where.items():
            rows = rows[rows[name] == value]
        frame.loc[rows.index[0], column] *= factor

    return change


def whole(column: str, factor: float) -> Change:
    """Multiply a column."""

    def change(frame: pd.DataFrame) -> None:
        frame[column] *= factor

    return change


def shifted(column: str) -> Change:
    """Move a column down by a row."""

    def change(frame: pd.DataFrame) -> None:
        frame[column] = np.roll(frame[column].to_numpy(), 1)

    return change


def swapped(column: str, a: str, b: str, **where: object) -> Change:
    """Exchange two codes in the rows of `where`."""

    def change(frame: pd.DataFrame) -> None:
        rows = frame
        for name, value in where.items():
            rows = rows[rows[name] == value]
        names = rows[column].map(lambda code: {a: b, b: a}.get(code, code))
        frame.loc[rows.index, column] = names

    return change


def lost(**where: object) -> Change:
    """Put the last row in place of the first that has the values of `where`."""

    def change(frame: pd.DataFrame) -> None:
        rows = frame
        for name, value in where.items():
            rows = rows[rows[name] == value]
        frame.loc[rows.index[0]] = frame.loc[frame.index[-1]]

    return change


MISTAKES: list[tuple[str, Change, str]] = [
    ("population", cell("persons", 10, region="Hallingdal", year=2015, age=30), "cohort"),
    ("population_national", cell("persons", 0.6, year=2000, age=40), "cohort"),
    ("deaths_national", cell("deaths", 10, year=2010, age=70), "by the rows before and after"),
    ("deaths_national", cell("deaths", 20, year=2010, age=70), "deaths over residents aged 65-79"),
    ("migration_flows", cell("in_migration", 10, age=22, region="Grenland"), "in age"),
    ("migration_flows", shifted("out_migration"), "the moves miss"),
    (
        "education_residents_30_66",
        swapped("level", "primary", "tertiary", region="Oslo", year=2015),
        "in year",
    ),
    (
        "education_residents_30_66",
        swapped("level", "primary", "tertiary", region="Oslo"),
        "a level's share of residents",
    ),
    (
        "employment_workplace_telemark",
        swapped("sector", "01-03", "86-88", region="Grenland", year=2020),
        "01-03",
    ),
    ("employment_county_accounts", whole("employed_1000", 0.001), "the counties' nation"),
    ("employment_national", whole("employed", 0.001), "employed in the nation over residents"),
    ("nav_shortage_2017", cell("shortage_estimate", 1.01, region="norge"), "no multiple of 25"),
    ("nav_shortage_2017", lost(region="buskerud"), "no row for"),
    ("report_figures", cell("half_width", 1.6, id="share_health_emp"), "is no round number"),
    ("skill_mix", cell("sd", 0), "a spread of 0 is outside"),
    ("skill_mix", cell("level_sd", 2, education="bachelor:ict"), "differs from the other rows"),
    ("education_attainment", cell("share", 1.1), "add up to"),
    ("study_national", cell("sd", 10), "times that of a simple sample"),
    ("sector_levels_piaac", cell("respondents", 10, sector="85"), "of the persons asked"),
    (
        "education_fields_immigrants",
        cell("everybody", 1.6, level="master"),
        "everybody with a field",
    ),
    ("occupation_education", cell("persons", 1.6), "differs from the other rows"),
]


@pytest.mark.parametrize(("table", "change", "says"), MISTAKES)
def test_a_mistake_is_told_with_its_place(
    lined: Frames, table: str, change: Change, says: str
) -> None:
    frame = lined[table].copy()
    change(frame)
    about = [check for check in CHECKS if table in check.tables]
    problems = [one.problem for one in content_findings(lined | {table: frame}, about)]
    told = [problem for problem in problems if says in problem.found]
    assert told, [problem.found for problem in problems]
    assert all(problem.file.endswith(".csv") and problem.fix for problem in told)


def test_a_neighbour_of_a_wrong_figure_is_not_blamed(lined: Frames) -> None:
    frame = lined["population_national"].copy()
    line = frame.index[(frame["year"] == 2000) & (frame["age"] == 40)][0]
    frame.loc[line, "persons"] *= 1.6
    found = content_findings(lined | {"population_national": frame})
    assert {one.problem.row for one in found if one.problem.row} == {line}


def test_a_spread_of_nothing_is_impossible(lined: Frames) -> None:
    frame = lined["skill_mix"].copy()
    frame.loc[frame.index[0], "sd"] = 0
    impossible = [one for one in content_findings(lined | {"skill_mix": frame}) if one.impossible]
    assert [(one.problem.row, one.problem.column) for one in impossible] == [(2, "sd")]


def test_tables_that_are_not_there_are_not_checked() -> None:
    assert content_findings({}) == []


def test_every_check_has_a_table_of_the_embedded_ones(lined: Frames) -> None:
    for check in CHECKS:
        assert set(check.tables) <= set(lined), check

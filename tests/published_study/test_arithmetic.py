"""The published arithmetic: reproduced within rounding, or named as inconsistent."""

import pandas as pd
import pytest

from bayesgap.data.tables import read_tables
from bayesgap.published_study.arithmetic import (
    Check,
    Outcome,
    Rounded,
    arithmetic_page,
    figures_known,
    outcome,
    outcomes,
)
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.report_mode import load_report_mode, report_mode_file
from bayesgap.study.study import load_study

REPRODUCED = {
    "labour_force_2040": 95_850,
    "demand_change": 13_157,
    "gap_main": 7_100,
    "gap_growth": 8_850,
    "gap_growth_all_measures": -310,
    "ict_2040_growth": 2_100,
    "health_industry_growth": 900,
    "s_exclusion": 3_378,
    "exclusion_share_of_gap": 0.482,
    "pop_working_age_growth": 0.0711,
    "lf_low_share_change": -8.2,
    "lf_bachelor_share_change": 4.5,
    "productivity_effect": 0.325,
}


@pytest.fixture(scope="module")
def found() -> list[Outcome]:
    path = default_study()
    tables = read_tables(resolve_data(path, load_study(path)))
    return outcomes(tables["report_figures"], load_report_mode(report_mode_file()))


def test_published_arithmetic_is_reproduced_within_rounding(found) -> None:
    agree = {one.check.published: one for one in found if one.agrees}
    assert set(agree) == set(REPRODUCED)
    for name, value in REPRODUCED.items():
        assert agree[name].computed.value == pytest.approx(value, rel=0.01)


def test_every_disagreement_is_explained_and_no_agreement_excused(found) -> None:
    for one in found:
        assert bool(one.check.if_not) is not one.agrees, one.check.says
    differ = [one.check.published for one in found if not one.agrees]
    assert differ.count("emp_total_2024") == 3
    assert {"gap_main", "commute_out_share", "inmover_share", "s_education_sum"} <= set(differ)


def test_levels_give_a_surplus_where_changes_give_a_shortage(found) -> None:
    levels = next(one for one in found if "from levels" in one.check.says)
    assert levels.computed.value == pytest.approx(-6_379, abs=1)
    assert levels.published.value > 0


def test_rounding_goes_along_by_corners() -> None:
    check = Check("total", "a ratio", "a / b", lambda a, b: a / b)
    known = {"a": Rounded(10, 1), "b": Rounded(5, 1), "total": Rounded(2.8, 0.0)}
    one = outcome(check, known)
    assert one.computed == Rounded(2.0, 11 / 4 - 2)
    assert not one.agrees
    assert outcome(check, {**known, "total": Rounded(2.8, 0.06)}).agrees


def test_assumptions_join_the_published_figures() -> None:
    mode = load_report_mode(report_mode_file())
    figures = pd.DataFrame([{"id": "x", "value": 1.0, "half_width": 0.5}])
    known = figures_known(figures, mode)
    assert known["x"] == Rounded(1.0, 0.5)
    assert known["gap_2024"] == Rounded(0.0, 0.0)


def test_page_holds_both_lists(found) -> None:
    page = arithmetic_page(found, load_report_mode(report_mode_file()))
    assert page.count("## ") == 3
    assert "−310" in page
    assert page.index("Reproduced") < page.index("do not agree")

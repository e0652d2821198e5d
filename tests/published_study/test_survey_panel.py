"""Published shares become counts, answers that nothing tells apart are one, own tables win."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayesgap.data.tables import read_tables
from bayesgap.errors import DataError
from bayesgap.published_study.optional import read_optional
from bayesgap.published_study.survey_model import membership
from bayesgap.published_study.survey_panel import (
    QUESTIONS,
    Row,
    build_survey_panel,
    panel_of_rows,
    possible_counts,
    respondents,
    told_apart,
)
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

REGIONS = ("Drammensregionen", "Kongsbergregionen", "Ringeriksregionen", "Hallingdal")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    study = load_study(default_study())
    return read_tables(resolve_data(default_study(), study))


def test_rounding_undone_by_hand() -> None:
    assert possible_counts(0.55, 0.005, 92) == [51]  # 51 / 92 = 0.554
    assert possible_counts(0.80, 0.01, 92) == [73, 74]
    assert possible_counts(0.5, 0.5, 3) == [0, 1, 2, 3]


def test_respondents_are_those_of_the_report(tables: dict[str, pd.DataFrame]) -> None:
    sizes = respondents(tables["report_figures"])
    assert sizes == dict(zip(REGIONS, (92, 30, 50, 28), strict=True))
    assert sum(sizes.values()) == 200


def test_the_six_answers_of_figure_5_8_are_whole_respondents(
    tables: dict[str, pd.DataFrame],
) -> None:
    panel = build_survey_panel(tables, REGIONS)
    question = list(QUESTIONS).index("digital_change")
    cells = panel["cell_question"].to_numpy() == question
    counts = panel["count"].to_numpy()[..., cells].max(axis=(0, 1))
    np.testing.assert_array_equal(counts, [6, 11, 18, 27, 17, 13])
    assert counts.sum() == 92


def test_every_variant_has_all_respondents(tables: dict[str, pd.DataFrame]) -> None:
    panel = build_survey_panel(tables, REGIONS)
    total = panel["count"].sum("cell").to_numpy()
    known = np.isfinite(panel["log_weight"].to_numpy())
    assert set(total[known]) == {92.0}
    assert (total[~known] == 0).all()
    assert known[:, 0].all()


def test_answers_that_nothing_tells_apart_are_one(tables: dict[str, pd.DataFrame]) -> None:
    panel = build_survey_panel(tables, REGIONS)
    labels = panel["label"].sel(question="unmet_need").to_numpy()
    assert list(labels[:2]) == ["1-2", "3-6"] and set(labels[2:]) == {""}
    question = QUESTIONS["unmet_need"]
    fine = Row("unmet_need", REGIONS[1], tuple((k, k) for k in range(1, 7)), ((5,) * 6,))
    assert len(told_apart(question, [fine])) == 6
    assert told_apart(question, []) == [(k, k) for k in range(1, 7)]


def test_cells_sum_their_own_answers_once() -> None:
    rows = [Row("unmet_need", REGIONS[0], ((1, 2), (3, 6)), ((7, 3),))]
    fine = Row("unmet_need", REGIONS[3], tuple((k, k) for k in range(1, 7)), ((1, 2, 3, 4, 5, 6),))
    panel = panel_of_rows([*rows, fine], {"unmet_need": QUESTIONS["unmet_need"]}, REGIONS)
    sums = membership(panel)
    np.testing.assert_array_equal(sums.sum(axis=1), [2, 4, 1, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(sums.sum(axis=0), np.r_[np.ones(6), np.zeros(12), np.ones(6)])


def test_own_answers_replace_published_ones(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    lines = ["question,region,answer,respondents,source"]
    lines += [f"unmet_need,Hallingdal,{k},{k},mine" for k in range(1, 7)]
    (tmp_path / "employer_survey.csv").write_text("\n".join(lines), encoding="utf-8")
    own = read_optional(tmp_path)
    panel = build_survey_panel({**tables, **own}, REGIONS)
    assert int(panel["answers"].sel(question="unmet_need")) == 6
    row = panel["cell_region"].to_numpy() == REGIONS.index("Hallingdal")
    assert panel["count"].to_numpy()[..., row].sum() == 21


def test_optional_tables_tell_everything_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "upper_secondary_completion.csv").write_text(
        "region,year,programme,pupils,completed,source\nHallingdal,2018,vocational,10,11,mine\n"
        "Nowhere,2018,general,10,9,mine\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as error:
        read_optional(tmp_path)
    text = str(error.value)
    assert "survey.csv" in text and "more completed" in text and "Nowhere" in text
    with pytest.raises(DataError, match="no such folder"):
        read_optional(tmp_path / "absent")

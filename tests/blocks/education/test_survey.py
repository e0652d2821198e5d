"""The nation's attainment by age: logits and weights by hand, studies without the table."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.education.ages import ADULT_EDGES
from bayesgap.blocks.education.cells import build_cells, build_observations
from bayesgap.blocks.education.survey_panel import build_survey_panel
from bayesgap.blocks.registry import block_of
from bayesgap.study.study import Study


def attainment(*shares: float) -> pd.DataFrame:
    levels = ("primary", "upper_secondary", "tertiary")
    rows = {"year": 2018, "first_age": 25, "last_age": 34, "level": levels, "share": shares}
    return pd.DataFrame(rows)


def people(counts: dict[int, float]) -> pd.DataFrame:
    persons = [counts.get(age, 1.0) for age in range(90)]
    return pd.DataFrame({"year": 2019, "age": range(90), "persons": persons})


def test_logits_and_weights_of_a_band_by_hand() -> None:
    tables = {
        "education_attainment": attainment(0.2, 0.3, 0.5),
        "population_national": people({30: 4.0, 33: 2.0, 35: 99.0}),
    }
    panel = build_survey_panel(tables)
    assert panel["survey_logit"].values[0, 0] == pytest.approx([np.log(4.0), np.log(0.5 / 0.3)])
    weight = dict(zip(ADULT_EDGES[:-1], panel["survey_weight"].values[0, 0], strict=True))
    inside = {25: 1.0, 26: 2.0, 28: 2.0, 30: 6.0, 33: 3.0}  # 35 and over are another band's
    assert {age: w for age, w in weight.items() if w} == pytest.approx(
        {age: count / 14.0 for age, count in inside.items()}
    )


def test_a_study_without_the_survey_has_no_such_observation(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    short = {name: frame for name, frame in tables.items() if name != "education_attainment"}
    panel = block_of("education").panel(short, study)
    assert not build_observations(panel).surveyed.any()
    assert np.isfinite(build_cells(panel).weight).all()


def test_cells_of_the_survey_are_those_of_its_ages(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    panel: xr.Dataset = block_of("education").panel(tables, study)
    cells = build_cells(panel)
    number, width = cells.blocks[4]
    assert number == panel.sizes["survey_band"] * panel.sizes["survey_year"]
    weight = cells.weight[-number * width :].reshape(number, width)
    assert weight.sum(1) == pytest.approx(1.0)
    born = cells.born[-number * width :].reshape(panel.sizes["survey_band"], -1, width)
    assert (np.diff(born[:, :, 0], axis=1) >= 0).all()  # later years, later cohorts

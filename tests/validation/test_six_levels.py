"""Six levels of education at past years: what is told, what is known, where a forecast begins."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.education import stocks
from bayesgap.blocks.education.ages import persons
from bayesgap.blocks.education.cells import SERIES, SOURCES
from bayesgap.blocks.education.residents_forecast import forecast_residents
from bayesgap.schema import LEVELS
from bayesgap.validation.backtest.education import ageing
from bayesgap.validation.backtest.results import by_level
from bayesgap.validation.backtest.six_levels import (
    TABLE,
    origin_panel,
    regions_with_levels,
    resident_shares,
    six_level_rivals,
)

ORIGIN, DRAWS = 2018, 40


def test_shares_are_of_known_education_and_told_apart_from_2016(tables) -> None:
    shares = resident_shares(tables).sel(region="Grenland")
    np.testing.assert_allclose(shares.sel(year=slice(2016, None)).sum("level"), 1.0)
    before = shares.sel(year=slice(None, 2015))
    assert np.isnan(before.sel(level=["upper_secondary", "higher_vocational"])).all()
    assert np.isfinite(before.sel(level=["primary", "bachelor", "master"])).all()


def test_a_panel_knows_nothing_of_the_years_after_its_origin(tables, study) -> None:
    def spoiled(name: str, last: int) -> pd.DataFrame:
        frame = tables[name]
        return frame.assign(persons=frame["persons"].where(frame["year"] <= last, 7))

    other = {
        **tables,
        TABLE: spoiled(TABLE, ORIGIN),
        "education_residents_30_66": spoiled("education_residents_30_66", ORIGIN),
        "population": spoiled("population", ORIGIN + 1),
        "population_national": spoiled("population_national", ORIGIN + 1),
    }
    panel = origin_panel(tables, study, ORIGIN)
    xr.testing.assert_identical(panel, origin_panel(other, study, ORIGIN))
    assert panel["resident_year"].values.tolist() == [2014, 2015, 2016, 2017, 2018]
    assert panel["nation_year"].values.tolist() == list(range(2004, ORIGIN + 1))
    assert panel["target"].values.tolist() == list(regions_with_levels(tables, study))


@pytest.fixture(scope="module")
def panel(tables, study) -> xr.Dataset:
    return origin_panel(tables, study, ORIGIN)


def posterior(panel: xr.Dataset, drift: float) -> xr.Dataset:
    """Parameters in the middle of the priors, without misfit; regions `drift` after the stocks."""
    regions, logits = panel.sizes["region"], panel.sizes["logit"]
    shape = panel["shape_mean"].values
    values = {
        "shape": shape, "completion": np.zeros(logits), "persistence": np.full(len(SOURCES), 1.0),
        "misfit": np.zeros(len(SERIES)), "immigrant_split_offset": panel["split_mean"].values,
        "immigrant_age_error": np.zeros(panel.sizes["age_knot"]), "share_decay": 0.03,
        "share_growth_region": np.full(regions, 0.05), "share_shock": 0.0, "share_noise": 0.0,
        "region_drift": drift, "immigrant_drift": 0.0, "region_cohort": 0.0,
        "late_upper_secondary": 0.0, "late_tertiary": 0.0,
        **{name: np.zeros(size) for name, size in stocks.local_layout(panel).items()},
    }  # fmt: skip
    whole = {
        name: (
            ("chain", "draw", *(f"{name}_{d}" for d in range(np.ndim(value)))),
            np.broadcast_to(value, (1, DRAWS, *np.shape(value))),
        )
        for name, value in values.items()
    }
    return xr.Dataset(whole)


def test_a_forecast_begins_at_the_last_stock_and_drift_widens_it(tables, study, panel) -> None:
    names = regions_with_levels(tables, study)
    people = ageing(persons(tables["population"], names), tables, ORIGIN).sel(age=slice(16, None))
    last = resident_shares(tables).sel(region=list(names), year=ORIGIN, level=list(LEVELS))
    spread = []
    for drift in (0.0, 0.05):
        rng = np.random.default_rng(3)
        drawn = forecast_residents(posterior(panel, drift), panel, people, rng)
        np.testing.assert_allclose(drawn.sum("level"), 1.0, rtol=1e-6)
        middle = drawn.sel(horizon=1).median("sample")
        moved = middle / last.isel(group=0, drop=True).transpose("region", "level") - 1
        assert float(abs(moved).max()) < 0.08  # a year of ageing and arrivals
        spread.append(drawn.std("sample").mean(["region", "level"]))
    assert (spread[0] < 1e-6).all()
    assert (np.diff(spread[1].values) > 0).all()


def test_every_level_has_a_dressed_rival_at_the_last_origin(tables, study) -> None:
    rivals = six_level_rivals(tables, study).query("origin == 2019 and method == 'no_change'")
    assert set(rivals["region"].str.split(": ").str[1]) == set(LEVELS)


def test_levels_are_scored_once_more_by_themselves() -> None:
    cases = pd.DataFrame({"block": ["six_levels"], "group": ["x"], "region": ["A: higher_voc"]})
    found = by_level(cases)
    assert found.loc[0, ["block", "group"]].tolist() == ["six_levels_each", "higher voc"]

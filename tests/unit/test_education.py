"""Education block: laws by hand, panel by hand, forecasts against the fitted law."""

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest
import xarray as xr

from bayesgap.data.panel_education import (
    LOGITS,
    STOCK_YEARS,
    basis,
    build_education_panel,
    completion,
    require_seeds,
)
from bayesgap.errors import DataError, StudyError
from bayesgap.schema import EDUCATION, EDUCATION_LEVEL
from bayesgap.spec.bundle import bundle_root, default_study
from bayesgap.spec.study import load_study
from bayesgap.submodels import education, education_law
from bayesgap.submodels.education_cells import build_cells, build_observations
from bayesgap.submodels.fit import prior_draws

NEEDED = (
    "buskerud/population",
    "buskerud/population_pooling",
    "buskerud/population_national",
    "buskerud/education_residents_30_66",
    "buskerud/education_residents_16plus",
    "seeds/education_cohort_shape",
    "seeds/education_completion",
    "seeds/education_immigrant_age",
    "seeds/education_immigrant_splits",
    "seeds/education_field_shares",
)
SEED = 11


@pytest.fixture(scope="module")
def study():
    return load_study(default_study())


@pytest.fixture(scope="module")
def tables():
    root = bundle_root() / "data"
    frames = {name.partition("/")[2]: pd.read_csv(root / f"{name}.csv") for name in NEEDED}
    both = [frames["population"], frames.pop("population_pooling")]
    return frames | {"population": pd.concat(both, ignore_index=True)}


@pytest.fixture(scope="module")
def panel(tables, study):
    return build_education_panel(tables, study)


@pytest.fixture(scope="module")
def draws(panel, study):
    model = education.build(panel, study.priors["education"], study.options)
    return prior_draws(model, 60, SEED)["/"].to_dataset()


def forecast(draws, panel, years, seed=SEED):
    return education.forecast(draws, panel, years, np.random.default_rng(seed))


def test_stages_are_products_of_conditional_shares():
    even = [np.zeros(1)] * 4  # every choice is taken by half
    got = education_law.reached(even, [np.array([p]) for p in (1.0, 0.5, 1.0, 0.2)])
    assert [float(stage[0]) for stage in got] == pytest.approx(
        [0.5, 0.125, 0.0625, 0.0625, 0.00625]
    )


def test_coarse_tertiary_leaves_higher_vocational_out():
    total = education_law.Reached(*(np.array([x]) for x in (0.8, 0.4, 0.1, 0.3, 0.1)))
    told, coarse = (education_law.stock_logits(total, x) for x in (1.0, 0.0))
    assert float(told[1][0]) == pytest.approx(np.log(0.4 / 0.4))
    assert float(coarse[1][0]) == pytest.approx(np.log(0.3 / 0.5))
    assert float(told[0][0]) == pytest.approx(np.log(0.8 / 0.2))
    assert float(told[2][0]) == pytest.approx(np.log(3.0))
    assert float(told[3][0]) == pytest.approx(np.log(0.5))


def test_nobody_has_a_master_at_twenty_and_everybody_who_will_has_at_fifty(tables):
    level, spread = completion(tables["education_completion"])
    done = education_law.completed(level, spread, 0.0)[LOGITS.index("long")]
    assert done[20 - 15] < 1e-9
    assert done[50 - 15] == pytest.approx(1.0, abs=1e-6)
    assert done[25 - 15] == pytest.approx(0.52)
    assert (np.diff(done) >= 0).all()
    assert education_law.completed(level, spread, 1.0)[3, 10] < done[10]


def test_interpolation_is_linear_and_flat_beyond_the_knots():
    got = basis([1905, 1925, 1960, 2044], [1920, 1930, 1960, 2020])
    assert got == pytest.approx(
        np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    )


def test_trend_of_immigrants_fades_after_the_data():
    assert float(education_law.trend_time(2018.5)) == pytest.approx(0.2)
    ahead = education_law.trend_time(np.array([2019, 2020, 2021, 2400]))
    assert np.diff(ahead)[:2] == pytest.approx([0.09, 0.081])
    assert ahead[-1] - ahead[0] == pytest.approx(0.9)


def test_none_joins_primary_and_unknown_is_left_out(panel):
    got = panel["stock_logit"].sel(region="Drammensregionen", stock_year=2011)
    assert float(got.sel(choice="upper_secondary")) == pytest.approx(
        np.log((30650 + 19860) / (14431 + 40))
    )
    assert float(got.sel(choice="tertiary")) == pytest.approx(np.log(19860 / 30650))


def test_vocational_is_missing_before_it_was_told_apart(panel):
    academic = panel["nation_logit"].sel(logit="academic")
    assert np.isnan(academic.sel(nation_year=slice(None, 2014)).values).all()
    assert np.isfinite(academic.sel(nation_year=slice(2016, None)).values).all()


def test_cells_of_every_stock_are_shares(panel):
    cells, first = build_cells(panel), 0
    for stocks, size in cells.blocks:
        part = cells.weight[first : first + stocks * size].reshape(stocks, size)
        assert part.sum(1) == pytest.approx(1.0)
        first += stocks * size
    assert first == cells.weight.size


def test_observations_follow_their_own_series(panel):
    seen = build_observations(panel)
    later = seen.later > 0
    assert (seen.series[later] == seen.series[seen.previous[later]]).all()
    assert (seen.cell[later] - seen.cell[seen.previous[later]] == 1).all()
    assert (seen.previous[~later] == np.flatnonzero(~later)).all()
    assert seen.value.size == 11 * 3 + 5 + 15 * 2 * (len(STOCK_YEARS) + 6) + 4 * 4 * 5


def test_rotation_of_shapes_keeps_their_prior(panel):
    for turn in education.informative_directions(panel):
        assert turn @ turn.T == pytest.approx(np.eye(turn.shape[0]), abs=1e-10)


def test_level_and_slope_of_a_straight_line_are_its_own(panel):
    line = 0.3 + 0.2 * (np.minimum(panel["knot"].values, 1990) - education_law.CENTRE_COHORT) / 10
    for rows in education.projection(panel):
        assert rows @ line == pytest.approx([0.3, 0.2])


def test_arrays_and_tensors_give_the_same_law(panel, draws):
    cells = build_cells(panel)
    zeros = np.zeros((1, 2))
    for draw in range(3):
        p = draws.isel(chain=0, draw=draw)
        lines = [
            np.concatenate([zeros, p[own].values, p[other].values])
            for own, other in (
                ("region_level_deviation", "immigrant_level_region"),
                ("region_tilt_deviation", "immigrant_trend_region"),
            )
        ]
        values = [
            p["shape"].values,
            lines,
            np.concatenate([zeros, p["resident_split"].values]),
            p["immigrant_split_offset"].values,
            p["completion"].values,
            float(p["vocational_counted"]),
        ]
        got = education.expected_logits(cells, *values)
        tensors = [
            pt.as_tensor(v) if i != 1 else [pt.as_tensor(w) for w in v]
            for i, v in enumerate(values)
        ]
        model = education.expected_logits(education.as_shared(cells), *tensors)
        assert got == pytest.approx(model.eval(mode="FAST_COMPILE"), abs=1e-8)


def test_forecast_of_a_stock_year_is_the_fitted_stock(panel, draws):
    """Ages 30-66 of 2019: single ages against cells of ages, no innovations yet."""
    got = forecast(draws, panel, [2019])["level_share"].sel(age=slice(33, 66)).isel(year=0)
    again = forecast(draws, panel, [2019], seed=99)["level_share"].sel(age=slice(33, 66))
    assert np.array_equal(got.values, again.isel(year=0).values)
    names = list(panel["region"].values)
    shape = draws["shape"].values[0][:, 0] @ basis(2019 - 50, panel["knot"].values)
    row = names.index("Hallingdal")
    decades = (2019 - 50 - education_law.CENTRE_COHORT) / 10
    line = [draws[f"region_{n}_deviation"].values[0][:, row, 0] for n in ("level", "tilt")]
    native = 1 / (1 + np.exp(-(shape + line[0] + line[1] * decades)))
    rows = [draws[f"immigrant_{n}_region"].values[0][:, row, 0] for n in ("level", "trend")]
    arrived = 1 / (1 + np.exp(-(rows[0] + rows[1] * 0.25)))
    finished = 1.0 - got.sel(region="Hallingdal", age=50, level="primary").values[0]
    share = (finished - native) / (arrived - native)
    apart = np.abs(arrived - native) > 0.1
    assert ((share[apart] > 0.05) & (share[apart] < 0.6)).all()


@pytest.fixture(scope="module")
def ahead(panel, draws):
    return forecast(draws, panel, range(2024, 2041))


def test_forecast_has_the_promised_dims_and_sums(ahead):
    level, fields = ahead["level_share"], ahead["field_share"]
    assert level.dims == ("chain", "draw", "region", "year", "age", "level")
    assert level.shape == (1, 60, 4, 17, 60, 5)
    assert fields.dims == ("chain", "draw", "region", "year", "education")
    assert bool(np.isfinite(level).all()) and float(level.min()) >= -1e-6
    assert level.sum("level").values == pytest.approx(1.0, abs=1e-5)
    grouped = fields.assign_coords(of=("education", list(EDUCATION_LEVEL))).groupby("of").sum()
    assert grouped.values == pytest.approx(1.0, abs=1e-5)
    assert (fields.sel(education=["primary", "higher_vocational"]) == 1.0).all()
    assert list(fields["education"].values) == list(EDUCATION)


def test_fifteen_year_olds_have_primary_school_only(ahead):
    assert ahead["level_share"].sel(age=15, level="primary").values == pytest.approx(1.0)


def test_innovations_begin_after_the_data_and_grow(panel, draws):
    """One draw repeated: whatever differs between its copies is future innovation."""
    copies = draws.isel(draw=[0] * 200).assign_coords(draw=np.arange(200))
    got = forecast(copies, panel, [2019, 2024, 2040])
    spread = got["level_share"].sel(level="master", age=45).std(("chain", "draw"))
    assert float(spread.sel(year=2019).max()) < 1e-6
    assert (spread.sel(year=2040) > 1.5 * spread.sel(year=2024)).all()
    drift = np.log(got["field_share"]).sel(education="master:ict").std(("chain", "draw"))
    assert (drift.sel(year=2040) > drift.sel(year=2024)).all()


def test_forecast_is_reproducible(panel, draws, ahead):
    again = forecast(draws, panel, range(2024, 2041))
    xr.testing.assert_identical(ahead, again)
    other = forecast(draws, panel, range(2024, 2041), seed=SEED + 1)
    assert not np.array_equal(other["level_share"].values, ahead["level_share"].values)


def test_missing_seed_is_named(tables):
    short = {name: frame for name, frame in tables.items() if name != "education_completion"}
    with pytest.raises(DataError, match=r"education_completion\.csv"):
        require_seeds(short)


def test_missing_prior_is_named(panel, study):
    short = {n: p for n, p in study.priors["education"].items() if n != "misfit"}
    with pytest.raises(StudyError, match="misfit"):
        education.build(panel, short, study.options)

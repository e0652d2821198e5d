"""Education block: laws by hand, panel by hand, forecasts against the fitted law."""

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr

from bayesgap.blocks.education import laws as education_law
from bayesgap.blocks.education import model as education
from bayesgap.blocks.education import stocks
from bayesgap.blocks.education.ages import basis
from bayesgap.blocks.education.cells import build_cells, build_observations
from bayesgap.blocks.education.directions import directions
from bayesgap.blocks.education.kernel import Moved, fixed, stock_logits
from bayesgap.blocks.education.panel import (
    LOGITS,
    build_education_panel,
    completion,
    extended_share,
    last_stock,
    require_seeds,
)
from bayesgap.errors import DataError, StudyError
from bayesgap.inference.fit import prior_draws
from bayesgap.inference.separate import drop_variables, prior_only_variables
from bayesgap.scenarios.profiles import as_target
from bayesgap.schema import EDUCATION, EDUCATION_LEVEL
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import load_study
from bayesgap.validation.cut import cut_tables

NEEDED = (
    "buskerud/population",
    "buskerud/population_pooling",
    "buskerud/population_national",
    "buskerud/education_residents_30_66",
    "buskerud/education_residents_16plus",
    "seeds/education_cohort_shape",
    "seeds/education_completion",
    "national/immigrants_by_age",
    "seeds/education_immigrant_splits",
    "national/education_fields_national",
    "national/education_fields_immigrants",
    "national/education_fields_history",
    "national/education_attainment",
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
    table = tables["education_completion"].set_index(["logit", "age"])["value"]
    assert done[25 - 15] == pytest.approx(table["long", 25])
    assert (np.diff(done) >= 0).all()
    assert education_law.completed(level, spread, 1.0)[3, 10] < done[10]


def test_interpolation_is_linear_and_flat_beyond_the_knots():
    got = basis([1905, 1925, 1960, 2044], [1920, 1930, 1960, 2020])
    assert got == pytest.approx(
        np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    )


def test_trend_of_immigrants_fades_after_the_data():
    assert float(education_law.trend_time(2018.5, 2019)) == pytest.approx(0.2)
    ahead = education_law.trend_time(np.array([2019, 2020, 2021, 2400]), 2019)
    assert np.diff(ahead)[:2] == pytest.approx([0.09, 0.081])
    assert ahead[-1] - ahead[0] == pytest.approx(0.9)


def early_panel(tables, study):
    """The panel as it would have been at the end of 2012."""
    then = study.model_copy(update={"base_year": 2012})
    return build_education_panel(cut_tables(tables, 2012), then)


def test_a_panel_of_an_earlier_year_counts_from_its_own_last_stock(tables, study):
    panel = early_panel(tables, study)
    assert list(panel["share_year"].values) == [2011, 2012]
    assert last_stock(panel) == 2012
    assert stocks.late_knots(panel).min() == 1990
    cells = build_cells(panel)
    assert cells.time.max() == pytest.approx((1983 - education_law.CENTRE_COHORT) / 10)


def test_shares_before_a_missing_year_are_left_out(tables, study):
    frame = tables["education_residents_30_66"]
    gap = {**tables, "education_residents_30_66": frame[frame["year"] != 2014]}
    years = build_education_panel(gap, study)["share_year"].values
    assert list(years) == [2015, 2016, 2017, 2018, 2019]


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
    for number, size in cells.blocks:
        part = cells.weight[first : first + number * size].reshape(number, size)
        assert part.sum(1) == pytest.approx(1.0)
        first += number * size
    assert first == cells.weight.size


def test_observations_follow_their_own_series(panel):
    seen = build_observations(panel)
    later = seen.later > 0
    assert (seen.series[later] == seen.series[seen.previous[later]]).all()
    assert (seen.cell[later] - seen.cell[seen.previous[later]] == 1).all()
    assert (seen.previous[~later] == np.flatnonzero(~later)).all()
    nation, residents = 21 * 3 + 9, 4 * (11 * 3 + 9)  # higher vocational in nine years
    survey = 5 * 7 * 2
    assert seen.value.size == nation + 15 * 2 * (9 + 6) + residents + survey
    assert seen.surveyed.sum() == survey


@pytest.fixture(scope="module")
def turned(panel, study):
    return directions(panel, study.priors["education"])


def test_rotation_keeps_the_prior_of_shared_parameters(turned):
    assert turned[0] @ turned[0].T == pytest.approx(np.eye(turned[0].shape[0]), abs=1e-10)


def test_level_of_a_region_falls_where_the_coarse_cell_counts_more(panel, turned):
    """More vocational counted as tertiary: the same stock comes from fewer tertiary educated."""
    by_region = stocks.unpacked(turned[1][:, -1], stocks.local_layout(panel))
    level = by_region["region_level_deviation"]
    assert (level[:, 1] < -0.02).all()
    assert (np.abs(level[:, 0]) < np.abs(level[:, 1])).all()


def test_late_gain_begins_at_thirty_two_and_ends_at_eighty_two():
    assert education_law.late([20, 32, 47, 82, 89]) == pytest.approx([0.0, 0.0, 1.5, 5.0, 5.0])


def test_late_gain_moves_the_stocks_of_others_but_not_of_immigrants(panel, draws):
    cells, assumed = build_cells(panel), stocks.build_assumed(panel)
    p = parameters(panel, draws.isel(chain=0, draw=0))
    base, late = (
        stocks.expected_logits(
            cells, stocks.moved_by(cells, assumed, p | dict.fromkeys(stocks.LATE, np.array(gain)))
        )
        for gain in (0.0, 0.1)
    )
    first = np.cumsum([0, *(block[0] for block in cells.blocks)])
    moved = late[:2] - base[:2]
    assert moved[:, first[2] : first[3]] == pytest.approx(0.0, abs=1e-12)
    assert (moved[:, : first[2]] > 0.0).all() and (moved[:, first[3] : first[4]] > 0.0).all()
    survey = moved[:, first[4] :].reshape(2, panel.sizes["survey_band"], -1)
    assert survey[:, 0] == pytest.approx(0.0) and (survey[:, 1:] > 0.0).all()  # 20-24; older
    assert moved[0, first[1] : first[2]].mean() == pytest.approx(0.1 * 1.65, abs=0.03)


def parameters(panel, draw):
    """Parameters by name of one draw, as the stocks need them."""
    names = {**stocks.shared_layout(panel), **stocks.local_layout(panel)}
    return {n: draw[n].values for n in (*names, "cohort_innovation", "vocational_counted")}


def test_arrays_and_tensors_give_the_same_law(panel, draws):
    cells, assumed = build_cells(panel), stocks.build_assumed(panel)
    held = stocks.as_shared(cells), stocks.as_shared(assumed)
    for draw in range(3):
        p = parameters(panel, draws.isel(chain=0, draw=draw))
        got = stocks.expected_logits(cells, stocks.moved_by(cells, assumed, p))
        tensors = {name: pt.as_tensor(value) for name, value in p.items()}
        model = stock_logits(stocks.moved_by(*held, tensors), fixed(cells))
        assert got == pytest.approx(model.eval(mode="FAST_COMPILE"), abs=1e-8)


def test_gradient_of_stocks_is_their_slope_in_every_direction(panel, draws):
    """Central differences of the law on arrays, along ten random directions."""
    cells, rng = build_cells(panel), np.random.default_rng(SEED)
    p = parameters(panel, draws.isel(chain=0, draw=0))
    at = stocks.moved_by(cells, stocks.build_assumed(panel), p)
    weight = rng.normal(size=(4, at.told.size))
    tensors = Moved(*(pt.tensor(dtype=float, shape=value.shape) for value in at))
    value = (stock_logits(tensors, fixed(cells)) * weight).sum()
    slopes = pytensor.function(tensors, pytensor.grad(value, tensors), mode="FAST_COMPILE")(*at)
    for _ in range(10):
        way = [rng.normal(size=value.shape) for value in at]
        up, down = (
            stocks.expected_logits(
                cells, Moved(*(v + 1e-6 * s * w for v, w in zip(at, way, strict=True)))
            )
            for s in (1, -1)
        )
        slope = ((up - down) * weight).sum() / 2e-6
        along = sum((g * w).sum() for g, w in zip(slopes, way, strict=True))
        assert along == pytest.approx(slope, rel=1e-5)


def test_only_what_data_inform_is_sampled(panel, study):
    model = education.build(panel, study.priors["education"], study.options)
    names = prior_only_variables(model)
    assert {"field_lean_error", "field_deviation", "split_error", "region_drift"} <= set(names)
    assert "field_share" not in names
    assert not {"direction_error", "split_spread", "completion", "late_tertiary"} & set(names)
    left = {v.name for v in drop_variables(model, names).unobserved_RVs}
    assert left == {v.name for v in model.unobserved_RVs} - set(names)


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
    gain = 1.8 * draws["late_upper_secondary"].values[0]  # decades from 32 to 50
    native = 1 / (1 + np.exp(-(shape + line[0] + line[1] * decades + gain)))
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


def test_steps_and_their_scale_keep_their_priors(panel, study):
    """Sampled together, drawn apart: log scale ~ Normal(mu, sigma), whatever the steps."""
    priors = study.priors["education"]
    model = education.build(panel, priors, study.options)
    names = ["cohort_innovation", "cohort_step"]
    drawn = prior_draws(model, 1000, seed=4, names=names).to_dataset()
    spec, log = priors["cohort_innovation"].params(), np.log(drawn["cohort_innovation"])
    assert log.mean().item() == pytest.approx(spec["mu"], abs=4 * spec["sigma"] / 4000**0.5)
    assert log.std().item() == pytest.approx(spec["sigma"], rel=4 / 8000**0.5)
    size = (drawn["cohort_step"] ** 2).mean("late_knot")
    assert abs(xr.corr(log, size).item()) < 4 / 4000**0.5


def test_missing_prior_is_named(panel, study):
    short = {n: p for n, p in study.priors["education"].items() if n != "misfit"}
    with pytest.raises(StudyError, match="misfit"):
        education.build(panel, short, study.options)


def test_a_panel_of_two_years_of_shares_samples_their_effects_apart_from_scales(tables, study):
    early, now = (
        education.build(panel, study.priors["education"], study.options)
        for panel in (early_panel(tables, study), build_education_panel(tables, study))
    )
    names = {"share_growth_region", "share_shock_year", "immigrant_level_region"}
    assert {f"z_{name}" for name in names} <= set(early.named_vars)
    assert names.isdisjoint({v.name.removeprefix("z_") for v in now.free_RVs if "z_" in v.name})


def test_the_immigrants_share_is_known_before_its_first_stock_and_grows_after_the_last():
    logits = xr.DataArray(
        [[-2.0, -1.9, -1.7, -1.4]], {"share_year": np.arange(2016, 2020)}, ("region", "share_year")
    )
    told = extended_share(logits, [2014, 2016, 2019, 2021])
    np.testing.assert_allclose(told, [[-2.0, -2.0, -1.4, -1.0]])


def test_residents_of_years_before_vocational_was_told_apart_count_it_as_secondary(tables, study):
    panel = early_panel(tables, study)
    assert panel["resident_year"].values.tolist() == [2012]
    cells = build_cells(panel)
    first = np.cumsum([0, *(block[0] for block in cells.blocks)])
    assert not cells.told[first[3] : first[4]].any() and cells.told[first[4] :].all()


def test_a_region_as_target_splits_its_tertiary_anew_and_not_as_the_first_target(panel, draws):
    """What is not published of a region is its own: no draw of another region stands for it."""
    wide = draws.assign(split_spread=draws["split_spread"] * 0 + 2.0)
    region = str(panel["region"].values[-1])
    first = wide["split_error"].isel(target=0, split=1).values.ravel()
    one, own = as_target(panel, wide, region, np.random.default_rng(SEED))
    error = own["split_error"].isel(target=0, split=1).values.ravel()
    assert own["split_error"]["target"].values.tolist() == [region]
    shares = forecast(own, one, [2024, 2025])["level_share"].isel(region=0, year=-1)
    academic = shares.sel(age=45, level=["bachelor", "master"])
    master = (academic.sel(level="master") / academic.sum("level")).values.ravel()
    odds = np.log(master / (1 - master))
    assert np.corrcoef(odds, error)[0, 1] > 0.6
    assert abs(np.corrcoef(odds, first)[0, 1]) < 0.5  # four standard errors of 60 draws

"""Cohort accounting conserves people, stays non-negative and does not look at labels."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given

from bayesgap.accounting.population import DRIVERS, drivers, project_population
from tests.strategies import build_population, few, populations


def world(seed):
    """One world of three years, for cases by hand."""
    rng = np.random.default_rng(seed)
    return build_population(rng, regions=3, years=3, wild=0.05)


@few
@given(populations)
def test_a_stock_is_the_one_before_plus_in_less_out(case):
    """Age by age: births, deaths and moves account for every change (A1-A3)."""
    stock, rates = case
    rates = rates.isel(year=[0]).clip(min=-0.6)  # so that nobody leaves twice
    people = project_population(stock, rates)
    now, then = people.isel(year=0, drop=True), people.isel(year=1, drop=True)
    rates = rates.isel(year=0, drop=True)
    gone = now * rates["death_probability"]
    moved = now * rates["net_migration_rate"]
    older = (now - gone + moved).transpose("chain", "draw", "region", "age")
    after = then.transpose(*older.dims)
    np.testing.assert_allclose(after[..., 1:89], older[..., :88], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(after[..., 89], older[..., 88:].sum("age"), rtol=1e-9)
    born = rates["child_ratio"] * now.sel(age=slice(20, 39)).sum("age")
    np.testing.assert_allclose(after[..., 0], born.transpose(*older.dims[:-1]), rtol=1e-9)


@few
@given(populations)
def test_ageing_alone_conserves_people(case):
    stock, rates = case
    still = rates * 0.0
    people = project_population(stock, still).sum("age")
    wanted = stock.sum("age").broadcast_like(people).transpose(*people.dims)
    np.testing.assert_allclose(people, wanted, rtol=1e-5)


@few
@given(populations)
def test_never_below_zero(case):
    stock, rates = case
    assert float(project_population(stock, rates).min()) >= 0


@few
@given(populations)
def test_relabelling_regions_commutes(case):
    stock, rates = case
    turned = stock["region"].values[::-1]
    one = project_population(stock, rates).sel(region=turned)
    other = project_population(stock.sel(region=turned), rates.sel(region=turned))
    xr.testing.assert_equal(one, other)


@few
@given(populations)
def test_draws_do_not_meet(case):
    stock, rates = case
    whole = project_population(stock, rates)
    xr.testing.assert_equal(whole.isel(draw=[1]), project_population(stock, rates.isel(draw=[1])))


def test_a_cohort_moves_up_and_the_open_group_collects():
    stock, rates = world(1)
    rates = rates * 0
    rates["net_migration_rate"].loc[{"age": 30}] = 0.10
    rates["death_probability"].loc[{"age": 30}] = 0.02
    rates["child_ratio"][:] = 0.05
    people = project_population(stock, rates)
    after = people.sel(year=2025, chain=0, draw=0)
    np.testing.assert_allclose(after.sel(age=31), 1.08 * stock.sel(age=30), rtol=1e-5)
    np.testing.assert_allclose(after.sel(age=11), stock.sel(age=10), rtol=1e-5)
    np.testing.assert_allclose(after.sel(age=89), stock.sel(age=[88, 89]).sum("age"), rtol=1e-5)
    parents = stock.sel(age=slice(20, 39)).sum("age")
    np.testing.assert_allclose(after.sel(age=0), 0.05 * parents, rtol=1e-5)
    assert people["year"].values.tolist() == [2024, 2025, 2026, 2027]
    assert people.dims == ("chain", "draw", "region", "year", "age")


def test_drivers_are_logs_of_named_bands():
    stock, rates = world(2)
    people = project_population(stock, rates)
    found = drivers(people)["log_driver"]
    assert (
        found["driver"].values.tolist() == list(DRIVERS) == ["0-18", "20-66", "65-79", "80+", "all"]
    )
    old = people.sel(age=slice(80, 89)).sum("age")
    np.testing.assert_allclose(found.sel(driver="80+"), np.log(old), rtol=1e-6)
    assert float(found.sel(driver="all").mean()) == pytest.approx(
        float(np.log(people.sum("age")).mean()), rel=1e-5
    )

"""Cohort accounting conserves people, stays non-negative and does not look at labels."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesgap.project.population import DRIVERS, drivers, next_january, project_population

AGES = list(range(90))
YEARS = [2024, 2025, 2026]


def world(seed: int, wild: float = 0.05) -> tuple[xr.DataArray, xr.Dataset]:
    """Random stock of three regions and random rates of six draws."""
    rng = np.random.default_rng(seed)
    stock = xr.DataArray(
        rng.uniform(0, 3000, (3, 90)), {"region": ["A", "B", "C"], "age": AGES}, ("region", "age")
    )
    dims = ("chain", "draw", "region", "year", "age")
    coords = {"chain": [0, 1], "draw": [0, 1, 2], "region": ["A", "B", "C"], "year": YEARS}
    rates = xr.Dataset(
        {
            "net_migration_rate": (dims, rng.normal(0, wild, (2, 3, 3, 3, 90))),
            "death_probability": (
                ("chain", "draw", "year", "age"),
                rng.uniform(0, 0.3, (2, 3, 3, 90)),
            ),
            "child_ratio": (dims[:-1], rng.uniform(0.02, 0.06, (2, 3, 3, 3))),
        },
        coords={**coords, "age": AGES},
    )
    return stock, rates


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_people_are_conserved(seed):
    stock, rates = world(seed)
    now = stock.broadcast_like(rates["child_ratio"].isel(year=0, drop=True))
    first = rates.isel(year=0, drop=True)
    then = next_january(now, first)
    born = first["child_ratio"] * now.sel(age=slice(20, 39)).sum("age")
    deaths = (now * first["death_probability"]).sum("age")
    moved = (now * first["net_migration_rate"]).sum("age")
    expected = now.sum("age") + born - deaths + moved
    found = then.sum("age").transpose(*expected.dims)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_never_below_zero(seed):
    stock, rates = world(seed, wild=2.0)
    assert float(project_population(stock, rates).min()) >= 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_relabelling_regions_commutes(seed):
    stock, rates = world(seed)
    turned = ["C", "A", "B"]
    one = project_population(stock, rates).sel(region=turned)
    other = project_population(stock.sel(region=turned), rates.sel(region=turned))
    xr.testing.assert_allclose(one, other, rtol=1e-6)


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

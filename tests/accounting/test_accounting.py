"""Properties that the accounting of supply, demand and gap has whatever the rates."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given

from bayesgap import schema
from bayesgap.accounting import demand, outlook
from bayesgap.present.summary import published
from tests.strategies import build_rates, every, few, worlds, years_of

SINGLE = 3e-6  # relative: sums of some hundred numbers in single precision
EXTENSIVE = ("supply", "demand", "labour_force", "employed_residence", "employment", "population")


def projected(rates, total="All"):
    return outlook.project(rates, years_of(rates), total)


def total_of(array, *dims):
    return array.astype(float).sum(dims)


@few
@given(worlds)
def test_gap_is_demand_less_supply_everywhere(rates):
    found = projected(rates)
    assert bool((found["gap"] == found["demand"] - found["supply"]).all())


@few
@given(worlds)
def test_stocks_are_never_negative(rates):
    found = projected(rates)
    for name in set(found.data_vars) - {"gap"}:
        assert float(found[name].min()) >= 0, name


@few
@given(worlds)
def test_the_total_is_the_sum_of_the_regions_in_every_draw(rates):
    found = projected(rates)
    regions = list(rates.population["region"].values)
    for name in (*EXTENSIVE, "gap", "outside", "working_age"):
        parts = total_of(found[name].sel(region=regions), "region")
        scale = float(abs(found[name]).max())
        whole = found[name].sel(region="All", drop=True)
        xr.testing.assert_allclose(whole.astype(float), parts, rtol=SINGLE, atol=SINGLE * scale)


@few
@given(worlds)
def test_base_gap_is_unfilled_less_unemployed(rates):
    """Both sides share one base table, so filled jobs cancel (O1-O3)."""
    found = projected(rates).isel(region=slice(0, -1), year=0)
    home = outlook.project_main(rates, years_of(rates)).parts.residents
    wanted = rates.imbalance["unfilled"] - home["unemployed"].isel(year=0)
    # proportional fitting stops at a relative 1e-6 of cells; the sides are thousands of persons
    atol = 5e-6 * float(found["demand"].max())
    np.testing.assert_allclose(
        found["gap"], wanted.transpose(*found["gap"].dims), rtol=0, atol=atol
    )


@few
@given(worlds)
def test_demand_adds_up_to_jobs_and_unfilled(rates):
    """Without unfilled jobs the groups add up to the sectors in every year, drift or not."""
    rates.imbalance["unfilled"] = rates.imbalance["unfilled"] * 0
    found = projected(rates)
    xr.testing.assert_allclose(
        total_of(found["demand"], "education"), total_of(found["employment"], "sector"), rtol=2e-6
    )


@few
@given(worlds)
def test_relabelling_regions_commutes_with_the_projection(rates):
    turned = list(rates.population["region"].values)[::-1]
    other = every(rates, lambda block: _turned(block, turned))
    one, two = projected(rates), projected(other)
    assert list(two["region"].values) == [*turned, "All"]
    for name in one.data_vars:
        again = two[name].sel(region=one["region"])
        np.testing.assert_allclose(again, one[name], rtol=1e-5, atol=0.01, err_msg=str(name))


def _turned(block, regions):
    return block.sel(region=regions) if "region" in block.dims else block


@few
@given(worlds)
def test_chunks_of_draws_account_as_all_draws_do(rates):
    whole = projected(rates)
    parts = [
        projected(every(rates, lambda block, i=i: block.isel(draw=[i])))
        for i in range(rates.population.sizes["draw"])
    ]
    joined = xr.concat(parts, "draw")
    for name in whole.data_vars:
        np.testing.assert_allclose(
            joined[name].transpose(*whole[name].dims), whole[name], rtol=1e-5, atol=0.01
        )


@few
@given(worlds)
def test_levels_fields_and_groups_add_up_to_one_total(rates):
    found = projected(rates)
    for quantity in ("supply", "demand", "gap"):
        draws, parts = published(found, quantity)
        kinds = {
            "education": [i for i, p in enumerate(parts) if p.education != "all"],
            "level": [i for i, p in enumerate(parts) if p.level != "all" and p.education == "all"],
            "field": [i for i, p in enumerate(parts) if p.field != "all" and p.education == "all"],
        }
        total = draws[-1].astype(float)
        atol = SINGLE * float(abs(found["demand"]).sum("education").max())
        for members in kinds.values():
            parted = draws[members].astype(float).sum("part")
            np.testing.assert_allclose(parted, total, rtol=0, atol=atol)


@few
@given(worlds)
def test_more_unfilled_jobs_never_lower_demand(rates):
    before = projected(rates)["demand"]
    rates.imbalance["unfilled"] = rates.imbalance["unfilled"] + 10
    after = projected(rates)["demand"]
    assert bool((after >= before * (1 - SINGLE)).all())


def test_a_zero_drift_keeps_the_mix_of_the_base_year():
    rates = build_rates(np.random.default_rng(3))
    filled = labelled_base(rates)
    jobs = outlook.jobs_by_sector(rates.sectors, years_of(rates))
    drift = rates.skill_mix["mix_drift"] * 0
    none = rates.imbalance["unfilled"] * 0
    path = demand.demand(filled, jobs, drift, none)
    mix = filled / filled.sum("education")
    wanted = xr.dot(jobs, mix, dim="sector").transpose(*path.dims)
    xr.testing.assert_allclose(path, wanted)


def labelled_base(rates):
    return rates.sectors["employment_base"] * rates.skill_mix["base_mix"]


def test_a_region_with_a_mix_of_its_own_is_projected_by_it_alone():
    rates = build_rates(np.random.default_rng(8))
    mix = rates.skill_mix["base_mix"]
    turned = mix.isel(sector=slice(None, None, -1)).assign_coords(sector=mix["sector"])
    own = xr.concat([mix, turned], dim="region").assign_coords(region=["R0", "R1"])
    nation, regional = (
        projected(rates._replace(skill_mix=rates.skill_mix.assign(base_mix=values)))["demand"]
        for values in (mix, own)
    )
    xr.testing.assert_allclose(nation.sel(region="R0"), regional.sel(region="R0"))
    assert float(np.abs(nation - regional).sel(region="R1").max()) > 0


def test_outlook_names_its_groups_and_years():
    rates = build_rates(np.random.default_rng(4))
    found = projected(rates, "Somewhere")
    assert list(found["region"].values) == ["R0", "R1", "Somewhere"]
    assert tuple(found["education"].values) == schema.EDUCATION
    assert tuple(found["level"].values) == schema.EDUCATION_LEVEL
    assert found["gap"].dims == ("chain", "draw", "region", "year", "education")
    assert {str(found[name].dtype) for name in found.data_vars} == {"float32"}
    assert list(found["age_band"].values) == list(outlook.AGE_BANDS)


def test_population_of_a_quarter_is_that_of_the_next_january():
    rates = build_rates(np.random.default_rng(5), years=2)
    people = outlook.population_of_quarter(rates.population, [2024, 2025])
    assert people["year"].values.tolist() == [2024, 2025]
    np.testing.assert_array_equal(people.sel(year=2025), rates.population.sel(year=2026))


def test_bands_hold_their_first_and_last_age():
    rates = build_rates(np.random.default_rng(6), regions=1, years=2, draws=1)
    bands = outlook.population_by_band(rates.population)
    people = rates.population
    for band, low, high in (("0-18", 0, 18), ("20-66", 20, 66), ("80+", 80, 89), ("all", 0, 89)):
        wanted = people.isel(age=slice(low, high + 1)).sum("age")
        np.testing.assert_allclose(bands.sel(age_band=band), wanted)


def test_jobs_grow_from_the_base_year_on():
    rates = build_rates(np.random.default_rng(7), regions=1, years=3, draws=1)
    growth = rates.sectors["employment_growth"]
    growth[:] = np.log([1.1, 1.2])[:, None]
    jobs = outlook.jobs_by_sector(rates.sectors, [2024, 2025, 2026])
    base = rates.sectors["employment_base"]
    for year, factor in ((2024, 1.0), (2025, 1.1), (2026, 1.32)):
        np.testing.assert_allclose(jobs.sel(year=year), factor * base)


@pytest.mark.parametrize("drop", ["population", "education"])
def test_a_year_that_no_rate_covers_is_an_error(drop):
    rates = build_rates(np.random.default_rng(8))
    short = getattr(rates, drop).isel(year=slice(0, -1))
    with pytest.raises((KeyError, ValueError)):
        projected_strictly(rates._replace(**{drop: short}), years_of(rates))


def projected_strictly(rates, years):
    with xr.set_options(arithmetic_join="exact"):
        return outlook.project(rates, years, "All")

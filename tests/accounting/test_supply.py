"""Supply by hand: sixty working ages of a hundred people each, half of whom take part."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given

from bayesgap import schema
from bayesgap.accounting import supply
from tests.strategies import FIRST, build_rates, few, generators, labelled

AGES = list(schema.WORKING_AGES)
LEVELS = list(schema.LEVELS)
WHERE = {"region": ["A"], "year": [FIRST]}


def one(value, *dims, **coords):
    """Constant array (chain, draw, *dims) of one draw."""
    shape = [1, 1, *(len(coords[name]) for name in dims)]
    return labelled(np.full(shape, float(value)), *dims, **coords)


@pytest.fixture
def world():
    """Everyone has primary school; half in the labour force, a tenth unemployed."""
    people = one(100, "region", "year", "age", **WHERE, age=AGES)
    level = one(0, "region", "year", "age", "level", **WHERE, age=AGES, level=LEVELS)
    level.loc[{"level": "primary"}] = 1.0
    groups = list(schema.EDUCATION)
    field = one(1, "region", "year", "education", **WHERE, education=groups)
    education = xr.Dataset({"level_share": level, "field_share": field})
    participation = xr.Dataset(
        {
            "participation_logit": one(0, "age", "level", age=AGES, level=LEVELS),
            "participation_shift": one(0, "region", "year", **WHERE),
            "older_shift": one(0, "year", year=[FIRST]),
            "unemployment_rate": one(0.1, "level", level=LEVELS),
            "study_share": one(0.1, "age", age=AGES),
        }
    )
    by_level = ("region", "year", "level")
    commuting = xr.Dataset(
        {
            "out_commuting_share": one(0.2, *by_level, **WHERE, level=LEVELS),
            "in_commuting_ratio": one(0.1, *by_level, **WHERE, level=LEVELS),
        }
    )
    return people, education, participation, commuting


def residents(people, education, participation, commuting):
    """S1 to S5 in a row, as the outlook takes them."""
    people = people.sel(age=AGES)
    rate = supply.labour_force_rate(participation)
    force, active = supply.labour_force(people, education["level_share"], rate)
    flows = supply.flows_by_level(force, participation, commuting)
    outside = supply.outside(people, active, participation["study_share"])
    return supply.by_groups(flows, education["field_share"]).assign(outside=outside)


def totals(world):
    found = residents(*world)
    return {name: round(float(values.sum()), 3) for name, values in found.items()}


def test_each_step_by_hand(world):
    assert totals(world) == {
        "labour_force": 3000,  # 60 ages of 100, half of them
        "unemployed": 300,
        "employed_residence": 2700,
        "out_commuters": 540,
        "in_commuters": 270,
        "employed_workplace": 2430,
        "outside": 1840,  # 46 ages of 100, less the half at work and the tenth in school
    }


def test_older_shift_begins_at_62(world):
    world[2]["older_shift"] += np.log(3)  # odds of one to one become three to one: 0.75
    assert totals(world)["labour_force"] == pytest.approx(3000 + 13 * 25)


def test_nobody_is_outside_twice(world):
    world[2]["study_share"] += 0.8  # 0.9 study and 0.5 take part: some do both, none is outside
    assert totals(world)["outside"] == 0


def test_shift_moves_all_ages(world):
    world[2]["participation_shift"] -= np.log(3)
    assert totals(world)["labour_force"] == pytest.approx(1500)


def test_in_commuters_may_be_given_in_persons(world):
    people, education, participation, commuting = world
    force = (people * education["level_share"]).sum("age") * 0.5
    arriving = one(7, "region", "year", "level", **WHERE, level=LEVELS)
    flows = supply.flows_by_level(force, participation, commuting, arriving)
    work = flows["employed_residence"] - flows["out_commuters"] + 7
    xr.testing.assert_allclose(flows["employed_workplace"], work.transpose(*force.dims))


@few
@given(generators)
def test_the_labour_force_is_the_same_by_level_and_by_age_in_any_layout(rng):
    rates = build_rates(rng, regions=2, years=2, draws=2)
    people = rates.population.isel(year=slice(1, None)).assign_coords(year=[2024, 2025])
    people = people.sel(age=AGES)
    share, rate = rates.education["level_share"], supply.labour_force_rate(rates.participation)
    by_level, by_age = supply.labour_force(people, share, rate)
    active = people * share * rate
    np.testing.assert_allclose(by_level, active.sum("age"), rtol=1e-6)
    np.testing.assert_allclose(by_age, active.sum("level").transpose(*by_age.dims), rtol=1e-6)
    turned = supply.labour_force(people.T, share.transpose("level", "year", ...), rate.T)
    for one, other in zip((by_level, by_age), turned, strict=True):
        xr.testing.assert_identical(other, one)


@few
@given(generators)
def test_fields_split_their_level_and_no_other(rng):
    rates = build_rates(rng, regions=2, years=2, draws=2)
    people = rates.population.isel(year=slice(1, None)).assign_coords(year=[2024, 2025])
    found = residents(people, rates.education, rates.participation, rates.commuting)
    share = rates.education["level_share"]
    rate = supply.labour_force_rate(rates.participation)
    by_level = (people.sel(age=AGES) * share * rate).sum("age")
    level = xr.DataArray(list(schema.EDUCATION_LEVEL), dims="education", name="level")
    grouped = found["labour_force"].groupby(level).sum()
    wanted = by_level.sel(level=grouped["level"]).transpose(*grouped.dims)
    np.testing.assert_allclose(grouped, wanted, rtol=1e-5)
    home = found["labour_force"] - found["unemployed"]
    np.testing.assert_allclose(home, found["employed_residence"], rtol=1e-4, atol=1e-3)
    work = found["employed_residence"] - found["out_commuters"] + found["in_commuters"]
    np.testing.assert_allclose(work, found["employed_workplace"], rtol=1e-4, atol=1e-3)

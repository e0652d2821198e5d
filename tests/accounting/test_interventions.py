"""Scenarios keep their promises: identity, order, sums, conservation, monotone where claimed."""

import itertools
from functools import cache

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_world import EVENTS, TOTAL, YEARS, drawn, future, measure

from bayesgap.accounting.effects import added
from bayesgap.accounting.events.apply import intervene, populate
from bayesgap.accounting.outlook import assembled, project
from bayesgap.scenarios.contributions import contributions
from bayesgap.scenarios.effects import effect_of

KINDS = list(EVENTS)
STRENGTH = {
    **dict.fromkeys(KINDS, "share"),
    "outside": "points",
    "retirement": "years",
    "immigration": "arrivals",
    "sector_growth": "growth",
    "opening": "jobs",
    "productivity": "growth",
    "market_response": "adjusting",
}
MONOTONE_SUPPLY = {
    "outside": ("points", 0.01, 0.06),
    "retirement": ("years", 0.4, 2.6),
    "out_migration": ("share", 0.1, 0.5),
    "immigration": ("arrivals", 0.5, 4.0),
}
MONOTONE_DEMAND = {
    "sector_growth": ("growth", 0.01, 0.05),
    "opening": ("jobs", 100.0, 500.0),
    "productivity": ("growth", 0.002, 0.01),
}


def outlook(*measures) -> xr.Dataset:
    return intervene(future(), drawn(*measures), TOTAL)


@cache
def main() -> xr.Dataset:
    return assembled(future().main.parts, YEARS, TOTAL)


def test_no_events_is_the_identity() -> None:
    without = intervene(future(), [], TOTAL).drop_dims("place")
    xr.testing.assert_identical(without, main())
    whole = project(future().rates, YEARS, TOTAL).drop_vars("base_ratio")
    xr.testing.assert_identical(without, whole)


@pytest.mark.parametrize("kind", KINDS)
def test_a_strength_of_zero_changes_nothing(kind) -> None:
    first = next(iter(EVENTS[kind]))
    if kind == "reskilling" or kind == "education_profile":
        first = "share"
    elif kind == "sector_growth":
        first = "growth"
    still = outlook(measure(kind, **{first: 0.0}))
    for name, values in main().data_vars.items():
        found = (
            still[name].reindex(sector=main()["sector"]) if name == "employment" else still[name]
        )
        np.testing.assert_allclose(found.transpose(*values.dims), values, rtol=2e-5, atol=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_changes_in_the_base_year_and_something_later(kind) -> None:
    changed, before = outlook(measure(kind)), main()
    shift = abs(changed[["supply", "demand", "labour_force"]] - before)
    assert float(shift.isel(year=0).to_array().max()) < 0.01
    assert float(shift.isel(year=-1).to_array().max()) > 1


@settings(max_examples=4, deadline=None)
@given(st.permutations(KINDS))
def test_order_of_events_does_not_matter(order) -> None:
    given_order = outlook(*map(measure, KINDS))
    other = outlook(*map(measure, order))
    for name in given_order.data_vars:
        np.testing.assert_allclose(other[name], given_order[name], rtol=1e-4, atol=0.05)


@pytest.mark.parametrize("kind", MONOTONE_SUPPLY)
def test_a_stronger_supply_measure_never_adds_less(kind) -> None:
    name, low, high = MONOTONE_SUPPLY[kind]
    paths = [
        outlook(measure(kind, **{name: s}))["labour_force"].sum("education").sel(region=TOTAL)
        for s in np.linspace(low, high, 4)
    ]
    for weak, strong in itertools.pairwise(
        [main()["labour_force"].sum("education").sel(region=TOTAL), *paths]
    ):
        assert float((strong - weak).min()) > -0.1


@pytest.mark.parametrize("kind", MONOTONE_DEMAND)
def test_a_stronger_demand_measure_never_does_less(kind) -> None:
    name, low, high = MONOTONE_DEMAND[kind]
    sign = -1 if kind == "productivity" else 1
    paths = [
        sign * outlook(measure(kind, **{name: s}))["demand"].sum("education")
        for s in np.linspace(low, high, 4)
    ]
    for weak, strong in itertools.pairwise(paths):
        assert float((strong - weak).min()) > -0.1


def test_fewer_outside_is_a_share_of_the_population_to_the_person() -> None:
    changed, before = outlook(measure("outside", points=0.02)), main()
    gain = (changed["labour_force"] - before["labour_force"]).sum("education").isel(year=-1)
    wanted = 0.02 * before["working_age"].isel(year=-1)
    np.testing.assert_allclose(gain, wanted, rtol=1e-3)
    fewer = (before["outside"] - changed["outside"]).isel(year=-1)
    np.testing.assert_allclose(fewer, wanted, rtol=1e-2)


def test_those_who_stay_take_part_once() -> None:
    """Fewer leave and fewer are outside: the second applies to those who stayed, not twice."""
    both = outlook(measure("out_migration"), measure("outside"))["labour_force"].sum("education")
    one = outlook(measure("out_migration"))["labour_force"].sum("education")
    other = outlook(measure("outside"))["labour_force"].sum("education")
    people = outlook(measure("out_migration"))["working_age"] - main()["working_age"]
    extra = (both - one - other + main()["labour_force"].sum("education")).isel(year=-1)
    np.testing.assert_allclose(extra, 0.03 * people.isel(year=-1), atol=0.2, rtol=0.02)


def test_reskilling_conserves_persons() -> None:
    changed, before = outlook(measure("reskilling")), main()
    for name in ("supply", "labour_force"):
        np.testing.assert_allclose(
            changed[name].sum("education"), before[name].sum("education"), rtol=1e-5
        )
    assert float((changed["labour_force"] - before["labour_force"]).isel(year=-1).min()) < -1


@pytest.mark.parametrize("kind", ["out_migration", "out_commuting", "market_response"])
def test_what_one_region_gains_another_place_loses(kind) -> None:
    moved = outlook(measure(kind))["moved"]
    assert set(moved["place"].to_numpy()) == {"A", "B", "C", "rest_of_norway"}
    np.testing.assert_allclose(moved.sum("place"), 0.0, atol=0.05)
    assert float(abs(moved.isel(year=-1)).min()) > 0


def test_what_stays_within_the_regions_is_no_gain_of_their_sum() -> None:
    name = "labour_force"
    gain = [
        (outlook(measure("out_migration", within=w))[name] - main()[name])
        .sum("education").sel(region=TOTAL).isel(year=-1)
        for w in (0.0, 0.5)
    ]  # fmt: skip
    np.testing.assert_allclose(gain[1] / gain[0], 0.5, rtol=0.03)


def test_one_region_gains_what_the_others_lose_when_all_stay_within() -> None:
    changed = outlook(measure("out_migration", within=1.0, regions=["A"]))
    effect = (changed["population"] - main()["population"]).sel(age_band="all").isel(year=-1)
    assert float(effect.sel(region="A").min()) > 1
    assert float(effect.sel(region=["B", "C"]).max()) < 0
    assert float(abs(effect.sel(region=TOTAL)).max()) < 0.05 * float(effect.sel(region="A").max())


def test_market_response_closes_the_stated_share_of_a_lone_region() -> None:
    alone = {"within": 0.0, "shared": 0.0, "mobility": 0.0, "adjusting": 0.5}
    changed, before = outlook(measure("market_response", **alone)), main()
    log = lambda o: np.log(o["demand"] / o["supply"]).sel(region=["A", "B", "C"])  # noqa: E731
    since = log(before) - log(before).isel(year=0)
    left = log(changed) - log(before).isel(year=0)
    np.testing.assert_allclose(left.isel(year=-1), 0.5 * since.isel(year=-1), atol=1e-3)


def test_contributions_add_up_and_do_not_depend_on_order() -> None:
    kinds = ["outside", "out_migration", "out_commuting", "productivity"]
    events = {kind: drawn(measure(kind)) for kind in kinds}
    gap = outlook(*map(measure, kinds))["gap"] - main()["gap"]
    found = contributions(future(), events, TOTAL, gap.isel(year=-1))
    np.testing.assert_allclose(
        found.sum("measure"), gap.isel(year=-1).transpose("chain", "draw", "region", "education"),
        atol=0.05,
    )  # fmt: skip
    reverse = dict(reversed(events.items()))
    backwards = contributions(future(), reverse, TOTAL, gap.isel(year=-1))
    np.testing.assert_allclose(backwards.sel(measure=kinds), found, atol=0.05)
    assert not np.allclose(found.sum("education").isel(measure=0), 0)


def test_a_measure_without_effect_contributes_nothing_and_twins_alike() -> None:
    events = {
        "nothing": drawn(measure("outside", points=0.0)),
        "one": drawn(measure("outside", "one", points=0.01)),
        "two": drawn(measure("outside", "two", points=0.01)),
    }
    found = contributions(future(), events, TOTAL, main()["gap"].isel(year=-1))
    assert float(abs(found.sel(measure="nothing")).max()) < 0.05
    np.testing.assert_allclose(found.sel(measure="one"), found.sel(measure="two"), atol=0.05)


def test_effect_added_to_main_is_the_scenario() -> None:
    measures = [measure("opening"), measure("outside")]
    events = {m.name: drawn(m) for m in measures}
    effect = effect_of(future(), main(), events, TOTAL)
    whole = added(main(), effect)
    wanted = outlook(*measures)
    for name in ("supply", "demand", "employment", "labour_force"):
        np.testing.assert_allclose(
            whole[name].transpose(*wanted[name].dims), wanted[name], rtol=1e-5, atol=0.02
        )
    assert float(whole["employment"].sel(sector="health_industry", region="A", year=2030).min()) > 1


def test_a_measure_has_the_same_strengths_in_every_scenario() -> None:
    uncertain = {"dist": "beta", "alpha": 2.0, "beta": 8.0, "why": "Nobody knows this share well."}
    alone = drawn(measure("out_migration", share=uncertain))[0].strength["share"]
    other = measure("outside")
    together = drawn(other, measure("out_migration", share=uncertain))[1].strength["share"]
    xr.testing.assert_identical(alone, together)
    assert float(alone.std()) > 0


def test_population_can_be_known_before() -> None:
    events = drawn(measure("out_migration"), measure("outside"))
    known = populate(future(), events)
    last = intervene(future(), events, TOTAL, [2030], known)
    whole = intervene(future(), events, TOTAL).sel(year=[2030])
    np.testing.assert_allclose(last["gap"], whole["gap"].transpose(*last["gap"].dims), atol=0.05)

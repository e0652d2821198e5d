"""Scenarios as accounting: the main future of one chunk of draws and events in, an outlook out.

Events act on rates, in a fixed order of kinds, each on what the kinds before it left: people, their
education, retirement, who is outside, commuting, reskilling; jobs; and at last the market. Hence
nobody is counted twice, and the order of events in a file does not matter. What an event does not
touch is the main projection's own array, so that a scenario without effect is the identity.

In-commuters stay those of the main projection: more residents at work bring no more of them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.accounting import demand, supply
from bayesgap.accounting.events import demand as jobs_of
from bayesgap.accounting.events import market
from bayesgap.accounting.events import people as extras
from bayesgap.accounting.events import supply as people_of
from bayesgap.accounting.events.strengths import Drawn, spread_out
from bayesgap.accounting.outlook import (
    Main,
    Parts,
    Rates,
    assembled,
    available,
    jobs_by_sector,
    of_working_age,
    population_of_quarter,
)
from bayesgap.study.scenario import Immigration, OutCommuting, OutMigration

IMMIGRANTS = "immigrants"
REST = "rest_of_norway"
MOVING = ("out_migration", "immigration")
FEW = 2  # years of all regions at a time; more take much memory, and regions come one by one
IN_SUPPLY = (
    "outside",
    "retirement",
    "out_migration",
    "immigration",
    "education_profile",
    "completion",
    "reskilling",
    "out_commuting",
)
IN_JOBS = ("sector_growth", "opening", "productivity")


class Future(NamedTuple):
    """The main projection of one chunk of draws, and what scenarios need to change it.

    `movement` has out_migration_rate, death_probability and child_ratio; `arrivals` (age) says
    how immigration by age responds to its total; `grow` gives the sectors for another population
    with the same innovations; `profile` gives the level shares of a region or of immigrants.
    """

    rates: Rates
    main: Main
    years: tuple[int, ...]
    movement: xr.Dataset
    arrivals: xr.DataArray
    grow: Callable[[xr.DataArray], xr.Dataset]
    profile: Callable[[str], xr.DataArray]


class Population(NamedTuple):
    """Extra people of a scenario and the sectors that follow from the whole population."""

    stay: xr.DataArray | None
    arrive: xr.DataArray | None
    whole: xr.DataArray
    sectors: xr.Dataset


def populate(future: Future, events: Sequence[Drawn]) -> Population:
    """Extra people under the events of migration, and the sectors that respond to them."""
    main = future.rates.population
    stay = extras.stayers(main, future.movement, events)
    arrive = extras.immigrants(main, future.movement, future.arrivals, events)
    if stay is None and arrive is None:
        return Population(None, None, main, future.rates.sectors)
    whole = main
    for more in (stay, arrive):
        whole = whole if more is None else whole + more
    whole = whole.clip(min=0).astype(np.float32)
    return Population(stay, arrive, whole, future.grow(whole))


def intervene(
    future: Future,
    events: Sequence[Drawn],
    total: str,
    years: Sequence[int] | None = None,
    population: Population | None = None,
) -> xr.Dataset:
    """Outlook of a scenario (chain, draw, region, year, ...) [person] on the draws of `future`.

    Parameters
    ----------
    events : events of all measures with their drawn strengths
    total : name of the sum over regions
    years : those wanted, all of `future` if None
    population : what `populate` gave for the same events, if known already

    Returns
    -------
    Dataset as `project` gives it, and `moved` (chain, draw, place, year): persons whom regions
    take from each other and from `rest_of_norway`; it adds up to 0 over places
    """
    years = future.years if years is None else tuple(years)
    people = populate(future, events) if population is None else population
    home = supply_side(future, people, events, years)
    parts, moved = joined(future, people, home, demand_side(future, people, events, years), events)
    outlook = assembled(parts, years, total)
    rest = -moved.sum("region", skipna=False).expand_dims(region=[REST])
    outlook["moved"] = xr.concat([moved, rest], "region").rename(region="place").astype(np.float32)
    return outlook


def joined(
    future: Future,
    population: Population,
    home: tuple[xr.Dataset, xr.DataArray],
    jobs: tuple[xr.DataArray, xr.DataArray],
    events: Sequence[Drawn],
) -> tuple[Parts, xr.DataArray]:
    """Both sides after the market's response, and persons taken from elsewhere.

    `home` and `jobs` are what `supply_side` and `demand_side` gave for the same events.
    """
    residents, moved = home
    at_hand = available(residents, future.main.ratio)
    parts = Parts(population.whole, residents, at_hand, wanted=jobs[1], jobs=jobs[0])
    for drawn in market.responses(events):
        parts, taken = _responded(parts, future, drawn)
        moved = moved + taken
    return parts, moved


def _at(values: xr.DataArray, years: tuple[int, ...]) -> xr.DataArray:
    """`values` in `years`; the same array if it has no others."""
    same = values["year"].size == len(years) and (values["year"] == list(years)).all()
    return values if same else values.sel(year=list(years))


def touches(events: Sequence[Drawn], kinds: Sequence[str]) -> bool:
    """Whether one of `events` is of one of `kinds`."""
    return any(drawn.event.kind in kinds for drawn in events)


def supply_side(
    future: Future, population: Population, events: Sequence[Drawn], years: tuple[int, ...]
) -> tuple[xr.Dataset, xr.DataArray]:
    """Residents by education, and persons (chain, draw, region, year) taken from elsewhere."""
    nobody = xr.zeros_like(_at(future.main.parts.residents["outside"], years))
    if not touches(events, IN_SUPPLY):
        return future.main.parts.residents.sel(year=list(years)), nobody
    rates = future.rates
    regions = rates.population.sizes["region"]
    width = 1 if len(years) > FEW else regions
    found = [
        _at_home(future, population, events, years, slice(first, first + width))
        for first in range(0, regions, width)
    ]
    home = xr.concat(found, "region")
    out_share, arriving, swapped = _commuting(future, home["labour_force"], events, years)
    commuting = xr.Dataset({"out_commuting_share": out_share})
    flows = supply.flows_by_level(home["labour_force"], rates.participation, commuting, arriving)
    residents = _by_education(flows, _at(rates.education["field_share"], years), events)
    residents["outside"] = home["outside"]
    if population.stay is not None:
        stay = population_of_quarter(population.stay, years).sum("age", skipna=False)
        swapped = swapped + stay
    return residents, (nobody + swapped).transpose(*nobody.dims)


def _at_home(
    future: Future,
    population: Population,
    events: Sequence[Drawn],
    years: tuple[int, ...],
    part: slice,
) -> xr.Dataset:
    """Labour force by level, and persons outside, of some regions."""

    def here[Values: (xr.DataArray, xr.Dataset)](values: Values) -> Values:
        return values.isel(region=part) if "region" in values.dims else values

    at_level, active = _active(future, population, events, years, here)
    study = future.rates.participation["study_share"]
    active = people_of.from_outside(at_level, active, study, events)
    outside = supply.outside(supply.over_levels(at_level), supply.over_levels(active), study)
    return xr.Dataset({"labour_force": supply.over_ages(active), "outside": outside})


def _active(
    future: Future,
    population: Population,
    events: Sequence[Drawn],
    years: tuple[int, ...],
    here: Callable[[xr.DataArray], xr.DataArray],
) -> tuple[xr.DataArray, xr.DataArray]:
    """Residents and labour force (chain, draw, region, year, age, level) [person]."""
    main_shares = here(_at(future.rates.education["level_share"], years))
    shares = people_of.changed_shares(
        main_shares, events, lambda name: here(_at(future.profile(name), years))
    )
    rate = people_of.changed_rate(here(_at(future.main.rate, years)), events)
    at_level = here(_at(future.main.people, years)) * shares
    active = at_level * rate
    if population.stay is not None:
        leaving = _mean_tendency(events)
        more = _working(here(population.stay), years) * people_of.stayers_shares(shares, leaving)
        at_level, active = at_level + more, active + more * rate
    if population.arrive is not None:
        profile = here(_at(future.profile(IMMIGRANTS), years))
        more = _working(here(population.arrive), years) * profile
        level = (rate * _participation(events)).clip(max=1)
        at_level, active = at_level + more, active + more * level
    order = supply.ORDER
    return at_level.transpose(*order), active.transpose(*order)


def _working(people: xr.DataArray, years: tuple[int, ...]) -> xr.DataArray:
    return of_working_age(population_of_quarter(people, years))


def _mean_tendency(events: Sequence[Drawn]) -> dict[str, float]:
    """Relative tendency to leave by level, the mean of those that the events name."""
    named = [d.event.leaving for d in events if isinstance(d.event, OutMigration)]
    return {level: sum(of[level] for of in named) / len(named) for level in schema.LEVELS}


def _participation(events: Sequence[Drawn]) -> xr.DataArray:
    """Immigrants' participation relative to residents of the same age and level."""
    named = [d.strength["participation"] for d in events if isinstance(d.event, Immigration)]
    return sum(named[1:], named[0]) / len(named)


def _commuting(
    future: Future, force: xr.DataArray, events: Sequence[Drawn], years: tuple[int, ...]
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray | float]:
    """Share that commutes out, in-commuters by level, and workers swapped between regions.

    `force` is the labour force by level.
    """
    share = _at(future.rates.commuting["out_commuting_share"], years)
    arriving = _at(future.main.arriving, years)
    swapped: xr.DataArray | float = 0.0
    at_work = force * (1 - future.rates.participation["unemployment_rate"])
    for drawn in events:
        if not isinstance(drawn.event, OutCommuting):
            continue
        fewer = spread_out(drawn, "share", force["region"].to_numpy(), list(years))
        gain = at_work * share * fewer
        size = at_work.sum("level", skipna=False)
        lost = extras.lost_to_others(gain * drawn.strength["within"], size)
        share = share * (1 - fewer)
        arriving = (arriving - lost).clip(min=0)
        swapped = swapped + (gain - lost).sum("level", skipna=False)
    return share, arriving, swapped


def _by_education(
    flows: dict[str, xr.DataArray], field_share: xr.DataArray, events: Sequence[Drawn]
) -> xr.Dataset:
    """Flows by education after reskilling, which residents take part in and in-commuters do not."""
    groups = supply.by_groups(flows, field_share)
    for name in ("labour_force", "unemployed", "employed_residence", "out_commuters"):
        groups[name] = people_of.reskilled(groups[name], events)
    groups["employed_workplace"] = (
        groups["employed_residence"] - groups["out_commuters"] + groups["in_commuters"]
    )
    return groups


def demand_side(
    future: Future, population: Population, events: Sequence[Drawn], years: tuple[int, ...]
) -> tuple[xr.DataArray, xr.DataArray]:
    """Jobs by sector and jobs wanted by education."""
    alone = population.stay is None and population.arrive is None
    if alone and not touches(events, IN_JOBS):
        return _at(future.main.parts.jobs, years), _at(future.main.parts.wanted, years)
    jobs = _at(jobs_by_sector(population.sectors, future.years), years)
    factor = jobs_of.factor(jobs, events)
    jobs = jobs if factor is None else (jobs * factor).transpose(*jobs.dims)
    new = jobs_of.openings(jobs, events)
    wanted = demand.demand(
        future.main.filled,
        jobs_of.spread_to_sectors(jobs, new),
        future.rates.skill_mix["mix_drift"],
        future.rates.imbalance["unfilled"],
    )
    return jobs_of.with_openings(jobs, new), wanted


def _responded(parts: Parts, future: Future, drawn: Drawn) -> tuple[Parts, xr.DataArray]:
    """Parts after a market response, and persons moved between regions."""
    main, first = future.main.parts, future.years[0]
    start = market.tightness(main.available, main.wanted).sel(year=first, drop=True)
    found = market.respond(parts.available, parts.wanted, start, drawn)
    residents = parts.residents.assign(
        labour_force=parts.residents["labour_force"] * found.participation
    )
    shrunk = found.demand.sum("education") / parts.wanted.sum("education")
    changed = parts._replace(
        residents=residents,
        available=found.supply,
        wanted=found.demand,
        jobs=parts.jobs * shrunk,
    )
    return changed, found.moved.sum("education")

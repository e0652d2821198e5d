"""What scenarios do to residents: education of coming cohorts, participation, reskilling.

Equations
---------
Y1  w[r,a,t] = share path(t - a + settled) p: by the year in which a cohort settles its education;
    p goes from 0 in `start`, or at age 18, to 1 when it settles: nobody changes at once
Y2  profile: level share' = (1 - w) level share + w that of the region looked up to
Y3  completion: w of the share of one level moves to another
Y4  stayers have level shares in proportion to level share times the level's tendency to leave
Y5  retirement: rate'[a,l] = max(rate[a,l], rate[a - years,l]), linear between whole years
Y6  outside: active' = active + f outside, f[r,t] = points P[20-65] / sum_al outside[a,l] <= 1,
    outside[a,l] = people - active - students, never below 0, ages 20-65
Y7  reskilling: a share of each group taken moves to another, so that persons are conserved
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.events.strengths import Drawn, path, spread_out
from bayesgap.accounting.layout import for_cells, in_order
from bayesgap.accounting.supply import ORDER, OUTSIDE_AGES, over_levels
from bayesgap.study.scenario import Completion, EducationProfile, Outside, Reskilling, Retirement

SCHOOL_LEFT = 18  # nobody has completed upper secondary long before
Profile = Callable[[str], xr.DataArray]


def cohort_weight(drawn: Drawn, shares: xr.DataArray, settled: int) -> xr.DataArray:
    """Share of a cohort that an education event moves (chain, draw, region, year, age): Y1."""
    event = drawn.event
    years, ages = shares["year"].to_numpy(), shares["age"].to_numpy()
    born = years[:, None] - ages
    then = np.clip(event.start - born, SCHOOL_LEFT, settled - 1)
    progress = np.clip((years[:, None] - np.maximum(event.start, born + SCHOOL_LEFT)) /
                       (settled - then), 0, 1)  # fmt: skip
    when = xr.DataArray(
        (path(event, born + settled) * progress).astype(np.float32),
        {"year": years, "age": ages},
        ("year", "age"),
    )
    whole = spread_out(drawn, "share", shares["region"].to_numpy(), [event.full])
    return for_cells(whole.isel(year=0, drop=True) * when)


def changed_shares(shares: xr.DataArray, events: Sequence[Drawn], profile: Profile) -> xr.DataArray:
    """Level shares (chain, draw, region, year, age, level) under education events: Y1-Y3."""
    for drawn in events:
        if isinstance(drawn.event, EducationProfile):
            weight = cohort_weight(drawn, shares, drawn.event.settled)
            shares = shares + weight * (profile(drawn.event.like) - shares)
    for drawn in events:
        if isinstance(drawn.event, Completion):
            shares = completed(shares, drawn, drawn.event)
    return shares


def completed(shares: xr.DataArray, drawn: Drawn, event: Completion) -> xr.DataArray:
    """Level shares with part of one level moved to another: Y3."""
    weight = cohort_weight(drawn, shares, event.settled)
    moved = weight * shares.sel(level=event.level, drop=True)
    sign = (shares["level"] == event.to).astype(np.float32) - (shares["level"] == event.level)
    return (shares + moved * sign.astype(np.float32)).transpose(*shares.dims)


def stayers_shares(shares: xr.DataArray, leaving: Mapping[str, float]) -> xr.DataArray:
    """Level shares of those who would have left: Y4."""
    tendency = xr.DataArray(
        np.array([leaving[level] for level in schema.LEVELS], np.float32),
        {"level": list(schema.LEVELS)},
        ("level",),
    )
    weight = shares * tendency
    return weight / over_levels(weight)


def changed_rate(rate: xr.DataArray, events: Sequence[Drawn]) -> xr.DataArray:
    """Labour force rate (chain, draw, region, year, age, level) with later retirement: Y5."""
    for drawn in events:
        if isinstance(drawn.event, Retirement):
            years, regions = rate["year"].to_numpy(), rate["region"].to_numpy()
            delay = for_cells(spread_out(drawn, "years", regions, years))
            rate = later(rate, delay, drawn.event.from_age)
    return rate


def later(rate: xr.DataArray, delay: xr.DataArray, from_age: int) -> xr.DataArray:
    """Rates of `from_age` and over as those of people `delay` years younger."""
    old = rate.sel(age=slice(from_age, None))
    shifted = xr.zeros_like(old)
    for whole in range(4):
        younger = rate.sel(age=slice(from_age - whole, int(rate["age"][-1]) - whole))
        near = (1 - abs(delay - whole)).clip(min=0)
        shifted = shifted + near * younger.assign_coords(age=old["age"])
    raised = old.where(old > shifted, shifted).transpose(*rate.dims)
    return xr.concat([rate.sel(age=slice(None, from_age - 1)), raised], "age").transpose(*rate.dims)


def from_outside(
    people: xr.DataArray, active: xr.DataArray, study: xr.DataArray, events: Sequence[Drawn]
) -> xr.DataArray:
    """Persons in the labour force, by age and level, when fewer are outside: Y6.

    Parameters
    ----------
    people, active : (chain, draw, region, year, age, level) [person]
    study : (chain, draw, age) share only in education
    """
    chosen = [drawn for drawn in events if isinstance(drawn.event, Outside)]
    if not chosen:
        return active
    regions, years = people["region"].to_numpy(), people["year"].to_numpy()
    points = sum(spread_out(drawn, "points", regions, years) for drawn in chosen)
    persons = people.sel(age=OUTSIDE_AGES)
    idle = (persons * (1 - for_cells(study)) - active.sel(age=OUTSIDE_AGES)).clip(min=0)
    everybody, reached = (
        in_order(of, ORDER[2:]).sum(["age", "level"], skipna=False) for of in (persons, idle)
    )
    share = (points * everybody / reached.clip(min=1.0)).clip(0, 1)
    more = active.copy()
    more.loc[{"age": OUTSIDE_AGES}] += idle * for_cells(share)
    return more


def reskilled(groups: xr.DataArray, events: Sequence[Drawn]) -> xr.DataArray:
    """Persons (chain, draw, region, year, education) after moves between groups: Y7."""
    for drawn in events:
        if not isinstance(drawn.event, Reskilling):
            continue
        regions, years = groups["region"].to_numpy(), groups["year"].to_numpy()
        share = spread_out(drawn, "share", regions, years)
        taken = groups["education"].isin(list(drawn.event.taken))
        leaving = share * groups.where(taken, 0)
        arrives = (groups["education"] == drawn.event.to).astype(np.float32)
        groups = groups - leaving + arrives * leaving.sum("education")
    return groups.transpose(*schema.SAMPLE_DIMS, "region", "year", "education")

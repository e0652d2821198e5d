"""People whom a scenario adds to the population: those who stay, and those who immigrate.

Equations
---------
X1  leave[r,a] = out[r,a] (-log(1 - cumulative)) / sum_{a=from_age..45} out[r,a]: leaving for good
X2  gain[r,a,t] = share[t] leave[r,a] P[r,a,t], cohorts of the event only; less what the gains of
    others take: sum_q within gain[q,a,t] weight[q,r]. Who stays does not arrive in another region
    (weight: its share of the other regions' residents), or in the rest of Norway
X3  D[r,a+1,t+1] = D[r,a,t] (1 - q[a,t] - (1 - share) leave[r,a]) + gain[r,a,t]
X4  I[r,a+1,t+1] = I[r,a,t] (1 - q[a,t]) + arrivals regional P[r,t] / 1000 w[r,a,t]
X5  children of both: child ratio[t] times their number aged 20-39

Extra people die and leave; nobody moves in on their account: in-migration is a count with the
outside as exposure, so net rates on residents do not apply to them. Gross rates `out` count some
people many times and others who come back: they give the ages, and the cumulative share the level.
I is net of later emigration, as its strength is.
"""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from bayesgap.accounting.events.strengths import Drawn, spread_out
from bayesgap.study.scenario import Immigration, OutMigration

DIMS = ("chain", "draw", "region", "age")
GROWN_UP = 45  # few leave for good after that
Step = Callable[[xr.DataArray, int], xr.DataArray]


def stayers(
    people: xr.DataArray, movement: xr.Dataset, events: Sequence[Drawn]
) -> xr.DataArray | None:
    """Residents who do not move out (X1-X3, X5); None without such events.

    Parameters
    ----------
    people : (chain, draw, region, year, age) [person] on 1 January, main projection
    movement : out_migration_rate (chain, draw, region, age) [1/year], death_probability (chain,
        draw, year, age), child_ratio (chain, draw, region, year)
    events : drawn OutMigration events
    """
    chosen = [drawn for drawn in events if isinstance(drawn.event, OutMigration)]
    if not chosen:
        return None
    shares = [leaving_share(drawn, people) for drawn in chosen]
    size = people.isel(year=0, drop=True).sum("age", skipna=False)
    out = movement["out_migration_rate"].transpose(*DIMS)
    leaves = [leaving_rate(drawn, out) for drawn in chosen]

    def step(extra: xr.DataArray, year: int) -> xr.DataArray:
        now = people.sel(year=year, drop=True)
        gain, less = xr.zeros_like(extra), xr.ones_like(extra)
        for drawn, share, leave in zip(chosen, shares, leaves, strict=True):
            kept = share.sel(year=year, drop=True)
            own = kept * leave * now
            gain = gain + own - lost_to_others(own * drawn.strength["within"], size)
            less = less * (1 - kept)
        died = movement["death_probability"].sel(year=year, drop=True)
        still = (1 - died - less * sum(leaves) / len(leaves)).clip(min=0)
        return extra * still + gain

    return accumulated(people, movement["child_ratio"], step)


def leaving_rate(drawn: Drawn, out: xr.DataArray) -> xr.DataArray:
    """Rate of leaving for good (chain, draw, region, age) [1/year]: X1."""
    event = drawn.event
    assert isinstance(event, OutMigration)
    rate = -np.log1p(-drawn.strength["cumulative"])
    ages = out.sel(age=slice(event.from_age, GROWN_UP))
    return (out * rate / ages.sum("age", skipna=False)).transpose(*DIMS)


def leaving_share(drawn: Drawn, people: xr.DataArray) -> xr.DataArray:
    """Share of leavers who stay (chain, draw, region, year, age), 0 outside the cohorts."""
    event = drawn.event
    assert isinstance(event, OutMigration)
    years, ages = people["year"], people["age"]
    share = spread_out(drawn, "share", people["region"].to_numpy(), years.to_numpy())
    young = (ages - (years - event.start) < event.under_age) & (ages >= event.from_age)
    return share * young.astype(np.float32)


def lost_to_others(gain: xr.DataArray, size: xr.DataArray) -> xr.DataArray:
    """What each region loses to the gains of the others, split by `size` (…, region)."""
    others = size.sum("region", skipna=False) - size
    each = gain / others
    return (each.sum("region", skipna=False) - each) * size


def immigrants(
    people: xr.DataArray, movement: xr.Dataset, profile: xr.DataArray, events: Sequence[Drawn]
) -> xr.DataArray | None:
    """More, or fewer, immigrants and their survivors (X4, X5); None without such events.

    Parameters
    ----------
    profile : (age) how net immigration by age responds to its total, relative to residents
    """
    chosen = [drawn for drawn in events if isinstance(drawn.event, Immigration)]
    if not chosen:
        return None
    regions, years = people["region"].to_numpy(), people["year"].to_numpy()
    rates = [
        spread_out(drawn, "arrivals", regions, years) / 1000 * drawn.strength["regional"]
        for drawn in chosen
    ]
    rate = sum(rates[1:], rates[0])

    def step(extra: xr.DataArray, year: int) -> xr.DataArray:
        now = people.sel(year=year, drop=True)
        weight = now * profile
        arrivals = (
            rate.sel(year=year, drop=True)
            * now.sum("age", skipna=False)
            / weight.sum("age", skipna=False)
            * weight
        )
        died = movement["death_probability"].sel(year=year, drop=True)
        return extra * (1 - died) + arrivals

    return accumulated(people, movement["child_ratio"], step)


def accumulated(people: xr.DataArray, child_ratio: xr.DataArray, step: Step) -> xr.DataArray:
    """Follow extra people from none in the first year, a year older each 1 January."""
    years = [int(year) for year in people["year"].values]
    path = [xr.zeros_like(people.isel(year=0, drop=True))]
    for year in years[:-1]:
        born = child_ratio.sel(year=year, drop=True) * path[-1].sel(age=slice(20, 39)).sum(
            "age", skipna=False
        )
        moved = step(path[-1], year).transpose(*DIMS).to_numpy()
        older = np.empty_like(moved)
        older[..., 0] = born.transpose(*DIMS[:-1]).to_numpy()
        older[..., 1:] = moved[..., :-1]
        older[..., -1] += moved[..., -1]
        path.append(path[-1].copy(data=older))
    stacked = np.stack([extra.to_numpy() for extra in path], axis=-2)
    return people.copy(data=stacked)

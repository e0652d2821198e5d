"""What scenarios do to jobs: faster sectors, openings, productivity.

Equations
---------
Z1  growth: jobs'[s,t] = jobs[s,t] (1 + part (exp(growth n(t)) - 1)), n(t) the years of growth so
    far, from `start` to t or `full`
Z2  productivity: jobs'[s,t] = jobs[s,t] (1 - public[s] (1 - exp(-growth n(t)))), likewise
Z3  opening: jobs' = jobs + new path(t); demand by education gets new path(t) mix[e,t], the mix of
    the sectors `like` by weight, drift and unfilled jobs included as for all others
Factors multiply and openings come last, so that the order of events does not matter.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from bayesgap.accounting.events.strengths import Drawn, Labels, reach, spread_out
from bayesgap.study.scenario import BOUNDS, Opening, Productivity, SectorGrowth


def growing(drawn: Drawn, regions: Labels, years: Labels) -> xr.DataArray:
    """Accumulated log growth (chain, draw, region, year) of an event with `growth` a year."""
    turned = (drawn.strength["growth"] * drawn.factor).clip(*BOUNDS["growth"])
    span = drawn.event.full - drawn.event.start
    return turned * span * reach(drawn.event, regions, years)


def factor(jobs: xr.DataArray, events: Sequence[Drawn]) -> xr.DataArray | None:
    """Factor on jobs (chain, draw, region, year, sector): Z1 and Z2; None without such events."""
    regions, years = jobs["region"].to_numpy(), jobs["year"].to_numpy()
    sectors = jobs["sector"]
    total: xr.DataArray | None = None
    for drawn in events:
        match drawn.event:
            case SectorGrowth(sector=sector):
                here = (sectors == sector).astype(np.float32) * drawn.strength["part"]
                change = here * np.expm1(growing(drawn, regions, years))
            case Productivity(public=public):
                weights = [public.get(str(name), 0.0) for name in sectors.to_numpy()]
                here = xr.DataArray(np.array(weights, np.float32), {"sector": sectors}, ("sector",))
                change = here * np.expm1(-growing(drawn, regions, years))
            case _:
                continue
        total = 1 + change if total is None else total * (1 + change)
    return total


def openings(jobs: xr.DataArray, events: Sequence[Drawn]) -> list[tuple[Opening, xr.DataArray]]:
    """New jobs (chain, draw, region, year) [job] of each opening: Z3."""
    regions, years = jobs["region"].to_numpy(), jobs["year"].to_numpy()
    return [
        (drawn.event, spread_out(drawn, "jobs", regions, years))
        for drawn in events
        if isinstance(drawn.event, Opening)
    ]


def with_openings(jobs: xr.DataArray, new: Sequence[tuple[Opening, xr.DataArray]]) -> xr.DataArray:
    """Jobs by sector with openings added; a sector of its own appears if they name one."""
    for opening, persons in new:
        if opening.sector not in jobs["sector"].to_numpy():
            empty = xr.zeros_like(jobs.isel(sector=[0])).assign_coords(sector=[opening.sector])
            jobs = xr.concat([jobs, empty], "sector")
        jobs = jobs + (jobs["sector"] == opening.sector).astype(np.float32) * persons
    return jobs


def spread_to_sectors(
    jobs: xr.DataArray, new: Sequence[tuple[Opening, xr.DataArray]]
) -> xr.DataArray:
    """Jobs by sector for the skills that they need: openings count in the sectors `like`."""
    for opening, persons in new:
        total = sum(opening.like.values())
        weights = [opening.like.get(str(name), 0.0) / total for name in jobs["sector"].to_numpy()]
        share = xr.DataArray(np.array(weights, np.float32), {"sector": jobs["sector"]}, ("sector",))
        jobs = jobs + share * persons
    return jobs

"""What each measure of a combination contributes: Shapley values of the gap, draw by draw.

The contribution of a measure is the mean, over all orders in which measures may come, of what the
gap changes when it comes. Contributions add up to the whole change in every draw and do not depend
on the order of a file. Source: Shapley (1953), as in Song, Nelson & Staum (2016) for variances.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from math import comb

import xarray as xr

from bayesgap.accounting.events.apply import (
    IN_JOBS,
    IN_SUPPLY,
    MOVING,
    Future,
    Population,
    demand_side,
    joined,
    populate,
    supply_side,
    touches,
)
from bayesgap.accounting.events.strengths import Drawn
from bayesgap.accounting.outlook import gap_of
from bayesgap.errors import StudyError

MOST = 8  # measures of one combination: 256 projections of one year


def contributions(
    future: Future, events: Mapping[str, Sequence[Drawn]], total: str, whole: xr.DataArray
) -> xr.DataArray:
    """Shapley values (chain, draw, region, measure, education) [person] of the last year's gap.

    Parameters
    ----------
    whole : what all measures together change (chain, draw, region, education)

    Raises
    ------
    StudyError
        More than `MOST` measures.
    """
    names = list(events)
    if len(names) > MOST:
        raise StudyError(
            f"A combination must have at most {MOST} measures, so that the contributions can be "
            f"told apart; found {len(names)}: {', '.join(names)}."
        )
    if len(names) == 1:
        parts = [whole]
    else:
        value = coalition_values(future, events, total)
        parts = [shapley(value, name, frozenset(names)) for name in names]
    order = ("chain", "draw", "region", "measure", "education")
    return xr.concat(parts, xr.Variable("measure", names)).transpose(*order)


def shapley(
    value: Mapping[frozenset[str], xr.DataArray], name: str, whole: frozenset[str]
) -> xr.DataArray:
    """Mean over all orders of what `name` adds to those before it."""
    others = sorted(whole - {name})
    share = 1 / len(whole)
    terms = [
        share
        / comb(len(others), size)
        * (value[frozenset((*before, name))] - value[frozenset(before)])
        for size in range(len(others) + 1)
        for before in combinations(others, size)
    ]
    return sum(terms[1:], terms[0])


def coalition_values(
    future: Future, events: Mapping[str, Sequence[Drawn]], total: str
) -> dict[frozenset[str], xr.DataArray]:
    """Gap of the last year under every subset of the measures.

    People, supply and demand are projected once for each subset of the measures that touch them.
    """
    last = (future.years[-1],)

    def touching(kinds: Sequence[str]) -> frozenset[str]:
        return frozenset(name for name, of in events.items() if touches(of, kinds))

    def chosen(names: frozenset[str]) -> list[Drawn]:
        return [drawn for name, of in events.items() if name in names for drawn in of]

    movers, suppliers, hirers = map(touching, (MOVING, IN_SUPPLY, (*MOVING, *IN_JOBS)))
    people = cache(lambda names: at_end(populate(future, chosen(names)), last[0]))
    home = cache(lambda names: supply_side(future, people(names & movers), chosen(names), last))
    jobs = cache(lambda names: demand_side(future, people(names & movers), chosen(names), last))

    def gap(names: frozenset[str]) -> xr.DataArray:
        sides = home(names & suppliers), jobs(names & hirers)
        parts, _ = joined(future, people(names & movers), *sides, chosen(names))
        return gap_of(parts, total).isel(year=0, drop=True)

    sizes = range(len(events) + 1)
    subsets = (frozenset(names) for size in sizes for names in combinations(events, size))
    return {names: gap(names) for names in subsets}


def at_end(people: Population, year: int) -> Population:
    """`people` in the last `year` and the next: those of all subsets are kept."""

    def cut(of: xr.DataArray) -> xr.DataArray:
        return of.sel(year=[year, year + 1])

    stay, arrive = (of if of is None else cut(of) for of in (people.stay, people.arrive))
    return people._replace(stay=stay, arrive=arrive, whole=cut(people.whole))

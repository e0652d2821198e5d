"""What each measure of a combination contributes: Shapley values of the gap, draw by draw.

The contribution of a measure is the mean, over all orders in which measures may come, of what the
gap changes when it comes. Contributions add up to the whole change in every draw and do not depend
on the order of a file. Source: Shapley (1953), as in Song, Nelson & Staum (2016) for variances.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

import xarray as xr

from bayesgap.errors import StudyError
from bayesgap.project.interventions import Future, Population, intervene, populate
from bayesgap.project.strengths import Drawn

MOST = 8  # measures of one combination: 256 projections of one year
MOVING = ("out_migration", "immigration")


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
    """Gap of the last year under every subset of the measures."""
    moving = {n: any(d.event.kind in MOVING for d in of) for n, of in events.items()}
    last = [future.years[-1]]
    known: dict[frozenset[str], Population] = {}
    values: dict[frozenset[str], xr.DataArray] = {}
    for size in range(len(events) + 1):
        for names in combinations(events, size):
            chosen = [drawn for name in names for drawn in events[name]]
            movers = frozenset(name for name in names if moving[name])
            if movers not in known:
                known[movers] = populate(future, chosen)
            outlook = intervene(future, chosen, total, last, known[movers])
            values[frozenset(names)] = outlook["gap"].isel(year=0, drop=True)
    return values

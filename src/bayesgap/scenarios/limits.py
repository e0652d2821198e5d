"""How strong a measure can be at all: a search for strengths looks no further."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from bayesgap.accounting.events.apply import Future
from bayesgap.accounting.events.strengths import Drawn
from bayesgap.accounting.supply import OUTSIDE_AGES
from bayesgap.study.scenario import BOUNDS

MOST = 20.0  # times the strength of the file
MAIN_STRENGTH = ("share", "points", "years", "growth", "jobs", "arrivals", "adjusting")


class Limit(NamedTuple):
    """The largest factor on a measure, and what it would mean."""

    factor: float
    meaning: str


FARTHEST = Limit(MOST, f"{MOST:g} times the strength of its file")


def limits_of(
    futures: Sequence[Future],
    events: Sequence[Mapping[str, Sequence[Drawn]]],
    region: str,
    total: str,
) -> dict[str, Limit]:
    """Limit of every measure in one region, or in their sum, in the last year.

    A strength is taken at its median. Nobody can leave the outside who is not there.
    """
    outside = share_outside(futures, region, total)
    measures = {name for of_chunk in events for name in of_chunk}
    return {
        name: min(
            (_limit(drawn, outside) for of_chunk in events for drawn in of_chunk[name]),
            key=lambda limit: limit.factor,
        )
        for name in measures
    }


def share_outside(futures: Sequence[Future], region: str, total: str) -> float:
    """Median share of those aged 20 to 65 who are outside labour force and education."""
    shares = [
        _chosen(future.main.parts.residents["outside"], region, total)
        / _chosen(future.main.people.sel(age=OUTSIDE_AGES).sum("age"), region, total)
        for future in futures
    ]
    return float(np.median(np.concatenate([share.to_numpy().ravel() for share in shares])))


def _chosen(values: xr.DataArray, region: str, total: str) -> xr.DataArray:
    last = values.isel(year=-1)
    return last.sum("region") if region == total else last.sel(region=region)


def _limit(drawn: Drawn, outside: float) -> Limit:
    """The strength of an event that first reaches what can be."""
    event, found = drawn.event, [FARTHEST]
    for name in set(MAIN_STRENGTH) & set(type(event).bounds()):
        low, high = BOUNDS[type(event).bounds()[name]]
        meaning = f"{name} {high:g}, the most that a scenario may say"
        if name == "points":
            high, meaning = outside, f"nobody aged 20 to 65 outside, where {outside:.0%} are"
        elif name == "share":
            meaning = "everybody whom it is about takes part"
        middle = float(np.median(drawn.strength[name]))
        if middle:
            found.append(Limit((high if middle > 0 else low) / middle, meaning))
    return min(found, key=lambda limit: limit.factor)

"""How wages close part of a gap, and whom regions take from each other.

Equations, per region and education group
-----------------------------------------
W1  tightness[t] = log(demand / supply)[t] - log(demand / supply)[t0]
W2  w[r] = adjusting path(t) tightness[r,t] / (supply + demand + mobility): relative wage
W3  supply' = supply exp(supply elasticity w);  demand' = demand exp(- demand elasticity w)
W4  moved[r] = mobility S[r] (within (w[r] - mean w) + (1 - within) (w[r] - shared mean w)):
    mean w is weighted by S, so that the first part adds up to nothing over the regions; the second
    is taken from the rest of Norway, which feels the share `shared` of the same pressure

Reference: the report's section 6.3 names the mechanisms without figures; all elasticities are
assumed. Wages are set centrally in Norway, hence `adjusting` is well below one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from bayesgap.accounting.events.strengths import Drawn, spread_out
from bayesgap.study.scenario import MarketResponse

SMALLEST = 1.0  # persons, so that logs exist


class Response(NamedTuple):
    """Supply, demand, persons who moved between regions, and the factor on participation."""

    supply: xr.DataArray
    demand: xr.DataArray
    moved: xr.DataArray
    participation: xr.DataArray


def respond(
    supply: xr.DataArray, demand: xr.DataArray, base: xr.DataArray, drawn: Drawn
) -> Response:
    """Supply and demand (chain, draw, region, year, education) after the response: W1-W4.

    Parameters
    ----------
    base : (chain, draw, region, education) log(demand / supply) in the base year
    """
    event, strength = drawn.event, drawn.strength
    assert isinstance(event, MarketResponse)
    regions, years = supply["region"].to_numpy(), supply["year"].to_numpy()
    adjusting = spread_out(drawn, "adjusting", regions, years)
    elastic = strength["supply"] + strength["demand"] + strength["mobility"]
    wage = adjusting * (tightness(supply, demand) - base) / elastic.clip(min=1e-6)
    mean = (wage * supply).sum("region") / supply.sum("region").clip(min=SMALLEST)
    within = strength["within"]
    relative = within * (wage - mean) + (1 - within) * (wage - strength["shared"] * mean)
    moved = (strength["mobility"] * supply * relative).transpose(*supply.dims)
    log_more = strength["supply"] * wage
    participation = log_more.copy(data=np.exp(log_more.to_numpy()))
    more = supply * participation
    less = demand * np.exp(-strength["demand"] * wage)
    available = (more + moved).clip(min=0).transpose(*supply.dims)
    return Response(available, less.transpose(*demand.dims), moved, participation)


def tightness(supply: xr.DataArray, demand: xr.DataArray) -> xr.DataArray:
    """Log of demand over supply."""
    ratio = demand.clip(min=SMALLEST) / supply.clip(min=SMALLEST)
    return ratio.copy(data=np.log(ratio.to_numpy()))


def responses(events: Sequence[Drawn]) -> list[Drawn]:
    """The market responses among `events`."""
    return [drawn for drawn in events if isinstance(drawn.event, MarketResponse)]

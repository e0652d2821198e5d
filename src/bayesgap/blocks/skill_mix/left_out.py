"""One place or one year of the skill mix given all others: log densities by draw."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.inference.left_out_laws import LeftOut, effects_out, named
from bayesgap.inference.parts import Draws


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Places, and years of changes."""
    p = Draws(posterior)
    change = panel["change"].transpose("place", "moving", "change_year").values
    shape = (p.size, *change.shape)
    scale = np.broadcast_to(p["change_scale"][:, None, :, None], shape)
    tau = np.broadcast_to(p["change_region"][:, None, None], shape[:3])
    whole, each = effects_out(change - p["change_mean"][:, None, :, None], tau, scale)
    yield from named("region", panel["place"].values, whole.sum(2).T)
    yield from named("year", panel["change_year"].values, each.sum((1, 2)).T)

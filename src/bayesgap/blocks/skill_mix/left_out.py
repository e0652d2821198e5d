"""One place, year or sector of the skill mix given all others: log densities by draw."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.blocks.skill_mix import history as law
from bayesgap.blocks.skill_mix import model
from bayesgap.inference.left_out_laws import LeftOut, effects_out, named
from bayesgap.inference.parts import Draws


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Places, and years of changes among residents; sums of sectors of the survey."""
    p = Draws(posterior)
    change = panel["change"].transpose("place", "moving", "change_year").values
    shape = (p.size, *change.shape)
    scale = np.broadcast_to(p["change_scale"][:, None, :, None], shape)
    tau = np.broadcast_to(p["change_region"][:, None, None], shape[:3])
    whole, each = effects_out(change - p["change_mean"][:, None, :, None], tau, scale)
    yield from named("region", panel["place"].values, whole.sum(2).T)
    yield from named("year", panel["change_year"].values, each.sum((1, 2)).T)
    if panel.sizes.get("history_year", 0):
        yield from named("sector", panel["industry"].values, _industries(p, panel))


def _industries(p: Draws, panel: xr.Dataset) -> np.ndarray:
    """Density of the changes of each sum of sectors, lean integrated out (industry, sample)."""
    path = model.common_path(p, panel.sizes["history_year"])
    sums = law.eliminated(model.away_of(p, panel, path), *model.spreads(p, panel))
    squares, inflated = law.squares_of(sums, p["lean"][:, None])
    logs = np.sum([np.log(pivot) for pivot in sums.pivots], axis=0) + np.log(inflated)
    return -0.5 * (squares + logs).sum(-1).T

"""Skill mix: yearly changes of levels in places, about a national pace, heavy-tailed (M2)."""

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, truth_of
from bayesgap.study.priors import BlockPriors

TAIL = 4


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth, and changes (place, change_year, moving) in log odds against upper secondary."""
    places, years, moving = (panel.sizes[d] for d in ("place", "change_year", "moving"))
    truth = truth_of(priors, rng, {"change_mean": moving, "change_scale": moving})
    truth["z_place"] = rng.standard_normal((places, moving))
    pace = truth["change_mean"] + truth["change_region"] * truth["z_place"]
    noise = truth["change_scale"] * rng.standard_t(TAIL, (places, years, moving))
    return Simulated(truth, {"change_observed": pace[:, None, :] + noise})

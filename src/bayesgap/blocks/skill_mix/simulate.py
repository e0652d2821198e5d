"""Skill mix: changes of levels among residents (M2), and of levels within sectors (M3)."""

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, Truth, stationary, truth_of
from bayesgap.study.priors import BlockPriors

TAIL = 4


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth; changes (place, change_year, moving) and logits (year, industry, contrast)."""
    places, years, moving = (panel.sizes[d] for d in ("place", "change_year", "moving"))
    splits, breaks = panel.sizes["contrast"], panel.sizes["break"]
    by_split = {name: splits for name in ("pace", "lean", "step", "common", "shift_scatter")}
    sizes = {"change_mean": moving, "change_scale": moving, "shift": (breaks, splits), **by_split}
    truth = truth_of(priors, rng, sizes)
    truth["z_place"] = rng.standard_normal((places, moving))
    pace = truth["change_mean"] + truth["change_region"] * truth["z_place"]
    noise = truth["change_scale"] * rng.standard_t(TAIL, (places, years, moving))
    data = {"change_observed": pace[:, None, :] + noise}
    if panel.sizes["history_year"] > 1:
        data["history_observed"] = surveyed(truth, panel, rng)
    return Simulated(truth, data)


def surveyed(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """What the survey finds (year, industry, contrast), series by series."""
    years = panel.sizes["history_year"]
    found = np.zeros((years, panel.sizes["industry"], panel.sizes["contrast"]))
    falls = panel["break_falls"].values
    for k in range(found.shape[2]):
        together = stationary(truth["persistence"], truth["common"][k], years - 1, rng)
        for c in range(found.shape[1]):
            lasting = truth["pace"][k] + rng.normal(0.0, truth["lean"][k])
            now = rng.normal()
            for t in range(years):
                if t > 0:
                    now += lasting + together[t - 1] + rng.normal(0.0, truth["step"][k])
                    for j in np.flatnonzero(falls[:, t]):
                        now += truth["shift"][j, k] + rng.normal(0.0, truth["shift_scatter"][k])
                inverse = float(panel["history_inverse"][c, k, t])
                found[t, c, k] = now + rng.normal(0.0, truth["noise"] * inverse**0.5)
    return found

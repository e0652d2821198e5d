"""Skill mix: changes of levels among residents (M2) and within sectors (M3), registers (M6)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, Truth, stationary, truth_of
from bayesgap.study.priors import BlockPriors

TAIL = 4


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth; changes (place, change_year, moving) and (year, industry, contrast), registers."""
    places, years, moving = (panel.sizes[d] for d in ("place", "change_year", "moving"))
    splits, breaks = panel.sizes["contrast"], panel.sizes["break"]
    by_split = dict.fromkeys(("pace", "lean", "step", "common", "shift_scatter"), splits)
    sizes = {"change_mean": moving, "change_scale": moving, "shift": (breaks, splits), **by_split}
    truth = truth_of(priors, rng, sizes)
    truth["z_place"] = rng.standard_normal((places, moving))
    pace = truth["change_mean"] + truth["change_region"] * truth["z_place"]
    noise = truth["change_scale"] * rng.standard_t(TAIL, (places, years, moving))
    data = {"change_observed": pace[:, None, :] + noise}
    if panel.sizes["history_year"] > 0:
        together = common_paths(truth, panel, rng)
        truth["z_common"] = shocks(truth, together)
        data["history_observed"] = surveyed(truth, panel, together, rng)
    if "register_region" in panel.sizes:
        truth["mix_error"] = rng.standard_normal(panel["mix_log"].shape)
        truth["level_error"] = rng.standard_normal(panel["mix_level"].shape)
        data["register_observed"] = registered(truth, panel, rng)
    return Simulated(truth, data)


def common_paths(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """What all sectors share (year, contrast): an AR(1) each."""
    years, scales = panel.sizes["survey_year"] - 1, truth["common"]
    return np.array([stationary(truth["persistence"], c, years, rng) for c in scales]).T


def shocks(truth: Truth, together: np.ndarray) -> np.ndarray:
    """Standard normal shocks (year, contrast) that make the paths."""
    rho = truth["persistence"]
    first = together[:1] * np.sqrt(1.0 - rho**2)
    return np.concatenate([first, together[1:] - rho * together[:-1]]) / truth["common"]


def surveyed(
    truth: Truth, panel: xr.Dataset, together: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Changes that the survey finds (year, industry, contrast), series by series."""
    years = panel.sizes["survey_year"]
    found = np.zeros((years, panel.sizes["industry"], panel.sizes["contrast"]))
    falls, inverse = panel["break_falls"].values, panel["history_inverse"].values
    for k in range(found.shape[2]):
        for c in range(found.shape[1]):
            lasting = truth["pace"][k] + rng.normal(0.0, truth["lean"][k])
            now = 0.0
            for t in range(years):
                if t > 0:
                    now += lasting + together[t - 1, k] + rng.normal(0.0, truth["step"][k])
                    for j in np.flatnonzero(falls[:, t - 1]):
                        now += truth["shift"][j, k] + rng.normal(0.0, truth["shift_scatter"][k])
                found[t, c, k] = now + rng.normal(0.0, truth["noise"] * inverse[c, k, t] ** 0.5)
    return found[1:] - found[:-1]


def registered(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Log shares that regions' registers find (register_region, sector, education)."""
    nation = np.log(nations_mix(truth, panel))
    variance = panel["register_variance"].values
    own = nation + truth["mix_region"] * rng.standard_normal(variance.shape)
    return own + np.sqrt(variance) * rng.standard_normal(variance.shape)


def nations_mix(truth: Truth, panel: xr.Dataset) -> np.ndarray:
    """Shares (sector, education), level by level."""
    groups = np.exp(panel["mix_log"].values + panel["mix_sd"].values * truth["mix_error"])
    levels = np.exp(panel["mix_level"].values + panel["mix_level_sd"].values * truth["level_error"])
    levels /= levels.sum(1)[:, None]
    of = np.array([str(group).partition(":")[0] for group in panel["education"].values])
    out = np.empty_like(groups)
    for place, level in enumerate(panel["level"].values):
        inside = of == level
        own = groups[:, inside]
        out[:, inside] = levels[:, [place]] * own / own.sum(1)[:, None]
    return out


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel whose survey and registers are `data`: forecasts begin from both."""
    told = panel
    if "history_observed" in data:
        change = (("history_year", "industry", "contrast"), data["history_observed"])
        told = told.assign(history=change)
    if "register_observed" in data:
        dims = ("register_region", "sector", "education")
        told = told.assign(register=(dims, data["register_observed"]))
    return told

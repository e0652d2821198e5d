"""Skill mix of sectors: shares of education groups within a sector, and their drift.

M1  log mix[s,e] = reconciled[s,e] + sd[s,e] z, renormalised over e: assumed
M2  change[c,l,t] ~ StudentT_4(delta[l] + d[c,l], sigma_change[l]),  d ~ Normal(0, tau): how log
    shares of levels against upper secondary have moved among residents
M3  drift[s,l,t+1] = drift[s,l,t] + carried delta[l] + lean[s,l] + step z: the part of M2 that
    happens within sectors and goes on, a lasting sector part and a random walk; 0 at the base year

The region's own composition enters through the base table, whose columns are the residents and
commuters by education. `skill_mix = "fixed"` sets the drift to 0 on the same draws.
"""

from collections.abc import Sequence

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.inference.parts import Draws, prior, require_priors
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "skill_mix"
PRIORS = ("change_mean", "change_region", "change_scale", "carried", "lean", "step")
TAIL = 4.0


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Pooled yearly changes of levels, and the assumed mix as free variables."""
    require_priors(NAME, priors, PRIORS)
    coords = {name: panel[name].values for name in ("sector", "education", "moving", "place")}
    with pm.Model(coords=coords) as model:
        delta = prior("change_mean", priors["change_mean"], "moving")
        tau = prior("change_region", priors["change_region"])
        place = tau * pm.Normal("z_place", dims=("place", "moving"))
        sigma = prior("change_scale", priors["change_scale"], "moving")
        pm.StudentT(
            "change",
            nu=TAIL,
            mu=(delta + place)[:, None, :],
            sigma=sigma,
            observed=pm.Data("change_observed", panel["change"].values),
        )
        prior("carried", priors["carried"])
        prior("lean", priors["lean"])
        prior("step", priors["step"])
        pm.Normal("mix_error", 0.0, options.assumed_scale, dims=("sector", "education"))
    return model


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    options: Options,
) -> xr.Dataset:
    """Drawn mix and drift.

    Returns
    -------
    Dataset with base_mix (chain, draw, sector, education), summing to 1 over education, and
    mix_drift (chain, draw, year, sector, education): log odds since the base year
    """
    p = Draws(posterior)
    mix = np.exp(panel["mix_log"].values + panel["mix_sd"].values * p["mix_error"])
    drift = _drift(p, panel, len(years), rng)
    if options.skill_mix == "fixed":
        drift = np.zeros_like(drift)
    moving = list(panel["moving"].values)
    spread = np.zeros((*drift.shape[:-1], panel.sizes["education"]), dtype=np.float32)
    for place, group in enumerate(panel["education"].values):
        level = str(group).partition(":")[0]
        if level in moving:
            spread[..., place] = drift[..., moving.index(level)]
    dims = ("chain", "draw")
    return xr.Dataset(
        {
            "base_mix": (
                (*dims, "sector", "education"),
                p.unstack(mix / mix.sum(-1, keepdims=True)),
            ),
            "mix_drift": ((*dims, "year", "sector", "education"), p.unstack(spread)),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "year": list(years),
            "sector": panel["sector"].values,
            "education": panel["education"].values,
        },
    )


def _drift(p: Draws, panel: xr.Dataset, ahead: int, rng: np.random.Generator) -> np.ndarray:
    """M3 (sample, year, sector, moving level), 0 in the first year."""
    shape = (p.size, panel.sizes["sector"], panel.sizes["moving"])
    lean = p["lean"][:, None, None] * rng.standard_normal(shape)
    trend = (p["carried"][:, None] * p["change_mean"])[:, None] + lean
    steps = p["step"][:, None, None, None] * rng.standard_normal((p.size, ahead - 1, *shape[1:]))
    path = (trend[:, None] + steps).cumsum(1)
    return np.concatenate([np.zeros((p.size, 1, *shape[1:])), path], axis=1).astype(np.float32)

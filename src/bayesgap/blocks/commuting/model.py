"""Commuting out of and into each region, by level of education.

K1  logit out[r,t] and log in[r,t]: regional means and persistent paths, pooled (pooled_ar1 A1-A2)
K2  a part of each year's change is common to all regions, the rest scatters more in small ones
K3  logit out[r,l,t] = a[r,t] + contrast_out[r,l];  sum_l weight[r,l] out[r,l,t] = out[r,t]
K4  in[r,l,t] proportional to exp(contrast_in[r,l]);  sum_l weight[r,l] in[r,l,t] = in[r,t]
K5  contrast[r,l] = contrast[l] + away[r,l]: levels differ alike in all regions but for a rest
K6  printed[r,l] = printed_level[r] + contrast[r,l] + printed_error[r,l] + rounding: what a report
    says of levels in one region (panel D5); how high it lies is of no account, contrasts are read

All workers of the flow table are counted, so K1 is seen directly. The weighted mean over levels is
exact.
"""

from collections.abc import Sequence

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.inference import pooled_ar1 as law
from bayesgap.inference.parts import Draws, prior, require_priors
from bayesgap.inference.pooled_kernel import path_likelihood
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "commuting"
SHARED = ("persistence", "innovation", "common", "size")
PRIORS = (
    "out_mean",
    "out_region",
    "in_mean",
    "in_region",
    *SHARED,
    "contrast",
    "contrast_away",
    "printed_level",
    "printed_error",
)
DIRECTIONS = ("out", "in")


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Two panels of pooled paths, and contrasts between levels that a report tells of."""
    require_priors(NAME, priors, PRIORS)
    coords = {
        "region": panel["region"].values,
        "level": panel["level"].values,
        "direction": list(DIRECTIONS),
        "target": panel["target"].values,
        "figure": np.arange(panel.sizes["figure"]),
        "group": np.unique(panel["printed_group"].values),
    }
    with pm.Model(coords=coords) as model:
        shared = [prior(name, priors[name], "direction") for name in SHARED]
        for place, name in enumerate(DIRECTIONS):
            mean = prior(f"{name}_mean", priors[f"{name}_mean"])
            tau = prior(f"{name}_region", priors[f"{name}_region"])
            scales = law.Scales(tau, *(value[place] for value in shared))
            seen = pm.Data(f"{name}_observed", observed_path(panel, name))
            density = path_likelihood(seen, mean, scales, panel["size"].values)
            pm.Potential(f"{name}_path", density)
        _contrasts(panel, priors)
    return model


def _contrasts(panel: xr.Dataset, priors: BlockPriors) -> None:
    """K5-K6: contrasts of levels, and the figures that a report printed of them."""
    pooled = prior("contrast", priors["contrast"], ("direction", "level"))
    away = prior("contrast_away", priors["contrast_away"], ("direction", "target", "level"))
    if not panel.sizes["figure"]:
        return  # no report: the contrasts are those of their prior
    level = prior("printed_level", priors["printed_level"], "group")
    error = prior("printed_error", priors["printed_error"], "figure")
    place = {name: panel[f"printed_{name}"].values for name in ("direction", "target", "level")}
    own = pooled[place["direction"], place["level"]] + away[tuple(place.values())]
    mean = level[panel["printed_group"].values] + own + error
    seen = pm.Data("printed", panel["printed"].values)
    said = pm.Normal.dist(mean, panel["printed_sd"].values)
    pm.Potential("printed_seen", pm.logp(said, seen).sum())


def observed_path(panel: xr.Dataset, direction: str) -> np.ndarray:
    """Observed log-odds (out) or logs (in), (region, stock_year)."""
    name = "out_logit" if direction == "out" else "in_log"
    return panel[name].transpose("region", "stock_year").values


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, years: Sequence[int], rng: np.random.Generator
) -> xr.Dataset:
    """Drawn commuting of the targets by level.

    Returns
    -------
    Dataset with out_commuting_share and in_commuting_ratio (chain, draw, region, year, level):
    persons per resident in work of that level
    """
    p = Draws(posterior)
    weight = panel["level_weight"].sel(region=panel["target"].values).values[None, :, None]
    out = _total(p, panel, "out", years, rng)
    into = np.exp(_total(p, panel, "in", years, rng))
    contrast = p["contrast"][:, :, None, None] + p["contrast_away"][:, :, :, None]
    relative = np.exp(contrast[:, DIRECTIONS.index("in")])
    ratio = into[..., None] * relative / (relative * weight).sum(-1, keepdims=True)
    share = split_share(expit(out), contrast[:, DIRECTIONS.index("out")], weight)
    dims = ("chain", "draw", "region", "year", "level")
    return xr.Dataset(
        {
            "out_commuting_share": (dims, p.unstack(share)),
            "in_commuting_ratio": (dims, p.unstack(ratio)),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "year": list(years),
            "level": panel["level"].values,
        },
    )


def expit(value: np.ndarray) -> np.ndarray:
    """Inverse of the log-odds."""
    return 1.0 / (1.0 + np.exp(-value))


def split_share(total: np.ndarray, contrast: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Shares by level with given contrasts whose weighted mean is `total` (K3, Newton's method)."""
    intercept = np.log(total / (1 - total))[..., None]
    for _ in range(20):
        share = expit(intercept + contrast)
        error = (weight * share).sum(-1, keepdims=True) - total[..., None]
        slope = (weight * share * (1 - share)).sum(-1, keepdims=True)
        intercept = intercept - error / slope
    return expit(intercept + contrast)


def _total(
    p: Draws, panel: xr.Dataset, direction: str, years: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """K1-K2 forwards from the last observed year (sample, region, year)."""
    index, size = DIRECTIONS.index(direction), panel["size"].values
    shared = (p[name][:, index, None] for name in SHARED)
    scales = law.Scales(p[f"{direction}_region"][:, None], *shared)
    mean = p[f"{direction}_mean"][:, None]
    seen = observed_path(panel, direction)
    effect, v, w = law.draw_now(seen - mean[..., None], scales, size, rng)
    places = [list(panel["region"].values).index(name) for name in panel["target"].values]
    last = int(panel["stock_year"].values[-1])
    out = np.empty((p.size, len(places), len(years)))
    for year in range(years[0], last + 1):
        out[:, :, years.index(year)] = seen[places, year - last - 1]
    for year in range(last + 1, years[-1] + 1):
        v, w = law.step(v, w, scales, size, rng)
        if year in years:
            out[:, :, years.index(year)] = (mean + effect + v + w)[:, places]
    return out

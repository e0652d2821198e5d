"""Unfilled jobs in the base year, by region and education.

U1  log survey total ~ Normal(log unfilled - coverage, survey error): an employer survey of the
    county; the target regions reach over its borders, so coverage > 0 (assumed)
U2  unfilled[r] = unfilled region share[r] exp(w[r]) / sum, w ~ Normal(0, region error): assumed
U3  count[e] ~ Multinomial(share[e]),  share ~ Dirichlet(concentration per group)
U4  share of region r ~ Dirichlet(likeness share): regions' shortages resemble the county's

Gap at the base year = unfilled - unemployed, so that both sides start from the same filled jobs.
"""

from collections.abc import Sequence

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.inference.parts import Draws, prior, require_priors
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "imbalance"
PRIORS = ("total", "survey_error", "coverage", "region_error", "likeness")
EACH = 0.5  # Jeffreys' concentration of a group


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Survey total and composition, and the assumed split over regions."""
    require_priors(NAME, priors, PRIORS)
    coords = {name: panel[name].values for name in ("education", "target")}
    with pm.Model(coords=coords) as model:
        total = prior("total", priors["total"])
        error = prior("survey_error", priors["survey_error"])
        coverage = prior("coverage", priors["coverage"])
        survey = pm.Data("survey_observed", panel["log_unfilled"].item())
        pm.Normal("survey", total - coverage, error, observed=survey)
        share = pm.Dirichlet("share", np.full(panel.sizes["education"], EACH), dims="education")
        count = pm.Data("count_observed", panel["count"].values)
        pm.Potential("composition", (count * pm.math.log(share)).sum())
        spread = prior("region_error", priors["region_error"])
        pm.Normal("region_lean", 0.0, spread, dims="target")
        prior("likeness", priors["likeness"])
    return model


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, years: Sequence[int], rng: np.random.Generator
) -> xr.Dataset:
    """Drawn unfilled jobs at the base year: unfilled (chain, draw, region, education) [job]."""
    p = Draws(posterior)
    weight = panel["region_share"].values * np.exp(p["region_lean"])
    weight = weight / weight.sum(-1, keepdims=True)
    alpha = np.maximum(p["likeness"][:, None, None] * p["share"][:, None, :], 1e-3)
    shape = (p.size, weight.shape[1], alpha.shape[-1])
    drawn = rng.standard_gamma(np.broadcast_to(alpha, shape)) + 1e-12
    jobs = np.exp(p["total"])[:, None] * weight
    unfilled = jobs[..., None] * drawn / drawn.sum(-1, keepdims=True)
    dims = ("chain", "draw", "region", "education")
    return xr.Dataset(
        {"unfilled": (dims, p.unstack(unfilled))},
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "education": panel["education"].values,
        },
    )

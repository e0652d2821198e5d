"""Unfilled jobs in the base year, by region and education.

U1  log survey total ~ Normal(log unfilled - coverage, survey error): an employer survey of the
    county; the target regions reach over its borders, so coverage > 0 (assumed)
U2  log vacancies of a mean month in the county ~ Normal(log unfilled - coverage + advertised,
    county error);  the nation's log vacancies - log surveyed shortage ~ Normal(advertised, change)
U3  survey of 2017: count[o] ~ Multinomial(softmax(log jobs[o] + need[o])) in the nation, and with
    lean[g(o)] added in the county;  need ~ Normal(0, need scale), lean ~ Normal(0, lean scale)
U4  vacancies[month, g] ~ DirichletMultinomial(months' count, softmax over g of
    log sum of o in g exp(log jobs[o] + need[o]) + discrepancy[g] (+ lean[g] in the county)),
    discrepancy ~ Normal(0, discrepancy scale)
U5  drift[g], what the composition has moved since the survey, is the part `moved` of the
    discrepancy's variance: drift ~ Normal(moved discrepancy, scale sqrt(moved (1 - moved))); the
    rest is that advertised vacancies are other jobs than those that stand unfilled
U6  share[e] = sum_o composition[o] asked[o,e],  composition = softmax(log jobs + need + drift +
    lean),  asked[o] ~ Dirichlet(k[o] incumbents[o]),  1 / k[o] = 1 / count[o] + 1 / asking
U7  unfilled[r] = unfilled region share[r] exp(w[r]) / sum, w ~ Normal(0, region error): assumed
U8  share of region r ~ Dirichlet(likeness share): regions' shortages resemble the county's

U4 tells the discrepancy of two sources in two years, never how much of it is time: `moved` is
assumed. The part of U5 and U6 that no data touch is drawn in the forecast. Without vacancies, U2
and U4 fall away and the discrepancy is what its prior says.

Gap at the base year = unfilled - unemployed, so that both sides start from the same filled jobs.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from bayesgap.inference.parts import Draws, prior, require_priors
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "imbalance"
PRIORS = (
    "total", "survey_error", "coverage", "advertised", "change", "county_error", "need_scale",
    "lean_scale", "discrepancy_scale", "moved", "months_nation", "months_county", "asking",
    "region_error", "likeness",
)  # fmt: skip
LEAST = 1e-3  # of a Dirichlet's concentration


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Totals and compositions of survey and vacancies; the rest is assumed and drawn."""
    require_priors(NAME, priors, PRIORS)
    coords = {name: panel[name].values for name in ("education", "target", "occupation", "group")}
    with pm.Model(coords=coords) as model:
        of = {name: prior(name, priors[name]) for name in PRIORS}
        pm.Normal("region_lean", 0.0, of["region_error"], dims="target")
        surveyed = of["total"] - of["coverage"]
        pm.Normal("survey", surveyed, of["survey_error"], observed=_seen(panel, "log_unfilled"))
        need = pm.Normal("need", 0.0, of["need_scale"], dims="occupation")
        lean = pm.Normal("lean", 0.0, of["lean_scale"], dims="group")
        gap = pm.Normal("discrepancy", 0.0, of["discrepancy_scale"], dims="group")
        here = panel["log_jobs"].values + need
        places = {"nation": 0.0, "county": lean[panel["group_of"].values]}
        for place, own in places.items():
            _survey(place, pm.math.softmax(here + own), panel)
        if panel.sizes["month_nation"]:
            ratio = _seen(panel, "advertised_ratio")
            pm.Normal("ratio", of["advertised"], of["change"], observed=ratio)
            groups = gap + _by_group(here, panel)
            _months("nation", groups, of["months_nation"], panel)
            if panel.sizes["month_county"]:
                told = _seen(panel, "log_vacancies_county")
                mean = surveyed + of["advertised"]
                pm.Normal("vacancies", mean, of["county_error"], observed=told)
                _months("county", groups + lean, of["months_county"], panel)
    return model


def _seen(panel: xr.Dataset, name: str) -> Any:
    return pm.Data(f"{name}_observed", panel[name].values)


def _survey(place: str, share: Any, panel: xr.Dataset) -> None:
    """Counted steps of the survey (U3); a place without a survey has none."""
    count = panel[f"survey_{place}"].values.astype(int)
    seen = pm.Data(f"survey_{place}_observed", count)
    pm.Multinomial(f"counted_{place}", int(count.sum()), share, observed=seen)


def _by_group(log_jobs: Any, panel: xr.Dataset) -> Any:
    """Log of jobs summed over the occupations of each group."""
    inside = panel["group_of"].values[:, None] == np.arange(panel.sizes["group"])
    return pt.log(pt.dot(pt.exp(log_jobs), inside.astype(float)))


def _months(place: str, groups: Any, count: Any, panel: xr.Dataset) -> None:
    """Vacancies by month (U4)."""
    counts = panel[f"vacancies_{place}"].values.astype(int)
    seen = pm.Data(f"vacancies_{place}_observed", counts)
    share = count * pm.math.softmax(groups)
    pm.DirichletMultinomial(f"months_of_{place}", counts.sum(1), share, observed=seen)


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, years: Sequence[int], rng: np.random.Generator
) -> xr.Dataset:
    """Drawn unfilled jobs at the base year: unfilled (chain, draw, region, education) [job]."""
    p = Draws(posterior)
    weight = panel["region_share"].values * np.exp(p["region_lean"])
    weight = weight / weight.sum(-1, keepdims=True)
    share = np.einsum("so,soe->se", composition(p, panel, rng), asked(p, panel, rng))
    alpha = np.maximum(p["likeness"][:, None, None] * share[:, None, :], LEAST)
    shape = (p.size, weight.shape[1], alpha.shape[-1])
    jobs = np.exp(p["total"])[:, None] * weight
    unfilled = jobs[..., None] * dirichlet(np.broadcast_to(alpha, shape), rng)
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


def composition(p: Draws, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Occupations of the county's unfilled jobs at the base year (sample, occupation) (U5, U6)."""
    moved = p["moved"][:, None]
    spread = p["discrepancy_scale"][:, None] * np.sqrt(moved * (1.0 - moved))
    drift = moved * p["discrepancy"] + spread * rng.standard_normal(p["discrepancy"].shape)
    groups = (drift + p["lean"])[:, panel["group_of"].values]
    log_share = panel["log_jobs"].values + p["need"] + groups
    share = np.exp(log_share - log_share.max(-1, keepdims=True))
    return share / share.sum(-1, keepdims=True)


def asked(p: Draws, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Education that employers ask for (sample, occupation, education) (U6)."""
    count = 1.0 / (1.0 / panel["asked_count"].values + 1.0 / p["asking"][:, None])
    return dirichlet(np.maximum(count[..., None] * panel["asked"].values, LEAST), rng)


def dirichlet(alpha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shares over the last axis."""
    drawn = rng.standard_gamma(alpha) + 1e-12
    return drawn / drawn.sum(-1, keepdims=True)

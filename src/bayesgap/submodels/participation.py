"""Participation in the labour force by age and level, region and year.

L1  logit LF[r,a,l,t] = profile[a,l] + common[a,l] + older[t] 1(a >= 62) + shift[r,t]
L2  shift[r,t] = n[t] + m[r] + u[r,t]
L3  n[t+1] = nu + rho (n[t] - nu) + sigma StudentT_4: the nation; years to 2014 lie `step` apart
L4  m[r] ~ Normal(0, tau);  u[r,t+1] = rho_u u[r,t] + sigma_u z
L5  older[t] = drift (t - base): ages over 61 stay longer at work
L6  logit unemployed[l] = assumed + common;  study share = assumed times exp(common)

The shifts are the observed employment rates (panel D1), so that L2-L4 are linear and the regional
deviations are seen directly; the profile is assumed and moves as a whole and by level.
"""

from collections.abc import Sequence

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Options
from bayesgap.submodels.parts import Draws, ar1_step, prior, require_priors, stationary_scale

NAME = "participation"
PRIORS = (
    "national_mean",
    "national_persistence",
    "national_innovation",
    "break_step",
    "region_scale",
    "region_persistence",
    "region_innovation",
    "older_drift",
    "profile_error",
    "unemployment_error",
    "study_error",
)
TAIL = 4.0
OLDER = 62


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of national and regional shifts, with the assumed parts as free variables."""
    require_priors(NAME, priors, PRIORS)
    coords = {"region": panel["region"].values, "level": panel["level"].values}
    with pm.Model(coords=coords) as model:
        mean = prior("national_mean", priors["national_mean"])
        rho = prior("national_persistence", priors["national_persistence"])
        sigma = prior("national_innovation", priors["national_innovation"])
        step = prior("break_step", priors["break_step"])
        observed = pm.Data("national_shift", panel["national_shift"].values)
        nation = observed - mean + step * panel["before_break"].values
        law = pm.StudentT.dist(nu=TAIL, mu=ar1_step(nation[:-1], rho, 0.0), sigma=sigma)
        pm.Potential("national_next", pm.logp(law, nation[1:]).sum())
        tau = prior("region_scale", priors["region_scale"])
        effect = pm.Normal("region_effect", 0.0, tau, dims="region")
        rho_u = prior("region_persistence", priors["region_persistence"])
        sigma_u = prior("region_innovation", priors["region_innovation"])
        excess = pm.Data("excess", region_excess(panel))
        u = excess - effect[:, None]
        first = pm.Normal.dist(0.0, stationary_scale(rho_u, sigma_u))
        after = pm.Normal.dist(ar1_step(u[:, :-1], rho_u, 0.0), sigma_u)
        pm.Potential("region_first", pm.logp(first, u[:, 0]).sum())
        pm.Potential("region_next", pm.logp(after, u[:, 1:]).sum())
        prior("older_drift", priors["older_drift"])
        prior("profile_error", priors["profile_error"], "level")
        prior("unemployment_error", priors["unemployment_error"], "level")
        prior("study_error", priors["study_error"])
    return model


def region_excess(panel: xr.Dataset) -> np.ndarray:
    """Regional shift above the nation's (region, stock_year)."""
    nation = panel["national_shift"].sel(nation_year=panel["stock_year"].values)
    return panel["shift"].transpose("region", "stock_year").values - nation.values


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, years: Sequence[int], rng: np.random.Generator
) -> xr.Dataset:
    """Drawn log-odds of participation, unemployment and study shares.

    Returns
    -------
    Dataset with participation_logit (chain, draw, age, level), participation_shift
    (chain, draw, region, year), older_shift (chain, draw, year) for ages 62+, unemployment_rate
    (chain, draw, level), study_share (chain, draw, age)
    """
    p = Draws(posterior)
    places = [list(panel["region"].values).index(name) for name in panel["target"].values]
    spread = panel["profile_sd"].values
    knots = rng.standard_normal((p.size, 5, spread.shape[1]))
    where = np.linspace(0, 4, spread.shape[0])
    low = np.minimum(where.astype(int), 3)
    part = (where - low)[:, None]
    bend = (1 - part) * knots[:, low] + part * knots[:, low + 1]
    errors = p["profile_error"][:, None, :] + 0.5 * spread * bend
    unemployed = panel["unemployment"].values + p["unemployment_error"]
    dims = ("chain", "draw")
    ahead = np.array(years) - years[0]
    older = p["older_drift"][:, None] * ahead
    share = panel["study_share"].values * np.exp(p["study_error"][:, None])
    return xr.Dataset(
        {
            "participation_logit": (
                (*dims, "age", "level"),
                p.unstack(panel["profile"].values + errors),
            ),
            "participation_shift": (
                (*dims, "region", "year"),
                p.unstack(_shift(p, panel, places, years, rng)),
            ),
            "older_shift": ((*dims, "year"), p.unstack(older)),
            "unemployment_rate": ((*dims, "level"), p.unstack(1 / (1 + np.exp(-unemployed)))),
            "study_share": ((*dims, "age"), p.unstack(np.minimum(share, 1.0))),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "year": list(years),
            "age": panel["age"].values,
            "level": panel["level"].values,
        },
    )


def _shift(
    p: Draws,
    panel: xr.Dataset,
    places: Sequence[int],
    years: Sequence[int],
    rng: np.random.Generator,
) -> np.ndarray:
    """L2-L4 forwards from the last observed years (sample, region, year)."""
    last_nation = int(panel["nation_year"].values[-1])
    last_region = int(panel["stock_year"].values[-1])
    nation = np.full(p.size, panel["national_shift"].values[-1])
    effect = p["region_effect"][:, places]
    u = region_excess(panel)[places, -1] - effect
    out = np.empty((p.size, len(places), len(years)))
    for year in range(min(last_nation, last_region), years[-1] + 1):
        if year > last_nation:
            shock = p["national_innovation"] * rng.standard_t(TAIL, p.size)
            mean = p["national_mean"]
            nation = mean + ar1_step(nation - mean, p["national_persistence"], shock)
        if year > last_region:
            shock = p["region_innovation"][:, None] * rng.standard_normal(u.shape)
            u = ar1_step(u, p["region_persistence"][:, None], shock)
        if year in years:
            out[:, :, years.index(year)] = nation[:, None] + effect + u
    return out

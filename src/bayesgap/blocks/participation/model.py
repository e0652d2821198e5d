"""Participation in the labour force by age and level, region and year.

L1  logit LF[r,a,l,t] = profile[a,l] + common[a,l] + older[t] 1(a >= 62) + shift[r,t]
L2  shift[r,t] = n[t] + m[r] + u[r,t]
L3  n[t+1] = nu + rho (n[t] - nu) + sigma (k c[t+1] + sqrt(1 - k^2) StudentT_4): the nation, which
    follows the business cycle c of the jobs (panel D4); years to 2014 lie `step` apart
L4  m[r] + u[r,t]: a regional mean and a persistent path, pooled and integrated out (pooled_ar1),
    without a common part, which is the nation's
L5  older[t] = drift (t - base): ages over 61 stay longer at work
L6  logit unemployed[l] = assumed + common;  study share = assumed times exp(common)

The shifts are the observed employment rates (panel D1), so that L2-L4 are linear and the regional
deviations are seen directly; the profile is assumed and moves as a whole and by level.
"""

from collections.abc import Sequence

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.inference import pooled_ar1 as law
from bayesgap.inference.parts import (
    Draws,
    ar1_step,
    cycle_data,
    future_cycle,
    prior,
    require_priors,
)
from bayesgap.inference.pooled_kernel import path_likelihood
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "participation"
PRIORS = (
    "national_mean",
    "national_persistence",
    "national_innovation",
    "cycle_part",
    "break_step",
    "region_scale",
    "region_persistence",
    "region_innovation",
    "region_size",
    "older_drift",
    "profile_bend",
    "profile_error",
    "unemployment_error",
    "study_error",
)
TAIL = 4.0
OLDER = 62
BENDS = 5  # knots over the ages at which the profile may be bent


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of national and regional shifts, with the assumed parts as free variables."""
    require_priors(NAME, priors, PRIORS)
    coords = {name: panel[name].values for name in ("region", "level")}
    coords["bend"] = np.arange(BENDS)
    with pm.Model(coords=coords) as model:
        mean = prior("national_mean", priors["national_mean"])
        rho = prior("national_persistence", priors["national_persistence"])
        sigma = prior("national_innovation", priors["national_innovation"])
        step = prior("break_step", priors["break_step"])
        observed = pm.Data("national_shift", panel["national_shift"].values)
        nation = observed - mean + step * panel["before_break"].values
        part = prior("cycle_part", priors["cycle_part"])
        cycle, known = cycle_data(panel, panel["nation_year"].values[1:])
        swing = sigma * part * cycle
        own = sigma * (1.0 - known * part**2) ** 0.5
        following = pm.StudentT.dist(nu=TAIL, mu=ar1_step(nation[:-1], rho, swing), sigma=own)
        pm.Potential("national_next", pm.logp(following, nation[1:]).sum())
        excess = pm.Data("excess", region_excess(panel))
        scales = law.Scales(
            prior("region_scale", priors["region_scale"]),
            prior("region_persistence", priors["region_persistence"]),
            prior("region_innovation", priors["region_innovation"]),
            0.0,
            prior("region_size", priors["region_size"]),
        )
        density = path_likelihood(excess, 0.0, scales, panel["size"].values)
        pm.Potential("region_path", density)
        prior("older_drift", priors["older_drift"])
        prior("profile_error", priors["profile_error"], "level")
        prior("profile_bend", priors["profile_bend"], ("bend", "level"))
        prior("unemployment_error", priors["unemployment_error"], "level")
        prior("study_error", priors["study_error"])
    return model


def region_excess(panel: xr.Dataset) -> np.ndarray:
    """Regional shift above the nation's (region, stock_year)."""
    nation = panel["national_shift"].sel(nation_year=panel["stock_year"].values)
    return panel["shift"].transpose("region", "stock_year").values - nation.values


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    cycle: xr.DataArray | None,
) -> xr.Dataset:
    """Drawn log-odds of participation, unemployment and study shares.

    Parameters
    ----------
    cycle : (chain, draw, year) standard normal: the business cycle of every future year, if drawn

    Returns
    -------
    Dataset with participation_logit (chain, draw, age, level), participation_shift
    (chain, draw, region, year), older_shift (chain, draw, year) for ages 62+, unemployment_rate
    (chain, draw, level), study_share (chain, draw, age)
    """
    p = Draws(posterior)
    places = [list(panel["region"].values).index(name) for name in panel["target"].values]
    errors = p["profile_error"][:, None, :] + panel["profile_sd"].values * _bend(p, panel)
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
                p.unstack(_shift(p, panel, places, years, cycle, rng)),
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


def _bend(p: Draws, panel: xr.Dataset) -> np.ndarray:
    """Error of the profile's shape over ages, in units of its spread (sample, age, level)."""
    knots = p["profile_bend"]
    where = np.linspace(0, BENDS - 1, panel.sizes["age"])
    low = np.minimum(where.astype(int), BENDS - 2)
    part = (where - low)[:, None]
    return (1 - part) * knots[:, low] + part * knots[:, low + 1]


def _shift(
    p: Draws,
    panel: xr.Dataset,
    places: Sequence[int],
    years: Sequence[int],
    cycle: xr.DataArray | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """L2-L4: observed years as they are, then forwards (sample, region, year)."""
    last = int(panel["stock_year"].values[-1])
    seen_nation = panel["national_shift"].to_series().to_dict()
    nation = np.full(p.size, panel["national_shift"].values[-1])
    size, none = panel["size"].values, np.zeros((p.size, 1))
    region = (p[f"region_{name}"][:, None] for name in ("scale", "persistence", "innovation"))
    scales = law.Scales(*region, none, p["region_size"][:, None])
    seen = np.broadcast_to(region_excess(panel), (p.size, *panel["shift"].shape))
    effect, v, w = law.draw_now(seen, scales, size, rng)
    out = np.empty((p.size, len(places), len(years)))
    for year in range(years[0], last + 1):
        now = panel["shift"].sel(stock_year=year).values
        out[:, :, years.index(year)] = now[places]
    for year in range(last + 1, years[-1] + 1):
        if year in seen_nation:
            nation = np.full(p.size, seen_nation[year])
        else:
            swing, known = future_cycle(panel, cycle, year)
            own = np.sqrt(1 - known * p["cycle_part"] ** 2) * rng.standard_t(TAIL, p.size)
            shock = p["national_innovation"] * (p["cycle_part"] * swing + own)
            mean = p["national_mean"]
            nation = mean + ar1_step(nation - mean, p["national_persistence"], shock)
        v, w = law.step(v, w, scales, size, rng)
        if year in years:
            out[:, :, years.index(year)] = nation[:, None] + (effect + w)[:, places]
    return out

"""Participation in the labour force by age and level, region and year.

L1  logit LF[r,a,l,t] = profile[a,l] + level + older[t] 1(a >= 62) + shift[r,t]
L2  shift[r,t] = n[t] + m[r] + u[r,t]
L3  n[t+1] = nu + rho (n[t] - nu) + sigma (k c[t+1] + sqrt(1 - k^2) StudentT_4): the nation, which
    follows the business cycle c of the jobs (panel D5); years to 2014 lie `step` apart
L4  m[r] + u[r,t]: a regional mean and a persistent path, pooled and integrated out (pooled_ar1),
    without a common part, which is the nation's
L5  older[t] = drift (t - base): ages over 61 stay longer at work
L6  profile[a,l] = middle[l] + turns of a line common to levels + steps of a level (`profile`)
L7  surveys: logit of a band's mean share, sum_a w[a] expit(profile[a,l] + older[t]), plus errors
    (`surveys`), normal and integrated out; under 25 all levels together, mixed as the nation's are
L8  logit unemployed[l], observed likewise; studying ~ Binomial(asked, expit(study)), of which today
    is `study_error` off
L9  level: with it the nation's employment rate of the last year is as observed, draw by draw

Shifts are observed employment rates (panel D1), so that L2-L4 are linear and the regional
deviations are seen directly. Surveys tell how ages and levels differ; how many are at work in all
is the register's (L9), so that what surveys say too high or too low at all ages and levels alike
enters no forecast.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from scipy.special import expit

from bayesgap.blocks.participation import surveys
from bayesgap.blocks.participation.panel import solved
from bayesgap.blocks.participation.profile import SEGMENTS, curves
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
NATION = ("national_mean", "national_persistence", "national_innovation", "cycle_part")
PRIORS = (
    *NATION,
    "break_step",
    "region_scale",
    "region_persistence",
    "region_innovation",
    "region_size",
    "older_drift",
    "profile_middle",
    "profile_turn",
    "profile_step",
    "unemployment",
    "study",
    "study_error",
)
TAIL = 4.0
OLDER = 62


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of national and regional shifts and of surveys by age and level."""
    require_priors(NAME, priors, PRIORS)
    coords = {name: panel[name].values for name in ("region", "level")}
    coords |= {"segment": np.arange(SEGMENTS), "study_band": np.arange(panel.sizes["study_band"])}
    with pm.Model(coords=coords) as model:
        _nation(panel, priors)
        _regions(panel, priors)
        _profile(panel, priors)
        _unemployment(panel, priors)
        study = prior("study", priors["study"], "study_band")
        prior("study_error", priors["study_error"])
        counts = pm.Data("studying", panel["studying"].values)
        seen = pm.Binomial.dist(n=panel["asked"].values, logit_p=study)
        pm.Potential("studying_seen", pm.logp(seen, counts).sum())
    return model


def _nation(panel: xr.Dataset, priors: BlockPriors) -> None:
    """L3: the nation's path."""
    mean, rho, sigma, part = (prior(name, priors[name]) for name in NATION)
    step = prior("break_step", priors["break_step"])
    observed = pm.Data("national_shift", panel["national_shift"].values)
    nation = observed - mean + step * panel["before_break"].values
    cycle, known = cycle_data(panel, panel["nation_year"].values[1:])
    swing = sigma * part * cycle
    own = sigma * (1.0 - known * part**2) ** 0.5
    following = pm.StudentT.dist(nu=TAIL, mu=ar1_step(nation[:-1], rho, swing), sigma=own)
    pm.Potential("national_next", pm.logp(following, nation[1:]).sum())


def _regions(panel: xr.Dataset, priors: BlockPriors) -> None:
    """L4: regional paths above the nation's."""
    excess = pm.Data("excess", region_excess(panel))
    scales = law.Scales(
        prior("region_scale", priors["region_scale"]),
        prior("region_persistence", priors["region_persistence"]),
        prior("region_innovation", priors["region_innovation"]),
        0.0,
        prior("region_size", priors["region_size"]),
    )
    pm.Potential("region_path", path_likelihood(excess, 0.0, scales, panel["size"].values))


def _profile(panel: xr.Dataset, priors: BlockPriors) -> None:
    """L5-L7: the profile, and the surveys that tell it."""
    middle = prior("profile_middle", priors["profile_middle"], "level")
    turn = prior("profile_turn", priors["profile_turn"], "segment")
    step = prior("profile_step", priors["profile_step"], ("segment", "level"))
    drift = prior("older_drift", priors["older_drift"])
    bent, stepped = curves()
    profile = middle + (bent @ turn)[:, None] + stepped @ step
    seen = pm.Data("survey", panel["survey"].values)
    errors = surveys.covariance(panel, "survey", surveys.CELL, surveys.DRIFT, surveys.YEAR)
    _observe("survey", seen - survey_means(panel, profile, drift), errors)


def survey_means(panel: xr.Dataset, profile: Any, drift: Any) -> Any:
    """Log-odds (survey_row) of the band means that the profile (age, level) gives (L7)."""
    old = (panel["age"].values >= OLDER)[:, None]
    ahead = panel["survey_year"].values - int(panel["base_year"])
    share = pm.math.invlogit(profile + drift * (ahead[:, None, None] * old))  # year, age, level
    mix = panel["nation_cells"].values
    whole = (share * (mix / mix.sum(-1, keepdims=True))).sum(-1, keepdims=True)
    band = panel["survey_weight"].values @ pt.concatenate([share, whole], axis=-1)
    place = (panel[f"survey_{name}"].values for name in ("time", "band", "level"))
    return pm.math.logit(band[tuple(place)])


def _unemployment(panel: xr.Dataset, priors: BlockPriors) -> None:
    """L8: unemployment by level in a usual year."""
    usual = prior("unemployment", priors["unemployment"], "level")
    seen = pm.Data("idle", panel["idle"].values)
    errors = surveys.covariance(panel, "idle", 0.0, 0.0, surveys.SWING)
    _observe("idle", seen - usual[panel["idle_level"].values], errors)


def _observe(name: str, away: Any, errors: np.ndarray) -> None:
    """Normal density of deviations (row) with the covariance `errors`, as a potential."""
    root = np.linalg.inv(np.linalg.cholesky(errors))
    pm.Potential(f"{name}_seen", -0.5 * ((root @ away) ** 2).sum())


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
    unemployed = expit(p["unemployment"])
    dims = ("chain", "draw")
    ahead = np.array(years) - int(panel["base_year"])
    older = p["older_drift"][:, None] * ahead
    return xr.Dataset(
        {
            "participation_logit": (
                (*dims, "age", "level"),
                p.unstack(_profile_drawn(p, panel, unemployed)),
            ),
            "participation_shift": (
                (*dims, "region", "year"),
                p.unstack(_shift(p, panel, places, years, cycle, rng)),
            ),
            "older_shift": ((*dims, "year"), p.unstack(older)),
            "unemployment_rate": ((*dims, "level"), p.unstack(unemployed)),
            "study_share": ((*dims, "age"), p.unstack(_studying(p, panel))),
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


def _profile_drawn(p: Draws, panel: xr.Dataset, unemployed: np.ndarray) -> np.ndarray:
    """L6 and L9: log-odds (sample, age, level), at the level of the nation's last employment."""
    bent, stepped = curves()
    profile = p["profile_middle"][:, None] + (p["profile_turn"] @ bent.T)[..., None]
    profile = profile + stepped @ p["profile_step"]
    at_work = panel["nation_cells"].values * (1 - unemployed[:, None])
    level = solved(np.full(p.size, float(panel["nation_rate"])), at_work, profile)
    level = level - panel["national_shift"].values[-1]
    return profile + level[:, None, None]


def _studying(p: Draws, panel: xr.Dataset) -> np.ndarray:
    """L8: shares in study and outside the labour force, linear in log-odds (sample, age)."""
    at, ages = panel["study_age"].values, panel["age"].values
    high = np.clip(np.searchsorted(at, ages), 1, len(at) - 1)
    part = np.clip((ages - at[high - 1]) / (at[high] - at[high - 1]), 0.0, 1.0)
    band = p["study"]
    between = (1 - part) * band[:, high - 1] + part * band[:, high]
    return expit(between + p["study_error"][:, None])


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

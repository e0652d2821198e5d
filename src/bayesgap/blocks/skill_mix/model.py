"""Skill mix of sectors: shares of education groups within a sector, and their drift.

M1  mix[s,e] = level[s,l] within[s,e]: log level = fitted + level_sd z, renormalised over levels;
    log within = fitted + sd z, renormalised in the level
M2  change[c,l,t] ~ StudentT_4(delta[l] + d[c,l], sigma_change[l]),  d ~ Normal(0, tau): how log
    shares of higher vocational and master against bachelor have moved among residents
M3  yearly changes of tertiary education, and of primary among the others, within sums of sectors:
    `history` H1-H4; the same law goes on, without errors and breaks, from 0 in the base year
M4  lean of a sector = lean of its sum; two sectors of one sum lie lean[k] z / sqrt(2) about it
M5  drift of upper secondary 0, of primary D2, of tertiary D1 + log(1 - p + p exp(D2)), with p the
    share of primary among those without tertiary education, so that logits move by D1 and D2;
    within tertiary, carried delta[l] a year, less what keeps the sum of its levels
M6  log mix[r,s,e] ~ Normal(log mix[s,e], mix_region): regions whose register is known; others
    have the nation's

The region's own composition enters through the base table, whose columns are the residents and
commuters by education. `skill_mix = "fixed"` sets the drift to 0 on the same draws.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.blocks.skill_mix import history as law
from bayesgap.blocks.skill_mix.kernel import Moved, Seen, change_likelihood
from bayesgap.blocks.skill_mix.mix import members_of, national_logs
from bayesgap.data.sector_sums import LEVEL_SUMS, SECTOR_SUMS
from bayesgap.inference.parts import Draws, ar1_step, prior, prior_data, require_priors
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.priors import BlockPriors, PriorSpec
from bayesgap.study.study import Options

NAME = "skill_mix"
BY_CONTRAST = ("pace", "lean", "step", "common", "shift_scatter")
PRIORS = (
    "change_mean",
    "change_region",
    "change_scale",
    "carried",
    *BY_CONTRAST,
    "persistence",
    "shift",
    "noise",
    "mix_region",
)
TAIL = 4.0


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Pooled yearly changes of levels, among residents and within sectors, and the mix."""
    require_priors(NAME, priors, PRIORS)
    names = ("sector", "education", "level", "moving", "place", "contrast", "break")
    coords = {name: panel[name].values for name in names}
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
        _within_sectors(panel, priors)
        error = pm.Normal("mix_error", 0.0, options.assumed_scale, dims=("sector", "education"))
        level = pm.Normal("level_error", 0.0, options.assumed_scale, dims=("sector", "level"))
        region = prior("mix_region", priors["mix_region"])
        if "register" in panel:
            pm.Normal(
                "register",
                nation_of(panel, error, level, log=pm.math.log, exponential=pm.math.exp),
                (region**2 + panel["register_variance"].values) ** 0.5,
                observed=pm.Data("register_observed", panel["register"].values),
            )
    return model


def nation_of(panel: xr.Dataset, error: Any, level_error: Any, **functions: Any) -> Any:
    """Log shares of the nation (..., sector, education) from their errors (M1)."""
    logs = panel["mix_log"].values + panel["mix_sd"].values * error
    levels = panel["mix_level"].values + panel["mix_level_sd"].values * level_error
    members = members_of(panel["education"].values, panel["level"].values)
    return national_logs(logs, levels, members, **functions)


def _within_sectors(panel: xr.Dataset, priors: BlockPriors) -> None:
    """M3: the density of all changes of the survey, lasting parts of sectors integrated out."""
    names = [name for name in BY_CONTRAST if name != "pace"]
    lean, step, common, scatter = (prior(name, priors[name], "contrast") for name in names)
    rho = prior("persistence", priors["persistence"])
    shift = prior("shift", priors["shift"], ("break", "contrast"))
    noise = prior("noise", priors["noise"])
    change, inverse, falls = history_arrays(panel)
    years = len(change)
    if years == 0:
        prior("pace", priors["pace"], "contrast")
        return
    z = pm.Normal("z_common", shape=(years, len(panel["contrast"])))
    pace = _pace(priors["pace"], law.path_mean(z, rho, common, years))
    seen = Seen(pm.Data("history_observed", change), inverse, falls)
    moved = Moved(pace, lean, step, common, scatter, rho, shift, noise, z)
    pm.Potential("history", change_likelihood(moved, seen))


def _pace(spec: PriorSpec, path_mean: Any) -> Any:
    """Pace (contrast), sampled with the mean of the common path: surveys tell their sum."""
    held = prior_data("pace", spec, "normal")
    both = pm.Normal("pace_apart", held["mu"] + path_mean, held["sigma"], dims="contrast")
    return pm.Deterministic("pace", both - path_mean, dims="contrast")


def history_arrays(panel: xr.Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Changes and inverse persons (year, industry, contrast), breaks (break, year)."""
    change = panel["history"].transpose("history_year", "industry", "contrast").values
    inverse = panel["history_inverse"].transpose("survey_year", "industry", "contrast").values
    return change, inverse, panel["break_falls"].values


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
    mix_drift (chain, draw, year, sector, education): log odds since the base year. Where registers
    are known, base_mix has a region, and national_mix is the nation's.
    """
    p = Draws(posterior)
    mix = np.exp(nation_of(panel, p["mix_error"], p["level_error"]))
    drift = drift_of(p, panel, mix, within(p, panel, years, rng))
    if options.skill_mix == "fixed":
        drift = np.zeros_like(drift)
    coords = {
        "chain": posterior["chain"],
        "draw": posterior["draw"],
        "year": list(years),
        "sector": panel["sector"].values,
        "education": panel["education"].values,
    }
    dims = ("sector", "education")
    nation = ((*SAMPLE_DIMS, *dims), p.unstack(mix))
    found = {
        "base_mix": nation,
        "mix_drift": ((*SAMPLE_DIMS, "year", *dims), p.unstack(drift)),
    }
    if "register" in panel:
        coords["region"] = panel["target"].values
        own = p.unstack(of_regions(p, panel, mix, rng))
        found |= {"base_mix": ((*SAMPLE_DIMS, "region", *dims), own), "national_mix": nation}
    return xr.Dataset(found, coords=coords)


def of_regions(
    p: Draws, panel: xr.Dataset, mix: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """M6 (sample, region, sector, education): drawn given the register, else the nation's."""
    regions = panel["target"].values
    known = panel["register"].reindex(register_region=regions).values
    variance = panel["register_variance"].reindex(register_region=regions).values
    own = p["mix_region"][:, None, None, None] ** 2
    weight = np.where(np.isfinite(known), own / (own + variance), 0.0)
    nation = np.log(mix)[:, None]
    z = rng.standard_normal(weight.shape) * np.isfinite(known)
    drawn = nation + weight * (np.nan_to_num(known) - nation) + np.sqrt(own * (1.0 - weight)) * z
    found = np.exp(drawn)
    return found / found.sum(-1, keepdims=True)


def within(
    p: Draws, panel: xr.Dataset, years: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """M3 and M4 (sample, year, sector, contrast): logits since the base year, 0 in it."""
    rho, common = p["persistence"][:, None], p["common"]
    mean, sd, now = seen_last(p, panel, rng)
    lean = of_sectors(mean + sd * rng.standard_normal(mean.shape), p["lean"], panel, rng)
    last = int(panel["history_year"].values.max(initial=years[0]))
    for _ in range(max(0, years[0] - last)):
        now = ar1_step(now, rho, common * rng.standard_normal(now.shape))
    path = [np.zeros_like(lean)]
    for _ in years[1:]:
        now = ar1_step(now, rho, common * rng.standard_normal(now.shape))
        own = lean + p["step"][:, None] * rng.standard_normal(lean.shape)
        path.append(path[-1] + (p["pace"] + now)[:, None] + own)
    return np.stack(path, axis=1)


def seen_last(
    p: Draws, panel: xr.Dataset, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and sd of lean (sample, industry, contrast) given the survey, and n in its last year.

    Without a survey there are no industries, and n is drawn from its stationary law.
    """
    common, rho = p["common"], p["persistence"][:, None]
    change, _, _ = history_arrays(panel)
    if len(change) == 0:
        nobody = np.zeros((p.size, 0, common.shape[-1]))
        start = common / np.sqrt(1.0 - rho**2)
        return nobody, nobody, start * rng.standard_normal(common.shape)
    path = common_path(p, len(change))
    sums = law.eliminated(away_of(p, panel, path), *spreads(p, panel))
    mean, variance = law.lean_given(sums, p["lean"][:, None])
    return mean, np.sqrt(variance), path[-1]


def common_path(p: Draws, years: int) -> list[np.ndarray]:
    """N of H2 by year (sample, contrast)."""
    z = np.moveaxis(p["z_common"], 1, 0)
    return law.paths(list(z), p["persistence"][:, None], p["common"], years)


def away_of(p: Draws, panel: xr.Dataset, path: list[np.ndarray]) -> list[np.ndarray]:
    """Changes less what all sectors share, by year (sample, industry, contrast)."""
    change, _, falls = history_arrays(panel)
    shared = [
        p["pace"] + now + np.einsum("j,sjk->sk", falls[:, t], p["shift"])
        for t, now in enumerate(path)
    ]
    return [one - mean[:, None] for one, mean in zip(change, shared, strict=True)]


def spreads(p: Draws, panel: xr.Dataset) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Variances and covariances of `history.spread_of` (sample, industry, contrast)."""
    _, inverse, falls = history_arrays(panel)
    step, scatter = p["step"][:, None], p["shift_scatter"][:, None]
    return law.spread_of(step, scatter, p["noise"][:, None, None], list(inverse), falls.sum(0))


def of_sectors(
    lean: np.ndarray, spread: np.ndarray, panel: xr.Dataset, rng: np.random.Generator
) -> np.ndarray:
    """M4 (sample, sector, contrast): lean of a sector, drawn anew where no survey has its sum."""
    names = list(panel["industry"].values)
    own = spread[:, None] * rng.standard_normal((len(spread), panel.sizes["sector"], 2))
    half = np.sqrt(0.5) * spread[:, None] * rng.standard_normal((len(spread), len(names), 2))
    for i, sector in enumerate(panel["sector"].values):
        name, members = next((n, m) for n, m in SECTOR_SUMS.items() if sector in m)
        if name in names:
            place, side = names.index(name), len(members) - 1 - 2 * members.index(sector)
            own[:, i] = lean[:, place] + side * half[:, place]
    return own


def drift_of(p: Draws, panel: xr.Dataset, mix: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """M5 (sample, year, sector, education): log odds since the base year."""
    level = np.array([str(g).partition(":")[0] for g in panel["education"].values])
    parts = {name: mix[..., level == name].sum(-1)[:, None] for name in set(level)}
    low = parts["primary"] / (parts["primary"] + parts["upper_secondary"])
    first, second = logits[..., 0], logits[..., 1]
    tertiary = first + np.log1p(low * np.expm1(second))
    ahead = np.arange(logits.shape[1])[:, None]
    moved = {name: np.zeros_like(low) for name in LEVEL_SUMS["tertiary"]}
    for i, name in enumerate(panel["moving"].values):
        moved[name] = (p["carried"] * p["change_mean"][:, i])[:, None, None] * ahead
    weight = {name: parts.get(name, np.zeros_like(low)) for name in moved}
    whole = sum(weight.values())
    kept = np.log(sum(weight[name] * np.exp(moved[name]) for name in moved) / whole)
    drift = {name: tertiary + moved[name] - kept for name in moved}
    drift |= {"primary": second, "upper_secondary": np.zeros_like(second)}
    return np.stack([drift[name] for name in level], axis=-1).astype(np.float32)

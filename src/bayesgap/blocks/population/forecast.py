"""Drawn future rates of the population block: the laws of population_laws, forwards.

States are drawn exactly given the parameters of each draw; innovations are fresh; no draw is
averaged. Arrays have one leading sample axis (chain x draw).
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.population.laws import (
    DIFFUSE,
    NATION_TAIL,
    draw_states,
    size_weight,
    transitory,
    widened,
)
from bayesgap.inference.parts import Draws, ar1_step, future_cycle, stationary_scale

SMALLEST = 5.0  # residents of an age, for the scatter of single cells


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    condition: bool = True,
    cycle: xr.DataArray | None = None,
) -> xr.Dataset:
    """Drawn rates of the targets for the intervals that begin on 1 January of `years`.

    Parameters
    ----------
    posterior : Dataset (chain, draw, ...)
    panel : Dataset of `build_population_panel`
    years : the first must follow the last observed transition
    condition : False draws regional states from their prior law instead of from the data
    cycle : (chain, draw, year) standard normal: the business cycle of future years, if shared

    Returns
    -------
    Dataset with net_migration_rate (chain, draw, region, year, age) [1/year], death_probability
    (chain, draw, year, age), child_ratio (chain, draw, region, year), out_migration_rate
    (chain, draw, region, age) [1/year], the last where the panel knows gross flows
    """
    p = Draws(posterior)
    chosen = panel.sel(region=panel["target"].values)
    ahead = len(years)
    scores = future_scores(p, chosen, ahead, rng, condition)
    nation = national_profile(p, chosen, [future_cycle(panel, cycle, year) for year in years], rng)
    net = net_rates(p, chosen, scores, nation, rng)
    child = child_ratios(p, chosen, scores, rng)
    dims = ("chain", "draw")
    out = xr.Dataset(
        {
            "net_migration_rate": ((*dims, "region", "year", "age"), p.unstack(net)),
            "death_probability": (
                (*dims, "year", "age"),
                p.unstack(death_probabilities(p, chosen, ahead, rng)),
            ),
            "child_ratio": ((*dims, "region", "year"), p.unstack(child)),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "year": list(years),
            "age": panel["age"].values,
        },
    )
    if panel.sizes["flow_region"]:
        leaving = p.unstack(out_rates(p, chosen, rng))
        out["out_migration_rate"] = (*dims, "region", "age"), leaving
    return out


def future_scores(
    p: Draws, panel: xr.Dataset, ahead: int, rng: np.random.Generator, condition: bool
) -> np.ndarray:
    """Scores (year, sample, component, region): P2-P4 forwards.

    The sampling part of migration scores is left to the single cells of `net_rates`; that of
    births has no cells and is added here.
    """
    tau, sigma, rho, omega, kappa, excess, common = (
        p[f"score_{name}"][..., None]
        for name in (
            "region", "innovation", "persistence", "transitory", "shock", "excess",
            "common",
        )
    )  # fmt: skip
    phi = p["cell_dispersion"][:, None, None]
    mu = (p["score_mean"] - p["wave"].mean(axis=-1))[..., None]
    weight = size_weight(panel["size"].values, p["score_size"][:, None, None])
    innovation = sigma**2 * weight
    shocks = future_shocks(panel, p.size, ahead, rng)
    widening = p["score_widening"][:, None]
    scale = widened(shocks, widening)[..., None, None]
    d, u = regional_states(p, panel, (mu, tau, rho, innovation, scale[:, 0]), rng, condition)
    side = panel["side"].values
    wave = stationary_scale(rho, common) * rng.standard_normal(rho.shape)
    if condition:
        fresh = scale[:, 0] * common * rng.standard_normal(rho.shape)
        wave = ar1_step(p["wave"][..., -1:], rho, fresh)
    # The median over years, since a border change in the last one has no sampling variance.
    spread = panel["score_variance"].median("transition").transpose("component", "region").values
    counted = (panel["axis"] == 0).all("age").values[:, None] * phi
    out = np.empty((ahead, *d.shape), dtype=np.float32)
    for step in range(ahead):
        if step:
            fresh = np.sqrt(innovation) * rng.standard_normal(u.shape)
            u = ar1_step(u, rho, scale[:, step] * fresh)
            fresh = common * rng.standard_normal(wave.shape)
            wave = ar1_step(wave, rho, scale[:, step] * fresh)
        shock = shocks[:, step, None, None]
        passing = transitory(counted, excess, spread, omega, kappa, shock, weight)
        passed = np.sqrt(passing) * rng.standard_normal(u.shape)
        out[step] = side * (mu + wave) + d + u + passed
    return out


def regional_states(
    p: Draws,
    panel: xr.Dataset,
    laws: tuple[np.ndarray, ...],
    rng: np.random.Generator,
    condition: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of d and of the own part of u in the first year ahead (sample, component, region)."""
    mu, tau, rho, innovation, first = laws
    omega, kappa, excess = (
        p[f"score_{name}"][..., None, None] for name in ("transitory", "shock", "excess")
    )
    dims = ("component", "region", "transition")
    weight = size_weight(panel["size"].values, p["score_size"][:, None, None])
    side = panel["side"].values
    seen = slice(None) if condition else slice(0)
    shock = panel["shock"].values[seen]
    noise = transitory(
        p["cell_dispersion"][:, None, None, None],
        excess,
        panel["score_variance"].transpose(*dims).values[..., seen],
        omega,
        kappa,
        shock,
        weight[..., None],
    )
    shared = (mu[..., None] + p["wave"][:, :, None, seen]) * side[:, None]
    deviation = panel["score"].transpose(*dims).values[..., seen] - shared
    into = widened(shock, p["score_widening"][:, None])[:, None, None, 1:]
    last = np.broadcast_to(first[..., None], (*into.shape[:3], 1 if condition else 0))
    steps = innovation[..., None] * np.concatenate([into, last], axis=-1) ** 2
    start = (tau**2 + 0 * weight, stationary_scale(rho, 1.0) ** 2 * innovation)
    return draw_states(deviation, noise, start, rho, steps, rng)


def future_shocks(
    panel: xr.Dataset, samples: int, ahead: int, rng: np.random.Generator
) -> np.ndarray:
    """Whether a year is a shock year (sample, year): zero or one."""
    often = shock_probability(panel, samples, rng)
    return (rng.random((samples, ahead)) < often[:, None]).astype(float)


def shock_probability(panel: xr.Dataset, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Probability (sample) that a year is a shock year, from their share in the nation's years."""
    count, years = panel["shock_count"].item(), panel["shock_years"].item()
    return rng.beta(1 + count, 1 + years - count, size=samples)


def net_rates(
    p: Draws, panel: xr.Dataset, scores: np.ndarray, nation: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Net migration per resident (sample, region, year, age): P1 and P5 forwards."""
    ahead = len(scores)
    axis = panel["axis"].transpose("component", "age").values.astype(np.float32)
    cell = cell_scale(p, panel)
    out = np.empty((*cell.shape[:2], ahead, cell.shape[2]), dtype=np.float32)
    for step, score in enumerate(scores):
        regional = np.swapaxes(score, 1, 2) @ axis
        noise = cell * rng.standard_normal(cell.shape, dtype=np.float32)
        out[:, :, step] = (regional + noise + nation[:, None, step]) / 100
    return out


def cell_scale(p: Draws, panel: xr.Dataset) -> np.ndarray:
    """Scale of single-cell noise (sample, region, age), per cent, at the last stock (D3, P5)."""
    people = panel["population"].isel(year=-1).transpose("region", "age").values
    noise = panel["mobility"].values + panel["national_q"].isel(nation_year=-1).values
    variance = p["cell_dispersion"][:, None, None] * noise / np.maximum(people, SMALLEST)
    return (100 * np.sqrt(variance)).astype(np.float32)


def national_profile(
    p: Draws,
    panel: xr.Dataset,
    cycle: Sequence[tuple[np.ndarray | float, float]],
    rng: np.random.Generator,
) -> np.ndarray:
    """National net migration (sample, year, age), per cent: P6 and P7; a `cycle` for each year.

    Age residuals are an AR(1) whose innovations are random mixtures of the observed residuals:
    they have the covariance over age that was seen. A year of shock is one for both: rate and
    residuals share the mixing variable that makes Student's t of a normal.
    """
    mean, rho, sigma = (p[f"national_{n}"] for n in ("mean", "persistence", "innovation"))
    rate = np.full(p.size, panel["national_rate"].values[-1])
    residual = panel["profile_residual"].transpose("nation_year", "age").values
    memory = residual_persistence(residual)
    fixed, loading = profile_draws(panel, memory, p.size, rng)
    wiggle = np.broadcast_to(residual[-1], (p.size, residual.shape[1]))
    share = np.sqrt((1 - memory**2) * panel["profile_weight"].values * (1 - 2 / NATION_TAIL))
    part = p["national_cycle"]
    out = np.empty((p.size, len(cycle), residual.shape[1]), dtype=np.float32)
    for step, (swing, known) in enumerate(cycle):
        heavy = np.sqrt(NATION_TAIL / rng.chisquare(NATION_TAIL, p.size))
        own = np.sqrt(1 - known * part**2) * heavy * rng.standard_normal(p.size)
        shock = sigma * (part * swing + own)
        rate = mean + ar1_step(rate - mean, rho, shock)
        mixed = (rng.standard_normal((p.size, len(residual))) * share) @ residual
        wiggle = ar1_step(wiggle, memory, heavy[:, None] * mixed)
        out[:, step] = fixed + (rate - panel["national_centre"].item())[:, None] * loading + wiggle
    return out


def profile_draws(
    panel: xr.Dataset, memory: float, samples: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mean profile and loading (sample, age) with their estimation error: a wild bootstrap.

    The regression's residuals are given random signs and sizes by year, all ages alike, and their
    memory makes the effective number of years smaller.
    """
    residual = panel["profile_residual"].transpose("nation_year", "age").values
    weight = panel["profile_weight"].values
    centred = panel["national_rate"].values - panel["national_centre"].item()
    inflation = np.sqrt((1 + memory) / (1 - memory))
    signs = inflation * rng.standard_normal((samples, len(weight)))
    mean = panel["profile_mean"].values + (signs * weight) @ residual
    slope = (signs * weight * centred) @ residual / (weight @ centred**2)
    return mean, np.maximum(panel["profile_loading"].values + slope, 0.0)


def residual_persistence(residual: np.ndarray) -> float:
    """Autocorrelation over one year of the national age residuals (year, age), all ages."""
    return float((residual[1:] * residual[:-1]).sum() / (residual[:-1] ** 2).sum())


def death_probabilities(
    p: Draws, panel: xr.Dataset, ahead: int, rng: np.random.Generator
) -> np.ndarray:
    """Death probability (sample, year, age): P8 forwards from the state after the last year."""
    drift, step, passing = (p[f"mortality_{n}"] for n in ("drift", "innovation", "noise"))
    index = panel["mortality_index"].values
    seen = np.arange(len(index))
    detrended = index - index[0] + drift[:, None] * seen
    noise = np.broadcast_to(passing[:, None] ** 2, detrended.shape)
    start = (np.zeros(p.size), np.full(p.size, DIFFUSE))
    steps = np.broadcast_to(step[:, None] ** 2, detrended.shape)
    _, walk = draw_states(detrended, noise, start, np.ones(p.size), steps, rng)
    out = np.empty((p.size, ahead, panel.sizes["age"]), dtype=np.float32)
    for year in range(ahead):
        level = index[0] + walk - drift * (len(index) + year)
        level = level + passing * rng.standard_normal(p.size)
        logs = panel["mortality_level"].values + np.outer(level, panel["mortality_slope"].values)
        out[:, year] = np.exp(np.minimum(logs, 0.0))
        walk = ar1_step(walk, 1.0, step * rng.standard_normal(p.size))
    return out


def child_ratios(
    p: Draws, panel: xr.Dataset, scores: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Children per person aged 20-39 (sample, region, year): P9 forwards."""
    mean, rho, sigma = (p[f"child_{n}"] for n in ("mean", "persistence", "innovation"))
    nation = np.full(p.size, panel["national_log_child_ratio"].values[-1])
    births = scores[:, :, -1]
    out = np.empty((p.size, births.shape[2], len(scores)))
    for step in range(len(scores)):
        nation = mean + ar1_step(nation - mean, rho, sigma * rng.standard_normal(p.size))
        out[:, :, step] = np.exp(nation[:, None] + births[step] / 10)
    return out


def out_rates(p: Draws, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Gross out-migration over the region's border (sample, region, age): P10.

    A region with flows has its own level, less the moves between its municipalities; another is
    drawn from the pooled law. Ages past the last group go on with its rate.
    """
    known = list(panel["flow_region"].values)
    own = p["out_gross"] - panel["several"].values * p["out_inner"]
    levels = []
    for region in panel["region"].values:
        pooled = p["out_level"] + p["out_region"] * rng.standard_normal(p.size)
        levels.append(own[:, known.index(region)] if region in known else pooled)
    groups = panel["flow_age"].values
    shape = p["out_shape"][:, None, None]
    extra = rng.gamma(shape, 1 / shape, size=(p.size, len(levels), len(groups)))
    rate = np.exp(np.stack(levels, 1)[..., None] + p["out_shape_age"][:, None]) * extra
    return rate[..., np.searchsorted(groups, panel["age"].values, side="right") - 1]

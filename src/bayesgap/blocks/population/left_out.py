"""One region or one year of the population given all others: log densities by draw.

Regions are net migration and births; years are those of the nation.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.blocks.population.laws import DIFFUSE, filter_step, size_weight, transitory, widened
from bayesgap.inference.left_out_laws import LeftOut, named, nation_years, normal_years
from bayesgap.inference.parts import Draws, stationary_scale

UNKNOWN = 1e9  # variance of a year that is left out


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions' scores about the waves, and years of the nation's migration, deaths and births."""
    p = Draws(posterior)
    yield from named("region", panel["region"].values, _scores(p, panel))
    rate = panel["national_rate"].values[:, None] - p["national_mean"]
    child = panel["national_log_child_ratio"].values[:, None] - p["child_mean"]
    own, linked = p["child_innovation"][:, None] ** 2, np.ones(len(child) - 1, dtype=bool)
    rho = p["child_persistence"][:, None]
    years = nation_years(p, panel, rate, p["national_cycle"]) + _deaths(p, panel)
    years += normal_years(child[..., None], rho, own, 0.0 * own, linked)
    yield from named("year", panel["nation_year"].values, years)


def _scores(p: Draws, panel: xr.Dataset) -> np.ndarray:
    """P2-P4 of each region, given the waves (region, sample)."""
    dims = ("region", "component", "transition")
    mean, tau, sigma, rho, excess, omega, kappa = (
        p[f"score_{name}"]
        for name in (
            "mean", "region", "innovation", "persistence", "excess", "transitory", "shock",
        )
    )  # fmt: skip
    shock, side = panel["shock"].values, panel["side"].values
    scale = widened(shock, p["score_widening"][:, None])[:, None]
    shared = (mean - p["wave"].mean(-1))[..., None] + p["wave"]
    score, spread = (panel[name].transpose(*dims).values for name in ("score", "score_variance"))
    out = []
    for place, size in enumerate(panel["size"].values):
        weight = size_weight(size, p["score_size"])[:, None]
        noise = transitory(
            p["cell_dispersion"][:, None, None], excess[..., None], spread[place],
            omega[..., None], kappa[..., None], shock, weight[..., None],
        )  # fmt: skip
        steps = (sigma**2 * weight)[..., None] * np.roll(scale, -1, axis=-1) ** 2
        start = (tau**2, stationary_scale(rho, 1.0) ** 2 * sigma**2 * weight)
        away = score[place] - side[place] * shared
        out.append(_filtered(away, noise, start, rho, steps).sum(1))
    return np.array(out)


def _deaths(p: Draws, panel: xr.Dataset) -> np.ndarray:
    """P8 without each year of the mortality index (year, sample)."""
    index = panel["mortality_index"].values
    drift, step, noise = (p[f"mortality_{n}"][:, None] for n in ("drift", "innovation", "noise"))
    level = index - index[0] + drift * np.arange(len(index))
    seen, steps = noise**2 + 0.0 * level, step**2 + 0.0 * level
    start, one = (np.zeros(p.size), np.full(p.size, DIFFUSE)), np.ones(p.size)
    whole = _filtered(level, seen, start, one, steps)
    out = []
    for year in range(len(index)):
        blank = np.where(np.arange(len(index)) == year, UNKNOWN, seen)
        less = _filtered(level, blank, start, one, steps) + 0.5 * np.log(UNKNOWN)
        out.append(whole - less)
    return np.array(out)


def _filtered(
    y: np.ndarray,
    noise: np.ndarray,
    start: tuple[np.ndarray, np.ndarray],
    rho: np.ndarray,
    steps: np.ndarray,
) -> np.ndarray:
    """Log density (...) of series (..., year), lasting level and path integrated out."""
    zeros = np.zeros(y.shape[:-1])
    state, total = (zeros, zeros, start[0], zeros, start[1]), zeros
    for t in range(y.shape[-1]):
        *state, squares, variance = filter_step(
            y[..., t], noise[..., t], *state, rho, steps[..., t]
        )
        total = total - 0.5 * (squares + np.log(variance))
    return total

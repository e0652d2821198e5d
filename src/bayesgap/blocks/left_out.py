"""What one region's or one year's observations alone say of the parameters, draw by draw.

Equation
--------
I1  log p(y_g | y_rest, theta): the observations g given all others, with the effects and paths
    that no forecast begins from integrated out (left_out_laws I2-I4); its inverse weighs a draw as
    if g had not been seen when theta was learned

What a forecast begins from stays as observed. Arrays only. Imbalance has no regions or years. In
population, regions are net migration and births; its years, and those of sectors, are the nation's.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import xarray as xr

from bayesgap.blocks.education.left_out import education
from bayesgap.blocks.population.laws import DIFFUSE, filter_step, size_weight, transitory, widened
from bayesgap.blocks.sectors.model import cell_scale
from bayesgap.inference import pooled_ar1
from bayesgap.inference.left_out_laws import (
    LeftOut,
    effects_out,
    normal_years,
    paths_out,
    student_years,
)
from bayesgap.inference.parts import Draws, cycle_of, stationary_scale

UNKNOWN = 1e9  # variance of a year that is left out


def commuting(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions and years of both directions."""
    p, log = Draws(posterior), np.zeros(1)
    for d, (direction, name) in enumerate((("out", "out_logit"), ("in", "in_log"))):
        shared = (p[part][:, d] for part in ("persistence", "innovation", "common", "size"))
        scales = pooled_ar1.Scales(p[f"{direction}_region"], *shared)
        seen = panel[name].transpose("region", "stock_year").values
        away = seen - p[f"{direction}_mean"][:, None, None]
        log = log + paths_out(away, scales, panel["size"].values)
    regions = panel.sizes["region"]
    yield from _named("region", panel["region"].values, log.T[:regions])
    yield from _named("year", panel["stock_year"].values, log.T[regions:])


def participation(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions, and years with the nation's."""
    p, regions = Draws(posterior), panel.sizes["region"]
    own = (p[f"region_{name}"] for name in ("scale", "persistence", "innovation"))
    scales = pooled_ar1.Scales(*own, np.zeros(p.size), p["region_size"])
    nation = panel["national_shift"].sel(nation_year=panel["stock_year"].values)
    excess = panel["shift"].transpose("region", "stock_year").values - nation.values
    away = np.broadcast_to(excess, (p.size, *excess.shape))
    log = paths_out(away, scales, panel["size"].values).T
    yield from _named("region", panel["region"].values, log[:regions])
    level = panel["national_shift"].values + p["break_step"][:, None] * panel["before_break"].values
    years = _nation(p, panel, (level - p["national_mean"][:, None]).T, p["cycle_part"])
    regional = dict(zip(panel["stock_year"].values, log[regions:], strict=True))
    for year, values in zip(panel["nation_year"].values, years, strict=True):
        yield LeftOut("year", str(year), values + regional.get(year, 0.0))


def skill_mix(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Places, and years of changes."""
    p = Draws(posterior)
    change = panel["change"].transpose("place", "moving", "change_year").values
    shape = (p.size, *change.shape)
    scale = np.broadcast_to(p["change_scale"][:, None, :, None], shape)
    tau = np.broadcast_to(p["change_region"][:, None, None], shape[:3])
    whole, each = effects_out(change - p["change_mean"][:, None, :, None], tau, scale)
    yield from _named("region", panel["place"].values, whole.sum(2).T)
    yield from _named("year", panel["change_year"].values, each.sum((1, 2)).T)


def sectors(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Areas that are no sum of targets, and years of the nation's growth."""
    p = Draws(posterior)
    elasticity, wide, spread = (p[n] for n in ("elasticity", "area_scale", "deviation_scale"))
    noise = p["size_noise"][:, None]
    area, sector = panel["cell_area"].values, panel["cell_sector"].values
    driver, size, rounding = (panel[f"cell_{n}"].values for n in ("driver", "size", "rounding"))
    deviation = panel["deviation"].values
    for place in np.flatnonzero(panel["summed"].values == 0):
        log = np.zeros(p.size)
        for own in np.unique(sector[area == place]):
            cell = (area == place) & (sector == own)
            scale = cell_scale(spread[:, own, None], noise, size[cell], rounding[cell])
            away = deviation[cell] - elasticity[:, own, None] * driver[cell]
            log += effects_out(away, wide[:, own], scale)[0]
        yield LeftOut("region", str(panel["area"].values[place]), log)
    driven = elasticity * panel["national_driver"].values[:, None]
    rest = panel["national_growth"].values[:, None] - p["growth"] - driven
    years, load = panel["growth_year"].values, p["cycle_load"]
    linked = np.diff(years) == 1
    rho = p["persistence"][:, None]
    yield from _named("year", years, normal_years(rest, rho, p["innovation"] ** 2, load, linked))


def population(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions' scores about the waves, and years of the nation's migration, deaths and births."""
    p = Draws(posterior)
    yield from _named("region", panel["region"].values, _scores(p, panel))
    rate = panel["national_rate"].values[:, None] - p["national_mean"]
    child = panel["national_log_child_ratio"].values[:, None] - p["child_mean"]
    own, linked = p["child_innovation"][:, None] ** 2, np.ones(len(child) - 1, dtype=bool)
    rho = p["child_persistence"][:, None]
    years = _nation(p, panel, rate, p["national_cycle"]) + _deaths(p, panel)
    years += normal_years(child[..., None], rho, own, 0.0 * own, linked)
    yield from _named("year", panel["nation_year"].values, years)


Law = Callable[[xr.Dataset, xr.Dataset], Iterator[LeftOut]]
LAWS: dict[str, Law] = {
    law.__name__: law
    for law in (population, education, sectors, skill_mix, participation, commuting)
}


def _named(kind: str, names: Iterable[Any], logs: Iterable[np.ndarray]) -> Iterator[LeftOut]:
    for name, log in zip(names, logs, strict=True):
        yield LeftOut(kind, str(name), log)


def _nation(p: Draws, panel: xr.Dataset, away: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Years (year, sample) of a national path that the business cycle is a part of."""
    cycle, known = (v[:, None] for v in cycle_of(panel, panel["nation_year"].values[1:]))
    sigma = p["national_innovation"]
    scale = sigma * np.sqrt(1.0 - known * part**2)
    return student_years(away, p["national_persistence"], sigma * part * cycle, scale)


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

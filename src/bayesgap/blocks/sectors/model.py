"""Growth of employment by sector and region, and its base.

G1  growth_nation[s,t] = mean[s,t] + r[s,t];  r[s,t] = rho r[s,t-1] + load[s] c[t] + sigma[s] z:
    c ~ Normal(0, 1) is the business cycle, which lifts all sectors and participation together
    (integrated out of the likelihood)
G2  mean[s,t] = g[s] + b[s] driver growth[s,t];  g[s] ~ Normal(mu_g, tau_g): pooled, so that a
    trend of sixteen years is not carried on whole
G3  deviation[c,s,t] ~ StudentT_4(g_area[c,s] + b[s] driver[c,s,t], sqrt(sigma_dev[s]^2 + noise^2 /
    persons + rounding)), driver over the nation's (0 for counties, whose people are not in the
    tables); rounding is the known variance of counts of hundreds, which no forecast has
G4  g_area[c,s] ~ Normal(0, tau_area[s]), targets g_target[r,s] likewise; an area that the targets
    make up is their sum: g_area[c,s] = sum_r part[r,s] g_target[r,s]
G5  residence[r] ~ Normal(sum_s weight[s] (g_target[r,s] + b[s] driver[r,s]) + offset, sqrt(se^2 +
    home^2)): one sector or all of them; home, since residents work elsewhere too
G6  workplace[r,t] ~ Normal(the same sum of all sectors in year t, sqrt(common^2 + sum_s weight[s]^2
    cell scale[s]^2)): what a good year adds to all sectors of a region
G7  growth[r,s,t] = growth_nation[s,t] + g_target[r,s] + b[s] (driver[r] - driver nation) + common
    [r,t] + deviation noise, of the persons of the year before: a cell that has grown is calmer
G8  log base[r,s] ~ Normal(reconciled, its sd), then scaled to the observed total of the region

National innovations are normal: falls and rebounds of single years belong to the mean growth, and
heavy tails would leave falls out of it. In the forecast the driver is the region's own:
b[s] driver[r,s,t] replaces the national term.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import xarray as xr

from bayesgap.blocks.sectors.kernel import Cells, Moved, cell_likelihood
from bayesgap.blocks.sectors.laws import TAIL, cell_scale
from bayesgap.blocks.sectors.panel import BANDS, sector_driver
from bayesgap.inference.parts import Draws, ar1_step, non_centred_normal, prior, require_priors
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "sectors"
PRIORS = (
    "growth_mean",
    "growth_scale",
    "elasticity",
    "persistence",
    "innovation",
    "cycle_load",
    "area_scale",
    "deviation_scale",
    "size_noise",
    "home_noise",
    "common_scale",
)
LIMIT = 10.0  # scales; none of some 4 500 observed cells lies further out
SMALL = 25.0  # persons; a smaller cell is as noisy as this one: none under 150 has told its noise


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of national growth, regional deviations and the base (G1-G8)."""
    require_priors(NAME, priors, PRIORS)
    coords = {name: panel[name].values for name in ("sector", "target")}
    coords["area"] = panel["area"].values[panel["summed"].values == 0]
    with pm.Model(coords=coords) as model:
        b = prior("elasticity", priors["elasticity"], "sector")
        _nation(panel, priors, b)
        tau = prior("area_scale", priors["area_scale"], "sector")
        target = non_centred_normal("target_growth", tau, ("target", "sector"))
        spread = prior("deviation_scale", priors["deviation_scale"], "sector")
        noise = prior("size_noise", priors["size_noise"])
        _areas(panel, tau, target, b, (spread, noise))
        _residence(panel, target, b, prior("home_noise", priors["home_noise"]))
        common = prior("common_scale", priors["common_scale"])
        _workplace(panel, target, b, (spread, noise), common)
        pm.Normal(
            "base_log",
            panel["base_log"].values,
            panel["base_sd"].values * options.assumed_scale,
            dims=("target", "sector"),
        )
    return model


def _nation(panel: xr.Dataset, priors: BlockPriors, b: Any) -> None:
    """Equations G1 and G2."""
    centre = prior("growth_mean", priors["growth_mean"])
    scale = prior("growth_scale", priors["growth_scale"])
    g = non_centred_normal("growth", scale, "sector", centre)
    rho = prior("persistence", priors["persistence"])
    sigma = prior("innovation", priors["innovation"], "sector")
    load = prior("cycle_load", priors["cycle_load"], "sector")
    growth = pm.Data("national_growth", panel["national_growth"].values)
    rest = growth - g - b * pm.Data("national_driver", panel["national_driver"].values)
    linked = np.flatnonzero(np.diff(panel["growth_year"].values) == 1) + 1
    shock = ar1_step(rest[linked - 1], -rho, rest[linked])
    pm.Potential("national_next", one_factor(shock, sigma**2, load))


def one_factor(value: Any, own: Any, load: Any) -> Any:
    """Log density, without its constant, of rows Normal(0, diag(own) + load load'): G1, c out."""
    part = 1.0 + (load**2 / own).sum()
    pull = (value * load / own).sum(-1)
    spread = value.shape[0] * (pt.log(own).sum() + pt.log(part))
    return -0.5 * (spread + (value**2 / own).sum() - (pull**2).sum() / part)


def _areas(panel: xr.Dataset, tau: Any, target: Any, b: Any, scales: tuple[Any, Any]) -> None:
    """Equation G3, and G4 for areas; those that are sums of targets come last in the table."""
    own = non_centred_normal("area_growth", tau, ("area", "sector"))
    whole = (pm.Data("area_part", panel["area_part"].values) * target).sum(0)
    table = pt.concatenate([own, whole[None]])
    summed = panel["summed"].values == 1
    row = np.where(summed, (~summed).sum(), np.cumsum(~summed) - 1)
    cells = Cells(
        pm.Data("deviation_data", panel["deviation"].values),
        _fixed("cell_row", row[panel["cell_area"].values]),
        _fixed("cell_sector", panel["cell_sector"].values),
        pm.Data("cell_driver", panel["cell_driver"].values),
        _fixed("cell_size", panel["cell_size"].values),
        _fixed("cell_rounding", panel["cell_rounding"].values),
    )
    moved = Moved(table, b, scales[0], scales[1])
    pm.Potential("deviation", cell_likelihood(moved, cells))


def _fixed(name: str, values: np.ndarray) -> Any:
    """Values as a shared variable: constants of many cells make compiling slow."""
    return pytensor.shared(values, name=name, shape=values.shape)


def _residence(panel: xr.Dataset, target: Any, b: Any, home: Any) -> None:
    """Equation G5."""
    growth = target[panel["residence_target"].values] + b * panel["residence_driver"].values
    pm.Normal(
        "residence",
        (panel["residence_weight"].values * growth).sum(-1) + panel["residence_offset"].values,
        (panel["residence_se"].values ** 2 + home**2) ** 0.5,
        observed=pm.Data("residence_data", panel["residence"].values),
    )


def _workplace(
    panel: xr.Dataset, target: Any, b: Any, scales: tuple[Any, Any], common: Any
) -> None:
    """Equation G6."""
    place = panel["workplace_target"].values
    weight = panel["share"].values[place]
    growth = target[place] + b * panel["workplace_driver"].values
    persons = panel["workplace_total"].values[place, None] * weight
    single = cell_scale(scales[0], scales[1], persons)
    pm.Normal(
        "workplace",
        (weight * growth).sum(-1) + panel["workplace_offset"].values,
        (common**2 + (weight**2 * single**2).sum(-1)) ** 0.5,
        observed=pm.Data("workplace_data", panel["workplace"].values),
    )


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    drivers: xr.Dataset,
    cycle: xr.DataArray,
) -> xr.Dataset:
    """Drawn growth and base of the targets.

    Parameters
    ----------
    years : 4th quarters, the first right after the base year
    drivers : log_driver (chain, draw, region, year, driver), years on 1 January
    cycle : (chain, draw, year) standard normal: the business cycle of every future year

    Returns
    -------
    Dataset with employment_growth (chain, draw, region, year, sector) [log change since the 4th
    quarter before] and employment_base (chain, draw, region, sector) [person]
    """
    p = Draws(posterior)
    driver = _driver_growth(drivers, years, p)
    swing = Draws(cycle.sel(year=list(years)).to_dataset(name="cycle"))["cycle"]
    base = _base(p, panel, rng)
    growth = _growth(p, panel, driver, swing, base, rng)
    dims = ("chain", "draw", "region")
    return xr.Dataset(
        {
            "employment_growth": ((*dims, "year", "sector"), p.unstack(growth)),
            "employment_base": ((*dims, "sector"), p.unstack(base)),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "year": list(years),
            "sector": panel["sector"].values,
        },
    )


def limited_t(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Student-t draws within `LIMIT` scales: the exponential of an unlimited one has no mean."""
    return np.clip(rng.standard_t(TAIL, shape), -LIMIT, LIMIT)


def _driver_growth(drivers: xr.Dataset, years: Sequence[int], p: Draws) -> np.ndarray:
    """Growth of sector drivers (sample, region, year, sector): year t at 1 January t+1."""
    log = drivers["log_driver"].sel(year=[years[0], *(y + 1 for y in years)])
    order = ("chain", "draw", "region", "year")
    bands = {
        name: Draws(log.sel(driver=name).transpose(*order).to_dataset(name="x"))["x"]
        for name in BANDS
    }
    return np.diff(sector_driver(bands), axis=2)


def _growth(
    p: Draws,
    panel: xr.Dataset,
    driver: np.ndarray,
    cycle: np.ndarray,
    base: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """G1-G7 forwards (sample, region, year, sector)."""
    b, g, target = p["elasticity"], p["growth"], p["target_growth"]
    last = panel["last_growth"].values - panel["national_driver"].values[-1] * b
    rest = last - g
    persons = base
    out = np.empty(driver.shape, dtype=np.float32)
    for step in range(driver.shape[2]):
        shock = p["innovation"] * rng.standard_normal(rest.shape)
        swing = p["cycle_load"] * cycle[:, step, None]
        rest = ar1_step(rest, p["persistence"][:, None], swing + shock)
        own = (g + rest)[:, None] + b[:, None] * driver[:, :, step] + target
        out[:, :, step] = own + _regional(p, persons, rng)
        persons = persons * np.exp(out[:, :, step])
    return out


def _base(p: Draws, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Employed by sector at the base year (sample, region, sector): G8 and the known growth."""
    persons = np.exp(p["base_log"])
    total = panel["workplace_total"].values[:, None]
    persons = persons / persons.sum(-1, keepdims=True) * total
    b = p["elasticity"][:, None]
    for known, driver in zip(
        panel["known_growth"].values, panel["known_driver"].values, strict=True
    ):
        own = known + b * driver + p["target_growth"]
        persons = persons * np.exp(own + _regional(p, persons, rng))
    return persons


def _regional(p: Draws, persons: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One year's noise of regions and of their cells (sample, region, sector): G3 and G6."""
    common = p["common_scale"][:, None, None] * rng.standard_normal((*persons.shape[:2], 1))
    size = np.maximum(persons, SMALL)
    scale = cell_scale(p["deviation_scale"][:, None], p["size_noise"][:, None, None], size)
    return common + scale * limited_t(persons.shape, rng)

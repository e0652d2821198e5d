"""Growth of employment by sector and region, and its base.

G1  growth_nation[s,t] = mean[s,t] + rho (growth_nation[s,t-1] - mean[s,t-1]) + sigma[s] T_4
G2  mean[s,t] = g[s] + b[s] driver growth[s,t];  g[s] ~ Normal(mu_g, tau_g): pooled, so that a
    trend of sixteen years is not carried on whole
G3  deviation[c,s,t] ~ StudentT_4(g_area[c,s], sqrt(sigma_dev[s]^2 + noise^2 / persons))
G4  g_area[c,s] ~ Normal(0, tau_area[s]), targets likewise; residents' growth informs the targets:
    residence[r,s] ~ Normal(g_target[r,s], sqrt(se^2 + home^2)), home: residence is not workplace
G5  growth[r,s,t] = growth_nation[s,t] + g_target[r,s] + b[s] (driver[r] - driver nation) + common
    [r,t] + deviation noise
G6  log base[r,s] ~ Normal(reconciled, its sd), then scaled to the observed total of the region

In the forecast the driver is the region's own: b[s] driver[r,s,t] replaces the national term.
"""

from collections.abc import Sequence

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.data.panel_sectors import BANDS, sector_driver
from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Options
from bayesgap.submodels.parts import Draws, ar1_step, deviates, prior, require_priors

NAME = "sectors"
PRIORS = (
    "growth_mean",
    "growth_scale",
    "elasticity",
    "persistence",
    "innovation",
    "area_scale",
    "deviation_scale",
    "size_noise",
    "home_noise",
    "common_scale",
)
TAIL = 4.0


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of national growth, regional deviations and the base (G1-G6)."""
    require_priors(NAME, priors, PRIORS)
    names = ("sector", "target", "area", "residence_sector")
    with pm.Model(coords={name: panel[name].values for name in names}) as model:
        _nation(panel, priors)
        _areas(panel, priors)
        pm.Normal(
            "base_log",
            panel["base_log"].values,
            panel["base_sd"].values * options.assumed_scale,
            dims=("target", "sector"),
        )
        prior("common_scale", priors["common_scale"])
    return model


def _nation(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equations G1 and G2."""
    centre = prior("growth_mean", priors["growth_mean"])
    scale = prior("growth_scale", priors["growth_scale"])
    g = deviates("growth", scale, "sector", centre)
    b = prior("elasticity", priors["elasticity"], "sector")
    rho = prior("persistence", priors["persistence"])
    sigma = prior("innovation", priors["innovation"], "sector")
    growth = pm.Data("national_growth", panel["national_growth"].values)
    rest = growth - g - b * panel["national_driver"].values
    years = panel["growth_year"].values
    linked = np.flatnonzero(np.diff(years) == 1) + 1
    law = pm.StudentT.dist(nu=TAIL, mu=ar1_step(rest[linked - 1], rho, 0.0), sigma=sigma)
    pm.Potential("national_next", pm.logp(law, rest[linked]).sum())


def _areas(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equations G3 and G4."""
    tau = prior("area_scale", priors["area_scale"], "sector")
    area = deviates("area_growth", tau, ("area", "sector"))
    spread = prior("deviation_scale", priors["deviation_scale"], "sector")
    noise = prior("size_noise", priors["size_noise"])
    sector = panel["cell_sector"].values
    size = panel["cell_size"].values
    pm.StudentT(
        "deviation",
        nu=TAIL,
        mu=area[panel["cell_area"].values, sector],
        sigma=cell_scale(spread[sector], noise, size),
        observed=panel["deviation"].values,
    )
    target = deviates("target_growth", tau, ("target", "sector"))
    home = prior("home_noise", priors["home_noise"])
    known = [list(panel["sector"].values).index(s) for s in panel["residence_sector"].values]
    pm.Normal(
        "residence",
        target[:, known],
        (panel["residence_se"].values ** 2 + home**2) ** 0.5,
        observed=panel["residence_mean"].values,
    )


def cell_scale(spread: object, noise: object, size: object) -> object:
    """Scale of a cell's yearly deviation (G3)."""
    return (spread**2 + noise**2 / size) ** 0.5  # type: ignore[operator]


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    drivers: xr.Dataset,
) -> xr.Dataset:
    """Drawn growth and base of the targets.

    Parameters
    ----------
    years : 4th quarters, the first right after the base year
    drivers : log_driver (chain, draw, region, year, driver), years on 1 January

    Returns
    -------
    Dataset with employment_growth (chain, draw, region, year, sector) [log change since the 4th
    quarter before] and employment_base (chain, draw, region, sector) [person]
    """
    p = Draws(posterior)
    driver = _driver_growth(drivers, years, p)
    growth = _growth(p, panel, driver, rng)
    dims = ("chain", "draw", "region")
    return xr.Dataset(
        {
            "employment_growth": ((*dims, "year", "sector"), p.unstack(growth)),
            "employment_base": ((*dims, "sector"), p.unstack(_base(p, panel, rng))),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "year": list(years),
            "sector": panel["sector"].values,
        },
    )


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
    p: Draws, panel: xr.Dataset, driver: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """G1-G5 forwards (sample, region, year, sector)."""
    b, g, target = p["elasticity"], p["growth"], p["target_growth"]
    last = panel["last_growth"].values - panel["national_driver"].values[-1] * b
    rest = last - g
    base = np.exp(p["base_log"])
    scale = cell_scale(p["deviation_scale"][:, None], p["size_noise"][:, None, None], base)
    out = np.empty(driver.shape, dtype=np.float32)
    for step in range(driver.shape[2]):
        shock = p["innovation"] * rng.standard_t(TAIL, rest.shape)
        rest = ar1_step(rest, p["persistence"][:, None], shock)
        common = p["common_scale"][:, None] * rng.standard_normal(target.shape[:2])
        noise = scale * rng.standard_t(TAIL, target.shape)
        own = (g + rest)[:, None] + b[:, None] * driver[:, :, step]
        out[:, :, step] = own + target + common[..., None] + noise
    return out


def _base(p: Draws, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Employed by sector at the base year (sample, region, sector): G6 and the known growth."""
    base = np.exp(p["base_log"])
    total = panel["workplace_total"].values[:, None]
    base = base / base.sum(-1, keepdims=True) * total
    scale = cell_scale(p["deviation_scale"][:, None], p["size_noise"][:, None, None], base)
    for known in panel["known_growth"].values:
        common = p["common_scale"][:, None, None] * rng.standard_normal((*base.shape[:2], 1))
        noise = scale * rng.standard_t(TAIL, base.shape)
        base = base * np.exp(known + p["target_growth"] + common + noise)
    return base

"""What a year of the nation did that a block's own law does not explain, one series a block.

Blocks are fitted apart (docs/adr/0003); where their residuals go together, a common innovation is
missing, or there is one (docs/adr/0007). Laws are those of the blocks: population P7, sectors
G1-G2 (summed over sectors by jobs), participation L3, commuting A2 (mean over regions).
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from bayesgap.inference.parts import ar1_step


def _innovation(path: xr.DataArray, rho: xr.DataArray) -> xr.DataArray:
    """Surprise of each year but the first of a path about its mean (..., year)."""
    before = path.shift(year=1).isel(year=slice(1, None))
    return ar1_step(before, -rho, path.isel(year=slice(1, None)))


def _population(p: xr.Dataset, panel: xr.Dataset) -> xr.DataArray:
    rate = panel["national_rate"].rename(nation_year="year")
    return _innovation(rate - p["national_mean"], p["national_persistence"])


def _sectors(p: xr.Dataset, panel: xr.Dataset) -> xr.DataArray:
    growth = panel["national_growth"] - p["growth"] - p["elasticity"] * panel["national_driver"]
    jobs = np.exp(panel["base_log"]).sum("target")
    return (growth * jobs / jobs.sum()).sum("sector").rename(growth_year="year")


def _participation(p: xr.Dataset, panel: xr.Dataset) -> xr.DataArray:
    level = panel["national_shift"] + p["break_step"] * panel["before_break"]
    path = (level - p["national_mean"]).rename(nation_year="year")
    return _innovation(path, p["national_persistence"])


def _commuting(p: xr.Dataset, panel: xr.Dataset, direction: str, observed: str) -> xr.DataArray:
    level = panel[observed].mean("region").reset_coords(drop=True)
    path = (level - p[f"{direction}_mean"]).rename(stock_year="year")
    return _innovation(path, p["persistence"].sel(direction=direction, drop=True))


SERIES: dict[str, tuple[str, Callable[[xr.Dataset, xr.Dataset], xr.DataArray]]] = {
    "migration": ("population", _population),
    "jobs": ("sectors", _sectors),
    "participation": ("participation", _participation),
    "commuting out": ("commuting", lambda p, panel: _commuting(p, panel, "out", "out_logit")),
    "commuting in": ("commuting", lambda p, panel: _commuting(p, panel, "in", "in_log")),
}


def national_residuals(name: str, posterior: xr.Dataset, panel: xr.Dataset) -> xr.DataArray:
    """Residuals (chain, draw, year) of the series `name` of `SERIES`, in the block's own units."""
    return SERIES[name][1](posterior, panel).transpose("chain", "draw", "year")

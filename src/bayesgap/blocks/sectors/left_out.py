"""One area, or one year of the nation's growth, given all others: log densities by draw."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.blocks.sectors.model import cell_scale
from bayesgap.inference.left_out_laws import LeftOut, effects_out, named, normal_years
from bayesgap.inference.parts import Draws


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
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
    yield from named("year", years, normal_years(rest, rho, p["innovation"] ** 2, load, linked))

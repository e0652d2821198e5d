"""One region or one year of participation given all others: log densities by draw."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.inference import pooled_ar1
from bayesgap.inference.left_out_laws import LeftOut, named, nation_years, paths_out
from bayesgap.inference.parts import Draws


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions, and years with the nation's."""
    p, regions = Draws(posterior), panel.sizes["region"]
    own = (p[f"region_{name}"] for name in ("scale", "persistence", "innovation"))
    scales = pooled_ar1.Scales(*own, np.zeros(p.size), p["region_size"])
    nation = panel["national_shift"].sel(nation_year=panel["stock_year"].values)
    excess = panel["shift"].transpose("region", "stock_year").values - nation.values
    away = np.broadcast_to(excess, (p.size, *excess.shape))
    log = paths_out(away, scales, panel["size"].values).T
    yield from named("region", panel["region"].values, log[:regions])
    level = panel["national_shift"].values + p["break_step"][:, None] * panel["before_break"].values
    years = nation_years(p, panel, (level - p["national_mean"][:, None]).T, p["cycle_part"])
    regional = dict(zip(panel["stock_year"].values, log[regions:], strict=True))
    for year, values in zip(panel["nation_year"].values, years, strict=True):
        yield LeftOut("year", str(year), values + regional.get(year, 0.0))

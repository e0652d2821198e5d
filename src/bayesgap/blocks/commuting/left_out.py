"""One region or one year of commuting given all others: log densities by draw."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.inference import pooled_ar1
from bayesgap.inference.left_out_laws import LeftOut, named, paths_out
from bayesgap.inference.parts import Draws


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions and years of both directions."""
    p, log = Draws(posterior), np.zeros(1)
    for d, (direction, name) in enumerate((("out", "out_logit"), ("in", "in_log"))):
        shared = (p[part][:, d] for part in ("persistence", "innovation", "common", "size"))
        scales = pooled_ar1.Scales(p[f"{direction}_region"], *shared)
        seen = panel[name].transpose("region", "stock_year").values
        away = seen - p[f"{direction}_mean"][:, None, None]
        log = log + paths_out(away, scales, panel["size"].values)
    regions = panel.sizes["region"]
    yield from named("region", panel["region"].values, log.T[:regions])
    yield from named("year", panel["stock_year"].values, log.T[regions:])

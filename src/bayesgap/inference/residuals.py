"""Surprises of yearly paths, which health compares between blocks that are fitted apart."""

import xarray as xr

from bayesgap.inference.parts import ar1_step


def innovations(path: xr.DataArray, rho: xr.DataArray) -> xr.DataArray:
    """Surprise of each year but the first of a path about its mean (..., year)."""
    before = path.shift(year=1).isel(year=slice(1, None))
    return ar1_step(before, -rho, path.isel(year=slice(1, None)))

"""Demand by education: jobs by sector times their skill mix, unfilled jobs included.

Equations
---------
E1  mix[s,e,t] = filled[s,e] exp(drift[s,e,t]) / sum_e of the same
E2  demand[e,t] = sum_s jobs[s,t] mix[s,e,t] (1 + unfilled[e] / filled[e])
"""

import numpy as np
import xarray as xr

from bayesgap.accounting.layout import Floats, in_order

BLOCK = 50  # samples worked on together, so that what they need stays in the processor's cache


def demand(
    filled: xr.DataArray, jobs: xr.DataArray, drift: xr.DataArray, unfilled: xr.DataArray
) -> xr.DataArray:
    """Jobs wanted, filled or not (chain, draw, region, year, education) [job].

    Parameters
    ----------
    filled : (chain, draw, region, sector, education) [job] at the base year
    jobs : (chain, draw, region, year, sector) [job]
    drift : (chain, draw, year, sector, education) log odds since the base year
    unfilled : (chain, draw, region, education) [job] at the base year
    """
    filled, jobs, drift, unfilled = xr.align(
        filled, jobs, drift, unfilled, join="inner", copy=False
    )
    filled = in_order(filled, ("region", "sector", "education"))
    jobs = in_order(jobs, ("region", "year", "sector"))
    drift = in_order(drift, ("year", "sector", "education"))
    arrays = (values.to_numpy() for values in (filled, jobs, drift))
    path = wanted(*(values.reshape(-1, *values.shape[2:]) for values in arrays))
    rate = 1.0 + unfilled / filled.sum("sector", skipna=False).clip(min=1.0)
    like = filled.isel(sector=0, drop=True).expand_dims(year=jobs["year"].to_numpy(), axis=3)
    return (like.copy(data=path.reshape(like.shape)) * rate).transpose(*like.dims)


def wanted(filled: Floats, jobs: Floats, drift: Floats) -> Floats:
    """Filled jobs by education (sample, region, year, education): E1 and the sum of E2."""
    sizes = (*jobs.shape[:3], filled.shape[-1])
    path = np.empty(sizes, np.result_type(filled, jobs, drift))
    for start in range(0, len(path), BLOCK):
        part = slice(start, start + BLOCK)
        for year in range(sizes[2]):
            mix = filled[part] * np.exp(drift[part, None, year])
            mix /= mix.sum(-1, keepdims=True)
            np.einsum("nrs,nrse->nre", jobs[part, :, year], mix, out=path[part, :, year])
    return path

"""Demand by education: jobs by sector times their skill mix, unfilled jobs included.

Equations
---------
E1  mix[s,e,t] = filled[s,e] exp(drift[s,e,t]) / sum_e of the same
E2  demand[e,t] = sum_s jobs[s,t] mix[s,e,t] (1 + unfilled[e] / filled[e])
"""

import numpy as np
import xarray as xr


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
    years = []
    for year in jobs["year"].values:
        weight = filled * np.exp(drift.sel(year=year))
        mix = weight / weight.sum("education")
        wanted = xr.dot(jobs.sel(year=year), mix, dim="sector")
        years.append(wanted)
    path = xr.concat(years, "year").assign_coords(year=jobs["year"])
    rate = 1.0 + unfilled / filled.sum("sector").clip(min=1.0)
    return (path * rate).transpose("chain", "draw", "region", "year", "education")

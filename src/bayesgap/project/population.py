"""Cohort accounting of the population.

Equations
---------
A1  P[a+1,t+1] = P[a,t] (1 - q[a,t] + g[a,t]), never below 0
A2  P[89+,t+1] collects ages 88 and 89+
A3  P[0,t+1] = child ratio[t] * P[20-39,t]
"""

import numpy as np
import xarray as xr

from bayesgap.project.layout import Floats, in_order

PARENTS = slice(20, 40)  # ages
DRIVERS = {"0-18": (0, 18), "20-66": (20, 66), "65-79": (65, 79), "80+": (80, 89), "all": (0, 89)}


def project_population(stock: xr.DataArray, rates: xr.Dataset) -> xr.DataArray:
    """Residents on 1 January of the first year of `rates` and of every year after.

    Parameters
    ----------
    stock : (region, age) [person]
    rates : net_migration_rate (chain, draw, region, year, age), death_probability
        (chain, draw, year, age), child_ratio (chain, draw, region, year)

    Returns
    -------
    (chain, draw, region, year, age) [person], one year longer than `rates`
    """
    years = [int(year) for year in rates["year"].values]
    child = in_order(rates["child_ratio"], ("region", "year"))
    arrays = (
        stock.transpose("region", "age").to_numpy(),
        in_order(rates["death_probability"], ("year", "age")).to_numpy(),
        in_order(rates["net_migration_rate"], ("region", "year", "age")).to_numpy(),
        child.to_numpy(),
    )
    coords = {
        **child.drop_vars("year").coords,
        "year": [*years, years[-1] + 1],
        "age": stock["age"],
    }
    return xr.DataArray(cohorts(*arrays), coords, (*child.dims, "age"))


def cohorts(stock: Floats, died: Floats, moved: Floats, child: Floats) -> Floats:
    """Residents (..., region, year, age) from a stock (region, age): A1-A3.

    `died` is (..., year, age), `moved` (..., region, year, age), `child` (..., region, year).
    """
    *several, years = child.shape
    people = np.empty((*several, years + 1, stock.shape[-1]), np.result_type(died, moved, child))
    people[..., 0, :] = stock.astype(np.float32)
    for year in range(years):
        now, then = people[..., year, :], people[..., year + 1, :]
        staying = 1 - died[..., None, year, :] + moved[..., year, :]
        left = np.maximum(now * staying, 0)
        then[..., 0] = child[..., year] * np.ascontiguousarray(now[..., PARENTS]).sum(-1)
        then[..., 1:-1] = left[..., :-2]
        then[..., -1] = left[..., -2:].sum(-1)
    return people


def drivers(population: xr.DataArray) -> xr.Dataset:
    """Log of the age bands that drive sectors: log_driver (chain, draw, region, year, driver)."""
    bands = [
        population.sel(age=slice(low, high)).sum("age", skipna=False)
        for low, high in DRIVERS.values()
    ]
    people = xr.concat(bands, xr.Variable("driver", list(DRIVERS)))
    return xr.Dataset({"log_driver": np.log(people.clip(min=1.0))})

"""Cohort accounting of the population.

Equations
---------
A1  P[a+1,t+1] = P[a,t] (1 - q[a,t] + g[a,t]), never below 0
A2  P[89+,t+1] collects ages 88 and 89+
A3  P[0,t+1] = child ratio[t] * P[20-39,t]
"""

import numpy as np
import xarray as xr

from bayesgap.accounting.layout import Floats, in_order

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

    `died` is (..., year, age), `moved` (..., region, year, age), `child` (..., region, year). Each
    year is one array in memory, so that ageing moves all people on by one place; those who reach
    the next row of it so are the oldest, and newborns take their place there.
    """
    *several, years = child.shape
    kind = np.result_type(died, moved, child)
    people = np.empty((years + 1, *several, stock.shape[-1]), kind)
    people[0] = stock.astype(np.float32)
    staying, alive = np.empty_like(people[0]), 1 - died[..., None, :, :]
    for year in range(years):
        now, then = people[year], people[year + 1]
        np.add(alive[..., year, :], moved[..., year, :], out=staying)
        np.maximum(staying, 0, out=staying)
        np.multiply(now.ravel()[:-1], staying.ravel()[:-1], out=then.ravel()[1:])
        then[..., -1] += now[..., -1] * staying[..., -1]
        then[..., 0] = child[..., year] * np.ascontiguousarray(now[..., PARENTS]).sum(-1)
    return np.moveaxis(people, 0, -2)


def drivers(population: xr.DataArray) -> xr.Dataset:
    """Log of the age bands that drive sectors: log_driver (chain, draw, region, year, driver)."""
    bands = [
        population.sel(age=slice(low, high)).sum("age", skipna=False)
        for low, high in DRIVERS.values()
    ]
    people = xr.concat(bands, xr.Variable("driver", list(DRIVERS)))
    return xr.Dataset({"log_driver": np.log(people.clip(min=1.0))})

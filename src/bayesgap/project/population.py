"""Cohort accounting of the population.

Equations
---------
A1  P[a+1,t+1] = P[a,t] (1 - q[a,t] + g[a,t]), never below 0
A2  P[89+,t+1] collects ages 88 and 89+
A3  P[0,t+1] = child ratio[t] * P[20-39,t]
"""

import numpy as np
import xarray as xr

from bayesgap import schema

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
    order = (*schema.SAMPLE_DIMS, "region", "age")
    first = stock.broadcast_like(rates["child_ratio"].isel(year=0, drop=True)).transpose(*order)
    people = [first.astype(np.float32)]
    for year in years:
        people.append(next_january(people[-1], rates.sel(year=year, drop=True)).transpose(*order))
    ahead = xr.Variable("year", [*years, years[-1] + 1])
    path = xr.concat(people, ahead, join="exact")
    return path.transpose(*schema.SAMPLE_DIMS, "region", "year", "age")


def next_january(people: xr.DataArray, rates: xr.Dataset) -> xr.DataArray:
    """Equations A1-A3 for one year; every dim but `age` is carried along."""
    staying = 1 - rates["death_probability"] + rates["net_migration_rate"]
    moved = (people * staying).clip(min=0)
    born = rates["child_ratio"] * people.sel(age=slice(20, 39)).sum("age")
    ages = people["age"].to_numpy()
    older = moved.isel(age=slice(None, -2)).assign_coords(age=ages[1:-1])
    oldest = moved.isel(age=slice(-2, None)).sum("age").expand_dims(age=ages[-1:])
    return xr.concat([born.expand_dims(age=ages[:1]), older, oldest], "age", join="exact")


def drivers(population: xr.DataArray) -> xr.Dataset:
    """Log of the age bands that drive sectors: log_driver (chain, draw, region, year, driver)."""
    bands = [
        population.sel(age=slice(low, high)).sum("age").expand_dims(driver=[name])
        for name, (low, high) in DRIVERS.items()
    ]
    return xr.Dataset({"log_driver": np.log(xr.concat(bands, "driver").clip(min=1.0))})

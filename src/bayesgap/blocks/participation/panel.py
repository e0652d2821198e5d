"""Panel of the participation block: observed employment as shifts of a reference profile.

Definitions
-----------
D1  shift[r,t] solves sum_a,l w[r,a,t] mix[r,a,l] expit(reference[a,l] + shift) (1 - idle[l]) =
    employed / persons of ages 15-74: the observed rate told in log-odds above the reference
D2  reference[a,l], idle[l]: means of the labour force survey over years (`surveys`); shifts are
    measured from them, and no more: the profile that is forecast meets the nation's rate again
D3  mix[r,a,l]: levels of the region's residents of 30-66, last year, of ages that can have them, so
    that the shift is what remains of a rate when the region's levels are taken into account
D4  the stock of year t belongs to the population of 1 January t+1
D5  cycle[t] = growth of the nation's jobs, less its mean, over its standard deviation
D6  size[r]: log of persons aged 15-74 over their geometric mean, last year
D7  surveys: log-odds of labour force by age band and level, unemployment by level; those in study
    and outside the labour force, of those asked, by age

A pooling region without figures teaches nothing here and is left out; so is a year whose residents
are not counted yet. A break that nobody has looked back on is none. A study without the tables of
D7 has no rows of them, and the reference is flat.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import expit

from bayesgap.blocks.cycle import BREAK, business_cycle
from bayesgap.blocks.levels import by_age, national_levels, regional_levels
from bayesgap.blocks.participation import surveys
from bayesgap.schema import LEVELS, WORKING_AGES
from bayesgap.study.study import Study

AGES = np.array(WORKING_AGES)
LONGEST, TINY = 1.0, 1e-12  # of a step in log-odds where nearly all or nobody takes part


def build_participation_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Shifts (region, stock_year) and national shifts (nation_year), and the rows of surveys.

    Returns
    -------
    Dataset with shift (region, stock_year), national_shift (nation_year) [log-odds], size
    (region), cycle (cycle_year) [standard deviations], before_break (nation_year); of the nation's
    last year, base_year, nation_rate [employed per person of 15-74] and nation_cells (age, level)
    [share of persons]; rows of surveys as in `surveys`
    """
    profile, idle = surveys.reference(tables, AGES), surveys.reference_idle(tables)
    stock = tables["population"].set_index(["region", "year", "age"])["persons"].to_xarray()
    status = tables["employment_status"]
    wide = status.pivot_table(index=["region", "year"], columns="measure", values="persons")
    observed = (wide["employed_by_residence"] / wide["population_15_74"]).to_xarray()
    regions = [r for r in study.regions if r in study.targets or r in observed["region"].values]
    years = [int(y) for y in observed["year"].values if y + 1 in stock["year"].values]
    people = stock.sel(region=regions, year=[y + 1 for y in years], age=list(WORKING_AGES)).values
    mix = by_age(_levels(tables, regions), AGES)
    shift = solved(
        observed.sel(region=regions, year=years).values,
        cells(people, mix[:, None]) * (1 - idle),
        profile,
    )
    size = np.log(people[:, -1].sum(-1))
    found = xr.Dataset(
        {"shift": (("region", "stock_year"), shift), "size": ("region", size - size.mean())},
        coords={"region": regions, "stock_year": years, "target": list(study.targets)},
    )
    parts = [_nation(tables, profile, idle), surveys.study_rows(tables)]
    nation = tables["population_national"].set_index(["year", "age"])["persons"].to_xarray()
    parts += [surveys.participation_rows(tables, nation), surveys.unemployment_rows(tables)]
    return xr.merge([found, *parts]).assign_coords(age=AGES, level=list(LEVELS))


def _nation(
    tables: Mapping[str, pd.DataFrame], profile: np.ndarray, idle: np.ndarray
) -> xr.Dataset:
    """Shifts of the nation by year (D1), its rate and cells in the last, and its cycle of jobs."""
    stock = tables["population_national"].set_index(["year", "age"])["persons"].to_xarray()
    jobs = tables["employment_national"].query("concept == 'residence'")
    employed = jobs.groupby("year")["employed"].sum()
    years = [int(y) for y in employed.index if y + 1 in stock["year"].values]
    people = stock.sel(year=[y + 1 for y in years], age=list(WORKING_AGES)).values
    weight = cells(people, by_age(national_levels(tables), AGES))
    rate = employed.loc[years].to_numpy() / people.sum(-1)
    cycle = business_cycle(tables["employment_national"])
    before = [float(year <= BREAK < max(years)) for year in years]
    return xr.Dataset(
        {
            "national_shift": ("nation_year", solved(rate, weight * (1 - idle), profile)),
            "before_break": ("nation_year", before),
            "nation_rate": rate[-1],
            "base_year": years[-1],
            "nation_cells": (("age", "level"), weight[-1]),
            "cycle": ("cycle_year", cycle.to_numpy()),
        },
        coords={"nation_year": years, "cycle_year": [int(year) for year in cycle.index]},
    )


def _levels(tables: Mapping[str, pd.DataFrame], regions: list[str]) -> np.ndarray:
    """Levels of residents (region, level), the nation's where a study has no table of regions."""
    nation, frame = national_levels(tables), tables.get("education_residents_30_66")
    if frame is None or not set(regions) <= set(frame["region"]):
        return np.broadcast_to(nation, (len(regions), len(LEVELS)))
    return regional_levels(frame, regions, nation[2:])


def cells(people: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Shares of persons (..., age, level), of persons (..., age) and levels (..., age, level)."""
    return (people / people.sum(-1, keepdims=True))[..., None] * mix


def solved(wanted: np.ndarray, weight: np.ndarray, profile: np.ndarray) -> np.ndarray:
    """Shift (...) of log-odds `profile` that gives the `wanted` rate (D1, Newton's method).

    Parameters
    ----------
    wanted : (...) sum of `weight` times shares
    weight, profile : (..., age, level)
    """
    shift = np.zeros(np.shape(wanted))
    for _ in range(100):
        share = expit(profile + shift[..., None, None])
        error = (weight * share).sum((-2, -1)) - wanted
        slope = (weight * share * (1 - share)).sum((-2, -1))
        shift = shift - np.clip(error / np.maximum(slope, TINY), -LONGEST, LONGEST)
        if np.abs(error).max(initial=0.0) < 1e-12:
            break
    return shift

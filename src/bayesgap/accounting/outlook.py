"""Accounting of one chunk of draws: rates in, supply, demand and gap out.

Equations
---------
O1  supply[r,t,e] = k[r] * employed_at_workplace[r,t,e] + unemployed[r,t,e]
O2  k[r] = sum_e filled[r,e] / sum_e employed_at_workplace[r,t0,e], so that supply(t0) = filled +
    unemployed: both sides share one reconciled base table
O3  demand[r,t,e] = sum_s jobs[r,t,s] * mix[r,t,s,e] * (1 + unfilled[r,e] / filled[r,e])
O4  gap = demand - supply, per draw; the total region is the sum of the targets, per draw
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.accounting import base, demand, supply
from bayesgap.accounting.layout import samples_last, with_labels

AGE_BANDS = {
    "all": (0, schema.AGE_MAX),
    "0-18": (0, 18),
    "15-74": (15, 74),
    "20-25": (20, 25),
    "20-65": (20, 65),
    "20-66": (20, 66),
    "26-40": (26, 40),
    "41-65": (41, 65),
    "65-79": (65, 79),
    "66+": (66, schema.AGE_MAX),
    "80+": (80, schema.AGE_MAX),
}


class Rates(NamedTuple):
    """Drawn future rates of every block for one chunk; dims start with (chain, draw)."""

    population: xr.DataArray
    education: xr.Dataset
    participation: xr.Dataset
    commuting: xr.Dataset
    sectors: xr.Dataset
    skill_mix: xr.Dataset
    imbalance: xr.Dataset


class Parts(NamedTuple):
    """What an outlook is made of, before regions are added up."""

    population: xr.DataArray
    residents: xr.Dataset
    available: xr.DataArray
    wanted: xr.DataArray
    jobs: xr.DataArray


class Main(NamedTuple):
    """Main projection of one chunk, with the arrays that scenarios change.

    `people` (…, region, year, age) of working age [person]; `rate` (…, age, level) share in the
    labour force; `filled` and `ratio` as `base.base_table` gives them; `arriving` in-commuters by
    level [person].
    """

    people: xr.DataArray
    rate: xr.DataArray
    filled: xr.DataArray
    ratio: xr.DataArray
    arriving: xr.DataArray
    parts: Parts


def project(rates: Rates, years: Sequence[int], total: str) -> xr.Dataset:
    """Supply, demand and gap of one chunk of draws.

    Parameters
    ----------
    rates : Rates
        `population` (chain, draw, region, year, age) [person] on 1 January, one year beyond
        `years`; the other blocks as their `forecast` returns them.
    years : sequence of int
        4th quarters wanted; the first is the base year.
    total : str
        Name of the sum over regions.

    Returns
    -------
    Dataset with `supply`, `demand`, `gap`, `labour_force` (chain, draw, region, year, education),
    `employment` (..., sector), `population` (..., age_band) and smaller companions [person]
    """
    main = project_main(rates, years)
    outlook = assembled(main.parts, years, total)
    return outlook.assign(base_ratio=main.ratio.astype(np.float32))


def project_main(rates: Rates, years: Sequence[int]) -> Main:
    """Main projection of one chunk of draws, regions apart."""
    everybody = population_of_quarter(rates.population, years)
    people = of_working_age(everybody)
    rate = supply.labour_force_rate(rates.participation)
    force, active = supply.labour_force(people, rates.education["level_share"], rate)
    flows = supply.flows_by_level(force, rates.participation, rates.commuting)
    residents = supply.by_groups(flows, rates.education["field_share"])
    residents["outside"] = supply.outside(people, active, rates.participation["study_share"])
    filled, ratio = base.base_table(
        rates.sectors["employment_base"],
        rates.skill_mix["base_mix"],
        residents["employed_workplace"].sel(year=years[0], drop=True),
    )
    jobs = jobs_by_sector(rates.sectors, years)
    wanted = demand.demand(filled, jobs, rates.skill_mix["mix_drift"], rates.imbalance["unfilled"])
    parts = Parts(rates.population, residents, available(residents, ratio), wanted, jobs)
    return Main(people, rate, filled, ratio, flows["in_commuters"], parts)


def available(residents: xr.Dataset, ratio: xr.DataArray) -> xr.DataArray:
    """Supply at the workplace (chain, draw, region, year, education) [person]: O1."""
    return residents["employed_workplace"] / ratio + residents["unemployed"]


def assembled(parts: Parts, years: Sequence[int], total: str) -> xr.Dataset:
    """Outlook with the gap and the sum over regions, draw by draw: O4."""
    people = population_of_quarter(parts.population, years)
    outlook = {
        "supply": parts.available,
        "demand": parts.wanted,
        "labour_force": parts.residents["labour_force"],
        "employed_residence": parts.residents["employed_residence"],
        "out_commuters": parts.residents["out_commuters"],
        "in_commuters": parts.residents["in_commuters"],
        "outside": parts.residents["outside"],
        "employment": parts.jobs,
        "working_age": people.sel(age=supply.OUTSIDE_AGES).sum("age", skipna=False),
        "population": population_by_band(parts.population.sel(year=list(years))),
    }
    whole = xr.Dataset({name: with_total(values, total) for name, values in outlook.items()})
    whole["gap"] = whole["demand"] - whole["supply"]
    return whole.assign_coords(schema.education_index())


def gap_of(parts: Parts, total: str) -> xr.DataArray:
    """Gap (chain, draw, region, year, education) [person] alone, as `assembled` gives it: O4."""
    return with_total(parts.wanted, total) - with_total(parts.available, total)


def population_of_quarter(population: xr.DataArray, years: Sequence[int]) -> xr.DataArray:
    """People to whom the 4th quarter of each year belongs: those of the next 1 January."""
    following = population.sel(year=[year + 1 for year in years])
    return following.assign_coords(year=list(years))


def jobs_by_sector(sectors: xr.Dataset, years: Sequence[int]) -> xr.DataArray:
    """Filled jobs (chain, draw, region, year, sector) [person]: base times cumulated growth."""
    growth = sectors["employment_growth"].sel(year=list(years[1:]))
    start = growth.isel(year=[0]).assign_coords(year=[years[0]]) * 0.0
    path = np.exp(xr.concat([start, growth], "year").cumsum("year"))
    return sectors["employment_base"] * path


def of_working_age(people: xr.DataArray) -> xr.DataArray:
    """`people` (chain, draw, region, year, age) of working age, samples side by side in memory."""
    chosen = people.sel(age=slice(schema.WORKING_AGES[0], schema.WORKING_AGES[-1]))
    values = samples_last(chosen, supply.BY_AGE).astype(np.float32, copy=False)
    return with_labels(values, supply.BY_AGE, chosen)


def population_by_band(population: xr.DataArray) -> xr.DataArray:
    """Population (chain, draw, region, year, age_band) [person] on 1 January."""
    bands = [
        population.sel(age=slice(low, high)).sum("age", skipna=False)
        for low, high in AGE_BANDS.values()
    ]
    return xr.concat(bands, xr.Variable("age_band", list(AGE_BANDS)))


def with_total(values: xr.DataArray, total: str) -> xr.DataArray:
    """Draws in single precision, the sum of the regions as one more region, draw by draw."""
    dim = values.dims.index("region")
    single = values.to_numpy().astype(np.float32, copy=False)
    whole = np.empty([n + (i == dim) for i, n in enumerate(single.shape)], np.float32)
    regions, last = np.split(whole, [-1], axis=dim)
    regions[...] = single
    single.sum(dim, keepdims=True, out=last)
    names = [*values["region"].to_numpy(), total]
    coords = {**values.drop_vars("region").coords, "region": names}
    return xr.DataArray(whole, coords, values.dims)

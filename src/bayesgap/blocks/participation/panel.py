"""Panel of the participation block: observed employment as shifts of an assumed profile.

Definitions
-----------
D1  shift[r,t] solves sum_a w[r,a,t] expit(profile[a] + shift) (1 - unemployment[a]) = employed /
    persons of ages 15-74: the observed rate told in log-odds above the national profile
D2  profile[a] and unemployment[a] are means over levels, so that D1 needs no level by age
D3  the stock of year t belongs to the population of 1 January t+1
D4  cycle[t] = growth of the nation's jobs, less its mean, over its standard deviation
D5  size[r]: log of persons aged 15-74 over their geometric mean, last year

A pooling region without figures teaches nothing here and is left out; so is a year whose residents
are not counted yet. A break that nobody has looked back on is none.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import expit, logit

from bayesgap.blocks.cycle import BREAK, business_cycle
from bayesgap.schema import LEVELS, WORKING_AGES
from bayesgap.study.study import Study

MEAN_LEVELS = (0.24, 0.38, 0.03, 0.23, 0.12)  # residents of working age, SSB 09429, rounded


def build_participation_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Shifts (region, stock_year) and national shifts (nation_year), with the assumed profile.

    Returns
    -------
    Dataset with shift (region, stock_year), national_shift (nation_year) [log-odds], size
    (region), cycle (cycle_year) [standard deviations], profile, profile_sd (age, level)
    [log-odds], study_share, study_sd (age), unemployment, unemployment_sd (level) [log-odds]
    """
    panel = assumed_profile(tables)
    mix = np.array(MEAN_LEVELS)
    rate = (expit(panel["profile"].values) * mix).sum(-1)
    idle = (expit(panel["unemployment"].values) * mix).sum()
    stock = tables["population"].set_index(["region", "year", "age"])["persons"].to_xarray()
    status = tables["employment_status"]
    wide = status.pivot_table(index=["region", "year"], columns="measure", values="persons")
    observed = (wide["employed_by_residence"] / wide["population_15_74"]).to_xarray()
    regions = [r for r in study.regions if r in study.targets or r in observed["region"].values]
    years = [int(y) for y in observed["year"].values if y + 1 in stock["year"].values]
    observed = observed.sel(region=regions, year=years)
    weights = stock.sel(region=regions, year=[y + 1 for y in years])
    nation = tables["population_national"].set_index(["year", "age"])["persons"].to_xarray()
    jobs = tables["employment_national"].query("concept == 'residence'")
    employed = jobs.groupby("year")["employed"].sum()
    known = [int(y) for y in employed.index if y + 1 in nation["year"].values]
    people = nation.sel(year=[y + 1 for y in known], age=list(WORKING_AGES))
    cycle = business_cycle(tables["employment_national"])
    total = employed.loc[known].to_numpy() / people.sum("age").values
    size = np.log(weights.sel(age=list(WORKING_AGES)).isel(year=-1).sum("age").values)
    return panel.assign(
        shift=(
            ("region", "stock_year"),
            solved(observed.values, weights.sel(age=list(WORKING_AGES)).values, rate, idle),
        ),
        size=("region", size - size.mean()),
        national_shift=("nation_year", solved(total, people.values, rate, idle)),
        cycle=("cycle_year", cycle.to_numpy()),
        before_break=("nation_year", [float(year <= BREAK < max(known)) for year in known]),
    ).assign_coords(
        region=regions,
        stock_year=years,
        nation_year=known,
        cycle_year=[int(year) for year in cycle.index],
        target=list(study.targets),
    )


def assumed_profile(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Assumed log-odds by age and level, linear between the ages of the seed table."""
    ages = np.array(WORKING_AGES)
    table = tables["participation_profile"]
    value = table.pivot_table(index="age", columns="level", values="value")[list(LEVELS)]
    spread = table.pivot_table(index="age", columns="level", values="sd")[list(LEVELS)]
    study = tables["study_share"].sort_values("age")
    idle = tables["unemployment"].set_index("level").loc[list(LEVELS)]
    return xr.Dataset(
        {
            "profile": (("age", "level"), _over_ages(ages, value, logit(value.to_numpy()))),
            "profile_sd": (("age", "level"), _over_ages(ages, spread, spread.to_numpy())),
            "study_share": ("age", np.interp(ages, study["age"], study["value"])),
            "study_sd": float(study["sd"].mean()),
            "unemployment": ("level", logit(idle["value"].to_numpy())),
            "unemployment_sd": ("level", idle["sd"].to_numpy()),
        },
        coords={"age": ages, "level": list(LEVELS)},
    )


def _over_ages(ages: np.ndarray, table: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(ages, table.index, column) for column in values.T], axis=-1)


def solved(wanted: np.ndarray, people: np.ndarray, rate: np.ndarray, idle: float) -> np.ndarray:
    """Shift of log-odds that gives the `wanted` employment rate (Newton's method, D1)."""
    weight = people / people.sum(-1, keepdims=True)
    profile = logit(rate)
    shift = np.zeros(wanted.shape)
    for _ in range(50):
        share = expit(profile + shift[..., None])
        error = (weight * share).sum(-1) * (1 - idle) - wanted
        slope = (weight * share * (1 - share)).sum(-1) * (1 - idle)
        shift = shift - error / slope
    return shift

"""The whole country at its origins: outcomes, and the model's cases of levels and of shares.

A share is a region's part of the sum of all regions: the nation's error, which all share, is
taken out of it. What was known at an origin is all that a forecast from it sees.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.analysis.backtest.population import (
    BLOCK,
    age_sums,
    fit_origin,
    forecast_groups,
    origin_panel,
    origin_study,
)
from bayesgap.analysis.backtest.scores import scored_cases
from bayesgap.data import realdata
from bayesgap.spec.study import Study

SHARES = "population_shares"
MODEL = "bayesgap"
ORIGINS = tuple(range(2010, 2020))
HORIZONS = (1, 3, 5, 10)
HELD_OUT = {5: (2018, 2019), 10: (2013, 2014)}  # scored once, at the end
DRAWS = 300


@dataclass(frozen=True)
class Country:
    """Regions of the whole country: residents (region, year, age), and what cannot be used."""

    people: xr.DataArray
    tables: Mapping[str, pd.DataFrame]
    unusable: tuple[tuple[str, int], ...]
    sizes: Mapping[str, float]

    @property
    def regions(self) -> tuple[str, ...]:
        """Names, in the order of `people`."""
        return tuple(str(name) for name in self.people["region"].values)


def build_country(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Country:
    """Regions from the municipalities of `folder`, with the study's national `tables`."""
    municipalities = realdata.read_municipalities(folder)
    groups = realdata.group_regions(municipalities)
    table = realdata.regional_population(municipalities, groups)
    people = table.set_index(["region", "year", "age"])["persons"].to_xarray().astype(float)
    # Flows by age are those of the study's regions, whose stocks give their exposure.
    stocks = tables["population"][["region", "year", "age", "persons"]]
    both = {**tables, "population": pd.concat([table, stocks], ignore_index=True)}
    residents = people.sel(year=realdata.SIZED).sum("age")
    sizes = dict(zip(people["region"].values.tolist(), residents.values.tolist(), strict=True))
    return Country(people, both, tuple(realdata.unusable(groups)), sizes)


def outcomes(country: Country, origins: Iterable[int], horizons: Iterable[int]) -> pd.DataFrame:
    """What came: region, group, origin, horizon, outcome [person], size [person in 2012].

    Regions under 5 000 are left out, and those whose border moved between origin and outcome.
    """
    sums, last = age_sums(country.people), int(country.people["year"].max())
    rows = []
    for origin in origins:
        for horizon in (h for h in horizons if origin + h <= last):
            usable = [r for r in country.regions if _usable(country, r, origin, horizon)]
            found = sums.sel(year=origin + horizon, region=usable, drop=True).rename("outcome")
            frame = found.to_dataframe().reset_index()
            rows.append(frame.assign(origin=origin, horizon=horizon))
    table = pd.concat(rows, ignore_index=True)
    return table.assign(size=table["region"].map(country.sizes))


def _usable(country: Country, region: str, origin: int, horizon: int) -> bool:
    crossed = any(r == region and origin <= y < origin + horizon for r, y in country.unusable)
    return country.sizes[region] >= realdata.SMALLEST and not crossed


def model_draws(
    country: Country, study: Study, origin: int, horizons: Iterable[int] = HORIZONS
) -> xr.DataArray:
    """Drawn residents (sample, group, region, horizon) from `origin`, by the fast form."""
    last = int(country.people["year"].max())
    ahead = [h for h in horizons if origin + h <= last]
    then = origin_study(study, country.regions, origin, max(ahead))
    panel = origin_panel(country.tables, then, country.unusable)
    return forecast_groups(fit_origin(panel, then, DRAWS), panel, then, ahead)


def origin_cases(country: Country, study: Study, came: pd.DataFrame, origin: int) -> pd.DataFrame:
    """Scored cases of the model from one origin."""
    return model_cases(model_draws(country, study, origin), came, origin)


def model_cases(drawn: xr.DataArray, came: pd.DataFrame, origin: int) -> pd.DataFrame:
    """Scored cases of levels and of shares of one origin; `came` is of `outcomes`."""
    rows = []
    here = came[came["origin"] == origin]
    for (group, horizon), part in here.groupby(["group", "horizon"]):
        draws = drawn.sel(group=group, horizon=horizon, region=part["region"].tolist()).values
        truth = part["outcome"].to_numpy()
        known = part[["region", "group", "origin", "horizon", "size"]]
        shares = draws / draws.sum(1, keepdims=True), truth / truth.sum()
        for block, (values, outcome) in ((BLOCK, (draws, truth)), (SHARES, shares)):
            cases = scored_cases(known, np.asarray(values), outcome)
            rows.append(cases.assign(block=block, method=MODEL))
    return pd.concat(rows, ignore_index=True)


def held_out(cases: pd.DataFrame) -> pd.Series:
    """Whether each case is of an origin and horizon kept from every choice of the model."""
    pairs = {(origin, horizon) for horizon, few in HELD_OUT.items() for origin in few}
    return pd.Series(
        [pair in pairs for pair in zip(cases["origin"], cases["horizon"], strict=True)],
        index=cases.index,
    )

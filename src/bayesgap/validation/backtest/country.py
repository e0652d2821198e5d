"""The whole country at its origins: its residents, what came, and the study of each origin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from bayesgap.study.study import Study, Window
from bayesgap.validation.backtest import realdata

BLOCK = "population"
SHARES = "population_shares"
MODEL = "bayesgap"
ORIGINS = tuple(range(2010, 2020))
HORIZONS = (1, 3, 5, 10)
HELD_OUT = {5: (2018, 2019), 10: (2013, 2014)}  # scored once, at the end
AGE_GROUPS = {
    "20-66": (20, 66),
    "20-25": (20, 25),
    "26-40": (26, 40),
    "41-65": (41, 65),
    "65+": (65, 89),
}


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


def age_sums(people: xr.DataArray) -> xr.DataArray:
    """Residents by age group: `age` becomes `group`."""
    sums = [people.sel(age=slice(*ages)).sum("age") for ages in AGE_GROUPS.values()]
    return xr.concat(sums, pd.Index(list(AGE_GROUPS), name="group"))


def origin_study(study: Study, regions: Iterable[str], origin: int, horizon: int) -> Study:
    """`study` as it would have been at `origin`: these regions, no year later than the origin."""
    names = tuple(regions)
    window = Window(first=study.window.first, last=origin)
    change = {"targets": names, "pooling": (), "window": window, "base_year": origin}
    return study.model_copy(update={**change, "horizon": origin + horizon})


def held_out(cases: pd.DataFrame) -> pd.Series:
    """Whether each case is of an origin and horizon kept from every choice of the model."""
    pairs = {(origin, horizon) for horizon, few in HELD_OUT.items() for origin in few}
    return pd.Series(
        [pair in pairs for pair in zip(cases["origin"], cases["horizon"], strict=True)],
        index=cases.index,
    )

"""Levels of education of residents aged 30-66 from old data: regions of the whole country.

The block's law (`blocks/education/fast.py`) is fitted to the stocks known at an origin and drawn
forwards by the block's own functions. Its fixed years mean the last stock, so all years and years
of birth are counted from there: the panel of 2014 is one of 2019 whose years came five years early.
Who will live in a region is not drawn: residents at the origin grow older and die as the nation's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.education.panel import (
    IMMIGRANT_YEARS,
    NATION_YEARS,
    RESIDENT_YEARS,
    SHARE_YEARS,
    STOCK_GROUPS,
    STOCK_LEVELS,
    STOCK_YEARS,
    VOCATIONAL_FROM,
    Years,
    build_education_panel,
)
from bayesgap.blocks.population.panel import national_arrays
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.study import Study
from bayesgap.validation.backtest import baselines, realdata
from bayesgap.validation.backtest.country import Country, origin_study
from bayesgap.validation.backtest.levels import HORIZONS, model_cases, rival_cases, share_outcomes
from bayesgap.validation.backtest.realdata_education import AGES, read_education, regional_education

BLOCK = "education"
ORIGINS = range(2012, 2020)  # at the first stock, 2011, no growth has been seen
DRAWS = 300
MORTALITY_YEARS = 5
LAST = STOCK_YEARS[-1]
FIRST_TOLD = IMMIGRANT_YEARS[0]  # of all residents: most immigrants were `unknown` before
SHIFTED = ("stock_year", "share_year", "immigrant_year", "nation_year", "knot")


@dataclass(frozen=True)
class Source:
    """Stocks and people of regions whose border can be followed.

    `stocks` has region, year, background, level, persons and status; `people` is (region, year,
    age) on 1 January; `sizes` are residents in 2012.
    """

    stocks: pd.DataFrame
    people: xr.DataArray
    sizes: Mapping[str, float]

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions, in order."""
        return tuple(sorted(str(name) for name in self.stocks["region"].unique()))


def build_source(folder: Path, country: Country) -> Source:
    """Regions of `country` with their stocks, from the municipalities of `folder`."""
    groups = realdata.group_regions(realdata.read_municipalities(folder))
    large = [name for name in groups if country.sizes[name] >= realdata.SMALLEST]
    kept = {name: groups[name] for name in large}
    stocks = regional_education(read_education(folder), kept, country.people)
    return Source(stocks, country.people, country.sizes)


def level_shares(source: Source) -> xr.DataArray:
    """Published shares (group, region, year, level), NaN where they are not told.

    Of all residents: those of unknown education are taken as the others of their background.
    """
    by = ["region", "year", "background"]
    table = source.stocks.pivot_table(index=by, columns="level", values="persons").to_xarray()
    parts = [table["primary"] + table["none"], table["upper_secondary"], table["tertiary"]]
    known = xr.concat(parts, pd.Index(STOCK_LEVELS, name="level"))
    own = known / known.sum("level", skipna=False)
    natives, arrived = (own.sel(background=b, drop=True) for b in ("non_immigrants", "immigrants"))
    whole = table["all"]
    part = whole.sel(background="immigrants", drop=True) / whole.sel(background="all", drop=True)
    everybody = part * arrived + (1 - part) * natives
    everybody = everybody.where(everybody["year"] >= FIRST_TOLD)
    both = xr.concat([everybody, natives], pd.Index(STOCK_GROUPS, name="group"))
    return both.transpose("group", "region", "year", "level")


def origin_years(origin: int) -> Years:
    """Years that the block reads when the stock of `origin` is the last."""
    return Years(
        stock=range(SHARE_YEARS[0], origin + 1),
        share=range(SHARE_YEARS[0], origin + 1),
        immigrant=range(origin - len(IMMIGRANT_YEARS) + 1, origin + 1),
        nation=range(NATION_YEARS[0], origin + 1),
        resident=range(RESIDENT_YEARS[0], origin + 1),
    )


def origin_panel(
    source: Source, tables: Mapping[str, pd.DataFrame], study: Study, origin: int
) -> xr.Dataset:
    """Panel of the block at `origin`, its years counted so that the last stock is that of 2019."""
    names = ["region", "year", "age", "persons"]
    people = source.people.sel(year=slice(None, origin + 1)).to_dataframe("persons").reset_index()
    adults = tables["education_residents_16plus"]
    known = {
        **tables,
        "population": people[names],
        "education_residents_30_66": source.stocks[source.stocks["year"] <= origin],
        "education_residents_16plus": adults[adults["year"] <= origin],
    }
    then = origin_study(study, source.regions, origin + 1, 1)
    panel = build_education_panel(known, then, origin_years(origin))
    panel = panel.drop_dims(["resident_region", "resident_year"])
    told = panel["nation_year"] >= VOCATIONAL_FROM
    panel["nation_told"] = told.astype(float)
    panel = panel.assign_coords({name: panel[name] + LAST - origin for name in SHIFTED})
    return panel.merge(_no_residents(panel))


def _no_residents(panel: xr.Dataset) -> xr.Dataset:
    """One region with an empty stock of six levels: nobody publishes those of municipalities."""
    dims = ("resident_region", "resident_year", "adult_cell")
    cells = panel["nation_weight"].isel(nation_year=-1).values[None, None]
    return xr.Dataset(
        {
            "resident_logit": ((*dims[:2], "logit"), np.full((1, 1, panel.sizes["logit"]), np.nan)),
            "resident_weight": (dims, cells),
            "resident_immigrants": (dims, np.zeros_like(cells)),
        },
        coords={"resident_region": panel["region"].values[:1], "resident_year": [LAST]},
    )


def ageing(people: xr.DataArray, tables: Mapping[str, pd.DataFrame], origin: int) -> xr.DataArray:
    """Residents (region, horizon, age) after 0, 1, 3 and 5 years without moves."""
    q = national_arrays(tables, origin)["national_q"]
    q = q.isel(nation_year=slice(-MORTALITY_YEARS, None)).mean("nation_year").values
    stock = people.sel(year=origin + 1, drop=True).transpose("region", "age")
    ahead = [0, *HORIZONS]
    later = [stock.copy(data=baselines.no_migration(stock.values, q, h)) for h in ahead]
    return xr.concat(later, pd.Index(ahead, name="horizon"))


def drawn_shares(
    source: Source, tables: Mapping[str, pd.DataFrame], study: Study, origin: int
) -> xr.DataArray:
    """Drawn shares (sample, group, region, level, horizon) of residents 30-66 from `origin`."""
    from bayesgap.blocks.education.fast import fit_stocks
    from bayesgap.blocks.education.stocks_forecast import forecast_stocks

    panel = origin_panel(source, tables, study, origin)
    seeds = block_seed(study.seed, BLOCK, origin).generate_state(2)
    priors = block_priors(study, BLOCK)
    posterior = fit_stocks(panel, priors, DRAWS, int(seeds[0]))
    people = ageing(source.people.sel(region=list(source.regions)), tables, origin)
    people = people.sel(age=slice(*AGES))
    rng = np.random.default_rng(int(seeds[1]))
    return forecast_stocks(posterior, panel, people, rng)


def education_cases(
    source: Source, tables: Mapping[str, pd.DataFrame], study: Study, origin: int
) -> pd.DataFrame:
    """Scored cases of the model from one origin: region names a level too."""
    came = share_outcomes(level_shares(source), source.sizes)
    return model_cases(drawn_shares(source, tables, study, origin), came, origin, BLOCK)


def education_rivals(source: Source) -> pd.DataFrame:
    """Dressed baselines of the same cells: no change, their own trend, the whole country's."""
    shares = level_shares(source)
    came = share_outcomes(shares, source.sizes)
    return rival_cases(shares, _country(source, shares), came, ORIGINS, BLOCK)


def _country(source: Source, shares: xr.DataArray) -> xr.DataArray:
    """Share (group, year, level) of all regions together, each by its residents in 2012."""
    sizes = [source.sizes[str(name)] for name in shares["region"].values]
    weight = xr.DataArray(sizes, coords={"region": shares["region"]})
    return shares.weighted(weight).mean("region")

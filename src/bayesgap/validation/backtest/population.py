"""Population at an origin: the block's own law fitted to what was known, and drawn forwards.

Every region of the panel is a target, so that all are forecast by the same draws. The fit is the
fast form (`blocks/population/fast.py`). What was known at an origin is all that a forecast sees.

A share is a region's part of the sum of all regions: the nation's error, which all share, is taken
out of it.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.population import project_population
from bayesgap.blocks.population.panel import LEFT_OUT, build_population_panel
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.study import Study
from bayesgap.validation.backtest.country import (
    BLOCK,
    HORIZONS,
    MODEL,
    SHARES,
    Country,
    age_sums,
    origin_study,
)
from bayesgap.validation.backtest.scores import scored_cases

DRAWS = 300
CHUNK = 100  # draws projected at a time: memory


def origin_panel(
    tables: Mapping[str, pd.DataFrame],
    study: Study,
    unusable: Iterable[tuple[str, int]] = (),
) -> xr.Dataset:
    """Panel of the block at the origin; transitions named `unusable` get no weight.

    The business cycle is left out: its years begin in 2008, too late to be told apart early on.
    """
    panel = build_population_panel(tables, study).isel(cycle_year=slice(0))
    for region, year in unusable:
        if region in study.regions and year in panel["transition"].values:
            panel["score_variance"].loc[{"region": region, "transition": year}] = LEFT_OUT
    return panel


def fit_origin(panel: xr.Dataset, study: Study, draws: int) -> xr.Dataset:
    """Posterior (chain, draw, ...) of the population block, by the fast form."""
    from bayesgap.blocks.population.fast import fit_fast

    seed = int(block_seed(study.seed, BLOCK, study.base_year).generate_state(1)[0])
    return fit_fast(panel, block_priors(study, BLOCK), draws, seed)


def forecast_groups(
    posterior: xr.Dataset, panel: xr.Dataset, study: Study, horizons: Iterable[int]
) -> xr.DataArray:
    """Drawn residents (sample, group, region, horizon) of the age groups."""
    from bayesgap.blocks.population.forecast import forecast

    origin, ahead = study.base_year, max(horizons)
    years = range(origin, origin + ahead)
    stock = panel["population"].sel(region=panel["target"].values, year=origin, drop=True)
    parts = []
    for chunk, start in enumerate(range(0, posterior.sizes["draw"], CHUNK)):
        part = posterior.isel(draw=slice(start, start + CHUNK))
        rng = np.random.default_rng(block_seed(study.seed, BLOCK, 1000 * origin + chunk))
        rates = forecast(part, panel, years, rng)
        people = project_population(stock, rates).sel(year=[origin + h for h in horizons])
        parts.append(age_sums(people).assign_coords(year=list(horizons)))
    drawn = xr.concat(parts, "draw").rename(year="horizon")
    return drawn.stack(sample=("chain", "draw")).transpose("sample", "group", "region", "horizon")


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

"""Shares of levels of education against what came, and baselines of the same series.

A case is a level of a region; errors of a baseline are those of its level, since small shares have
larger ones.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.validation.backtest.country import MODEL
from bayesgap.validation.backtest.population_baselines import baseline_cases
from bayesgap.validation.backtest.scores import pairs_within, scored_cases

HORIZONS = (1, 3, 5)
TREND_YEARS = 5


def share_outcomes(shares: xr.DataArray, sizes: Mapping[str, float]) -> pd.DataFrame:
    """What came: region, level, group, origin, horizon, outcome [share], size [person].

    `shares` is (group, region, year, level), NaN where a share is not told.
    """
    rows = []
    for origin, horizon in pairs_within(shares["year"].values.tolist(), HORIZONS):
        begun = np.isfinite(shares.sel(year=origin, drop=True))
        came = shares.sel(year=origin + horizon, drop=True).where(begun).rename("outcome")
        rows.append(came.to_dataframe().reset_index().assign(origin=origin, horizon=horizon))
    table = pd.concat(rows, ignore_index=True).dropna(subset="outcome")
    return table.assign(size=table["region"].map(sizes))


def model_cases(drawn: xr.DataArray, came: pd.DataFrame, origin: int, block: str) -> pd.DataFrame:
    """Scored cases of the draws (sample, group, region, level, horizon) of one origin."""
    rows = []
    for (group, horizon), part in came[came["origin"] == origin].groupby(["group", "horizon"]):
        place, level = (xr.DataArray(part[n].to_numpy(), dims="case") for n in ("region", "level"))
        draws = drawn.sel(group=group, horizon=horizon).sel(region=place, level=level)
        draws = draws.transpose("sample", "case").values
        known = part[["region", "level", "group", "origin", "horizon", "size"]]
        rows.append(scored_cases(known, draws, part["outcome"].to_numpy()))
    return _named(pd.concat(rows, ignore_index=True).assign(block=block, method=MODEL))


def rival_cases(
    shares: xr.DataArray,
    country: xr.DataArray,
    came: pd.DataFrame,
    origins: Iterable[int],
    block: str,
) -> pd.DataFrame:
    """Dressed baselines: no change, their own trend, that of the `country` (group, year, level)."""
    each = came.assign(group=came["level"] + ": " + came["group"])
    points = pd.concat(_points(shares, country, each), ignore_index=True)
    cases = baseline_cases(points, each, origins, block)
    level, group = cases["group"].str.split(": ").str[0], cases["group"].str.split(": ").str[1]
    return _named(cases.assign(level=level, group=group))


def _named(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.assign(region=cases["region"] + ": " + cases["level"]).drop(columns="level")


def _points(
    shares: xr.DataArray, country: xr.DataArray, came: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    """Points of every baseline from what was known at each origin."""
    for _, part in came.groupby(["group", "origin", "horizon"]):
        level, group = part["group"].iloc[0].split(": ")
        origin, horizon = (int(part[name].iloc[0]) for name in ("origin", "horizon"))
        seen = shares.sel(group=group, level=level, year=slice(None, origin)).dropna(
            "year", how="all"
        )
        own = seen.sel(region=part["region"].to_numpy()).transpose("region", "year").values
        whole = country.sel(group=group, level=level, year=seen["year"]).values[None]
        known = part[["region", "group", "origin", "horizon"]].reset_index(drop=True)
        laws = {"no_change": own[:, -1]}
        if own.shape[1] > 1:
            laws |= {
                "own_trend": own[:, -1] * trend(own, horizon),
                "national_trend": own[:, -1] * trend(whole, horizon),
            }
        for method, found in laws.items():
            yield known.assign(method=method, point=found)


def trend(series: np.ndarray, horizon: int) -> np.ndarray:
    """Growth (region) over `horizon` years at the yearly rate of the last years, five at most."""
    years = min(TREND_YEARS, series.shape[1] - 1)
    return (series[:, -1] / series[:, -1 - years]) ** (horizon / years)

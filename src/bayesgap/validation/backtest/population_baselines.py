"""Cases of the baselines of the population: point forecasts at every origin, dressed and scored."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.population.panel import national_arrays
from bayesgap.validation.backtest import baselines
from bayesgap.validation.backtest.country import BLOCK, age_sums
from bayesgap.validation.backtest.error_distribution import spreads, with_error_distribution
from bayesgap.validation.backtest.scores import scored_cases

SIZES = {"under 15 000": 0, "15 000-40 000": 15_000, "over 40 000": 40_000}  # from residents
RECENT = 5  # years of national mortality
AT_ONCE = 20_000  # cases scored at a time: memory
SMOOTHED = ("20-66",)  # groups of exponential smoothing: a search a region and origin


def size_class(residents: pd.Series) -> pd.Series:
    """Name of the class of each number of residents."""
    edges = [*SIZES.values(), np.inf]
    return pd.cut(residents, edges, right=False, labels=list(SIZES)).astype(str)


def point_forecasts(
    people: xr.DataArray,
    tables: Mapping[str, pd.DataFrame],
    origins: Iterable[int],
    horizons: Iterable[int],
) -> pd.DataFrame:
    """Every baseline at every origin: region, group, origin, horizon, method, point.

    Parameters
    ----------
    people : (region, year, age) [person], outcomes too; only years up to an origin are used there
    tables : population_national, deaths_national
    """
    rows = [
        _at_origin(people.sel(year=slice(None, origin)), tables, origin, tuple(horizons))
        for origin in origins
    ]
    return pd.concat(rows, ignore_index=True)


def _at_origin(
    people: xr.DataArray,
    tables: Mapping[str, pd.DataFrame],
    origin: int,
    horizons: tuple[int, ...],
) -> pd.DataFrame:
    stock = people.transpose("region", "year", "age")
    q = national_arrays(tables, origin)["national_q"].isel(nation_year=slice(-RECENT, None))
    whole, dying = stock.values, q.mean("nation_year").values
    by_age: dict[str, Callable[[int], np.ndarray | None]] = {
        "no_migration": lambda h: baselines.no_migration(whole[:, -1], dying, h),
        "hamilton_perry": lambda h: baselines.hamilton_perry(whole, h),
    }
    parts = []
    for horizon in horizons:
        for method, law in by_age.items():
            found = law(horizon)
            if found is not None:
                later = xr.DataArray(found, coords=stock.isel(year=-1, drop=True).coords)
                parts.append(_long(age_sums(later), method, horizon))
    sums = age_sums(stock).transpose("group", "region", "year")
    parts += _of_series(sums, horizons)
    return pd.concat(parts, ignore_index=True).assign(origin=origin)


def _of_series(sums: xr.DataArray, horizons: tuple[int, ...]) -> list[pd.DataFrame]:
    parts = []
    for group in sums["group"].values:
        series = sums.sel(group=group)
        last = series.isel(year=-1, drop=True)
        for method, law in baselines.OF_SERIES.items():
            for horizon in horizons:
                found = law(series.values, horizon)
                if found is not None:
                    parts.append(_long(last.copy(data=found), method, horizon))
        for method, law in baselines.OF_PATHS.items():
            path = law(series.values, max(horizons)) if _wanted(method, group) else None
            if path is not None:
                for horizon in horizons:
                    parts.append(_long(last.copy(data=path[:, horizon - 1]), method, horizon))
    return parts


def _wanted(method: str, group: str) -> bool:
    return method != "ets" or group in SMOOTHED


def _long(values: xr.DataArray, method: str, horizon: int) -> pd.DataFrame:
    frame = values.drop_vars("year", errors="ignore").to_dataframe("point")
    return frame.reset_index().assign(method=method, horizon=horizon)


def baseline_cases(
    points: pd.DataFrame, outcomes: pd.DataFrame, origins: Iterable[int], block: str = BLOCK
) -> pd.DataFrame:
    """Scored cases of every dressed baseline at `origins`.

    Parameters
    ----------
    points : of `point_forecasts`, earlier origins too, since their errors dress the later ones
    outcomes : region, group, origin, horizon, outcome, size; a row for every case with an outcome
    """
    both = points.merge(outcomes, on=["region", "group", "origin", "horizon"])
    both = both.assign(
        error=np.log(both["outcome"] / both["point"]), sized=size_class(both["size"])
    )
    by = ["method", "group", "sized"]
    scored = both[both["origin"].isin(list(origins))]
    wanted = scored[["origin", "horizon"]].drop_duplicates()
    known = scored.merge(spreads(both, by, wanted), on=[*by, "origin", "horizon"])
    parts = [_scored(known.iloc[k : k + AT_ONCE]) for k in range(0, len(known), AT_ONCE)]
    return pd.concat(parts, ignore_index=True).assign(block=block)


def _scored(cases: pd.DataFrame) -> pd.DataFrame:
    values = with_error_distribution(cases["point"].to_numpy(), cases["spread"].to_numpy())
    kept = cases[["region", "group", "origin", "horizon", "method", "size"]]
    return scored_cases(kept, values, cases["outcome"].to_numpy())


def as_shares(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """`value` as per cent of the sum over regions, per method, group, origin and horizon."""
    by = [c for c in ("method", "group", "origin", "horizon") if c in rows]
    return rows.assign(**{value: 100 * rows[value] / rows.groupby(by)[value].transform("sum")})

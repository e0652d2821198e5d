"""Cases of what the model is compared with: baselines, their shares, and official projections."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bayesgap.analysis.backtest import official
from bayesgap.analysis.backtest.country import HORIZONS, ORIGINS, SHARES, Country
from bayesgap.analysis.backtest.population import BLOCK
from bayesgap.analysis.backtest.population_baselines import (
    as_shares,
    baseline_cases,
    point_forecasts,
)
from bayesgap.analysis.backtest.scores import KEY
from bayesgap.data.realdata import WHOLE_COUNTY, read_municipalities


def rival_cases(
    folder: Path, country: Country, came: pd.DataFrame, model: Sequence[pd.DataFrame]
) -> list[pd.DataFrame]:
    """Baselines of levels and shares at every origin, and Telemark's cases of all methods."""
    first = int(country.people["year"].min()) + 1
    earlier = range(first, max(ORIGINS) + 1)
    points = point_forecasts(country.people, country.tables, earlier, HORIZONS)
    points = points.merge(came[["region", "group", "origin", "horizon"]])
    levels = baseline_cases(points, came, ORIGINS)
    parts = as_shares(points, "point"), as_shares(came, "outcome")
    shares = baseline_cases(*parts, ORIGINS, SHARES)
    return [levels, shares, *telemark_cases(folder, came, pd.concat([*model, levels]))]


def telemark_cases(folder: Path, came: pd.DataFrame, cases: pd.DataFrame) -> list[pd.DataFrame]:
    """Official projections, and what the others said of the same municipalities and years."""
    people = read_municipalities(folder).drop_duplicates("code")
    county = people[people["county"] == WHOLE_COUNTY]
    names = dict(zip(county["name"], county["code"] + " " + county["name"], strict=True))
    found = official.official_cases(official.read_vintages(folder, names), came)
    found = found[found["origin"].isin(ORIGINS)]
    same = [name for name in KEY if name not in ("block", "method")]
    adults = cases[cases["block"] == BLOCK].merge(found[same])
    return [found, adults.assign(block=official.BLOCK)]

"""Cases of what the model is compared with: baselines, their shares, and official projections."""

from pathlib import Path

import pandas as pd

from bayesgap.validation.backtest import official
from bayesgap.validation.backtest.country import BLOCK, HORIZONS, ORIGINS, SHARES, Country
from bayesgap.validation.backtest.population_baselines import (
    as_shares,
    baseline_cases,
    point_forecasts,
)
from bayesgap.validation.backtest.realdata import WHOLE_COUNTY, read_municipalities
from bayesgap.validation.backtest.scores import KEY


def earlier_origins(country: Country) -> range:
    """Origins of the baselines: earlier ones too, since their errors dress the later ones."""
    return range(int(country.people["year"].min()) + 1, max(ORIGINS) + 1)


def baseline_points(country: Country, origin: int) -> pd.DataFrame:
    """Point forecasts of every baseline from one origin, at all horizons."""
    return point_forecasts(country.people, country.tables, [origin], HORIZONS)


def rival_cases(points: pd.DataFrame, came: pd.DataFrame) -> pd.DataFrame:
    """Dressed baselines of levels and shares at every origin."""
    points = points.merge(came[["region", "group", "origin", "horizon"]])
    parts = as_shares(points, "point"), as_shares(came, "outcome")
    shares = baseline_cases(*parts, ORIGINS, SHARES)
    return pd.concat([baseline_cases(points, came, ORIGINS), shares], ignore_index=True)


def all_cases(
    folder: Path, came: pd.DataFrame, model: pd.DataFrame, points: pd.DataFrame
) -> pd.DataFrame:
    """Scored cases of the model, of the baselines and of the official projections."""
    cases = pd.concat([model, rival_cases(points, came)], ignore_index=True)
    return pd.concat([cases, telemark_cases(folder, came, cases)], ignore_index=True)


def telemark_cases(folder: Path, came: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Official projections, and what the others said of the same municipalities and years."""
    people = read_municipalities(folder).drop_duplicates("code")
    county = people[people["county"] == WHOLE_COUNTY]
    names = dict(zip(county["name"], county["code"] + " " + county["name"], strict=True))
    found = official.official_cases(official.read_vintages(folder, names), came)
    found = found[found["origin"].isin(ORIGINS)]
    same = [name for name in KEY if name not in ("block", "method")]
    adults = cases[cases["block"] == BLOCK].merge(found[same])
    return pd.concat([found, adults.assign(block=official.BLOCK)], ignore_index=True)

"""Scores of forecast distributions against outcomes: one row a case, then one row a slice.

A case is one forecast: block, group, region, origin, horizon and method. Scores of a case are in
per cent of its outcome, so that large and small regions count alike. CRPS, interval score and
weighted interval score are those of `scoringrules`.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import scoringrules

LEVELS = (50, 80, 95)
KEY = ("block", "group", "region", "origin", "horizon", "method")
CASE_COLUMNS = (
    *KEY,
    "size",
    "outcome",
    "median",
    *(f"inside_{level}" for level in LEVELS),
    "width_80",
    "crps",
    "wis",
    "error",
    "pit",
)
SLICE_COLUMNS = (
    "cases",
    "regions",
    "origins",
    *(f"coverage_{level}" for level in LEVELS),
    "coverage_80_low",
    "coverage_80_high",
    "bias",
    "mape",
    "crps",
    "wis",
    "width_80",
    "pit_mean",
)
RESAMPLES = 1000
TAILS = np.array([(100 - level) / 200 for level in LEVELS])


def pairs_within(years: Iterable[int], horizons: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Origin and horizon of every forecast from one of `years` to another."""
    known = list(years)
    return ((o, h) for o in known for h in horizons if o + h in known)


def scored_cases(known: pd.DataFrame, draws: np.ndarray, outcome: np.ndarray) -> pd.DataFrame:
    """What is `known` of each case, a row each, and beside it the scores of `score_cases`."""
    return pd.concat([known.reset_index(drop=True), score_cases(draws, outcome)], axis=1)


def score_cases(draws: np.ndarray, outcome: np.ndarray) -> pd.DataFrame:
    """Scores of every case, in per cent of its outcome.

    Parameters
    ----------
    draws : (sample, case), any unit
    outcome : (case), the same unit, above 0

    Returns
    -------
    Frame with a row a case: outcome, median [unit of the draws]; inside_50, inside_80, inside_95
    [bool]; width_80, crps, wis, error (forecast less outcome) [per cent]; pit [0 to 1]
    """
    relative = 100 * np.asarray(draws, dtype=float) / outcome
    truth = np.full(len(outcome), 100.0)
    lower = np.quantile(relative, TAILS, axis=0).T
    upper = np.quantile(relative, 1 - TAILS, axis=0).T
    median = np.median(relative, axis=0)
    inside = (lower <= 100) & (upper >= 100)
    below = (relative < 100).mean(0) + (relative == 100).mean(0) / 2
    columns = {
        "outcome": outcome,
        "median": median * outcome / 100,
        **{f"inside_{level}": inside[:, k] for k, level in enumerate(LEVELS)},
        "width_80": (upper - lower)[:, LEVELS.index(80)],
        "crps": scoringrules.crps_ensemble(truth, relative.T, estimator="pwm", backend="numpy"),
        "wis": scoringrules.weighted_interval_score(
            truth, median, lower, upper, 2 * TAILS, backend="numba"
        ),
        "error": median - 100,
        "pit": below,
    }
    return pd.DataFrame(columns)


def score_slices(cases: pd.DataFrame, by: Sequence[str], seed: int) -> pd.DataFrame:
    """Mean scores of every slice of `cases`, with a block interval for 80 % coverage.

    Parameters
    ----------
    cases : rows of `CASE_COLUMNS`
    by : columns that make the slices
    seed : of the block bootstrap

    Returns
    -------
    Frame with `by` and `SLICE_COLUMNS`
    """
    rows = [
        {**dict(zip(by, key, strict=True)), **_slice(part, seed)}
        for key, part in cases.groupby(list(by), sort=True, observed=True)
    ]
    return pd.DataFrame(rows, columns=[*by, *SLICE_COLUMNS])


def _slice(part: pd.DataFrame, seed: int) -> dict[str, float]:
    low, high = block_interval(part, "inside_80", seed)
    return {
        "cases": len(part),
        "regions": part["region"].nunique(),
        "origins": part["origin"].nunique(),
        **{f"coverage_{level}": part[f"inside_{level}"].mean() for level in LEVELS},
        "coverage_80_low": low,
        "coverage_80_high": high,
        "bias": part["error"].mean(),
        "mape": part["error"].abs().mean(),
        "crps": part["crps"].mean(),
        "wis": part["wis"].mean(),
        "width_80": part["width_80"].mean(),
        "pit_mean": part["pit"].mean(),
    }


def block_interval(
    cases: pd.DataFrame, column: str, seed: int, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of the mean of `column`, origins and regions drawn as whole blocks.

    Cases of one origin share the nation's years, cases of one region its people: drawing single
    cases would claim thousands of independent outcomes.
    """
    rows, regions = pd.factorize(cases["region"])
    columns, origins = pd.factorize(cases["origin"], sort=True)
    shape, place = (len(regions), len(origins)), rows * len(origins) + columns
    size = shape[0] * shape[1]
    counted = np.bincount(place, minlength=size)
    sums = np.bincount(place, cases[column].to_numpy(dtype=float), minlength=size)
    cells = (sums / np.maximum(counted, 1)).reshape(shape)
    seen = (counted > 0).astype(float).reshape(shape)
    by_region, by_origin = _resampled(*shape, seed)
    totals, weights = (((by_region @ part) * by_origin).sum(1) for part in (cells, seen))
    means = totals[weights > 0] / weights[weights > 0]
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


@lru_cache(maxsize=64)
def _resampled(regions: int, origins: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each region and each origin is drawn: (resample, region), (resample, origin)."""
    rng = np.random.default_rng(seed)
    draws = (rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) for n in (regions, origins))
    rows, columns = draws
    return rows.astype(float), columns.astype(float)


def relative_skill(cases: pd.DataFrame, against: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Mean CRPS and MAPE and their ratios to those of `against`, on the cases that both have.

    Both frames have one method a case; `by` are columns that make the slices.
    """
    key = [name for name in KEY if name != "method"]
    both = cases.merge(against[[*key, "crps", "error"]], on=key, suffixes=("", "_against"))
    both = both.assign(mape=both["error"].abs(), mape_against=both["error_against"].abs())
    means = both.groupby(list(by), observed=True)[
        ["crps", "crps_against", "mape", "mape_against"]
    ].mean()
    means["crps_ratio"] = means["crps"] / means["crps_against"]
    means["mape_ratio"] = means["mape"] / means["mape_against"]
    means["cases"] = both.groupby(list(by), observed=True).size()
    return means.reset_index()

"""Baselines of the population: point forecasts that any office could make, from the same data.

B1  no change: the group is as large as at the origin
B2  drift: it goes on growing by the mean yearly persons of the five years before
B3  no migration: cohorts age under the nation's death probabilities of the last five years
B4  Hamilton-Perry: every cohort changes as the cohort that age did, over five years where the
    horizon is made of fives, else over as many years as the horizon has
B5  ets: damped-trend exponential smoothing of the log (statsmodels)
B6  arima: ARIMA(1, 1, 0) with drift of the log, by Burg's method (statsmodels)
"""

import warnings
from collections.abc import Callable, Mapping

import numpy as np
from statsmodels.regression.linear_model import burg
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.holtwinters import ExponentialSmoothing

DRIFT_YEARS = 5
CYCLE = 5  # years over which Hamilton-Perry compares a cohort with itself
SHORTEST_SERIES = {"ets": 6, "arima": 8}
Forecast = np.ndarray | None


def no_change(series: np.ndarray, horizon: int) -> Forecast:
    """B1: `series` (region, year) ends at the origin; returns (region)."""
    return series[:, -1]


def drift(series: np.ndarray, horizon: int) -> Forecast:
    """B2; None where the series is too short."""
    if series.shape[1] <= DRIFT_YEARS:
        return None
    yearly = (series[:, -1] - series[:, -1 - DRIFT_YEARS]) / DRIFT_YEARS
    return np.maximum(series[:, -1] + horizon * yearly, 1.0)


def no_migration(stock: np.ndarray, q: np.ndarray, horizon: int) -> np.ndarray:
    """B3: people (region, age) after `horizon` years; ages below the horizon stay empty.

    `stock` is that of the origin, `q` (age) the death probability; the last age is open.
    """
    people = stock.astype(float)
    for _ in range(horizon):
        alive = people * (1 - q)
        people = np.concatenate([np.zeros_like(alive[:, :1]), alive[:, :-1]], axis=1)
        people[:, -1] += alive[:, -1]
    return people


def hamilton_perry(stock: np.ndarray, horizon: int) -> Forecast:
    """B4: people (region, age) from stocks (region, year, age) up to the origin."""
    step = CYCLE if horizon % CYCLE == 0 else horizon
    if stock.shape[1] <= step:
        return None
    ratio = cohort_ratios(stock[:, -1 - step], stock[:, -1], step)
    people = stock[:, -1].astype(float)
    for _ in range(horizon // step):
        people = _aged(people, ratio, step)
    return people


def cohort_ratios(before: np.ndarray, now: np.ndarray, step: int) -> np.ndarray:
    """Growth of each cohort over `step` years by its age (region, age) before; the last is open."""
    return now[:, step:] / np.maximum(_opened(before, step), 1.0)


def _opened(people: np.ndarray, step: int) -> np.ndarray:
    """Cohorts as they will be told apart `step` years later: the last ones in one."""
    single = people[:, : -step - 1]
    return np.concatenate([single, people[:, -step - 1 :].sum(1, keepdims=True)], axis=1)


def _aged(people: np.ndarray, ratio: np.ndarray, step: int) -> np.ndarray:
    later = _opened(people, step) * ratio
    return np.concatenate([np.zeros_like(people[:, :step]), later], axis=1)


def exponential_smoothing(series: np.ndarray, horizon: int) -> Forecast:
    """B5, region by region: (region, step) for the steps 1 to `horizon`."""
    return _each("ets", series, horizon, _smoothed)


def arima(series: np.ndarray, horizon: int) -> Forecast:
    """B6, region by region: (region, step) for the steps 1 to `horizon`."""
    return _each("arima", series, horizon, _integrated)


def _each(
    name: str, series: np.ndarray, horizon: int, law: Callable[[np.ndarray, int], np.ndarray]
) -> Forecast:
    if series.shape[1] < SHORTEST_SERIES[name]:
        return None
    with warnings.catch_warnings():
        # Short series often end at a bound; what is forecast from there is scored as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.stack([np.exp(law(np.log(row), horizon)) for row in np.maximum(series, 1.0)])


def _smoothed(logs: np.ndarray, horizon: int) -> np.ndarray:
    law = ExponentialSmoothing(
        logs, trend="add", damped_trend=True, initialization_method="estimated"
    )
    return np.asarray(law.fit(use_brute=False).forecast(horizon))


def _integrated(logs: np.ndarray, horizon: int) -> np.ndarray:
    growth = np.diff(logs)
    rho = float(burg(growth, order=1)[0][0])  # stationary by its making
    ahead = growth.mean() + (growth[-1] - growth.mean()) * rho ** np.arange(1, horizon + 1)
    return logs[-1] + np.cumsum(ahead)


Series = Callable[[np.ndarray, int], Forecast]
OF_SERIES: Mapping[str, Series] = {"no_change": no_change, "drift": drift}
OF_PATHS: Mapping[str, Series] = {"ets": exponential_smoothing, "arima": arima}

"""Baselines as distributions: each dressed with its own errors from earlier origins.

W1  log outcome - log forecast ~ Normal(0, spread[h]), over the errors of the same method, size
    class and horizon that were known at the origin
W2  where no error of horizon h was known, spread[h] = spread[k] h / k, k the longest that was
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

GRID = norm.ppf((np.arange(200) + 0.5) / 200)
FEWEST = 8  # errors from which a spread is taken


def spreads(errors: pd.DataFrame, by: Sequence[str], wanted: pd.DataFrame) -> pd.DataFrame:
    """Standard deviation (about zero) of the log errors known at each wanted origin (W1, W2).

    Parameters
    ----------
    errors : `by`, origin, horizon, error (log outcome - log forecast)
    wanted : origin, horizon

    Returns
    -------
    Frame with `by`, origin, horizon and spread, without rows where too few errors were known
    """
    squares = errors.assign(squares=errors["error"] ** 2)
    sums = squares.groupby([*by, "origin", "horizon"], observed=True)["squares"]
    found = sums.agg(["sum", "count"]).reset_index()
    rows = []
    for key, part in found.groupby(list(by), observed=True):
        made, ahead, total, count = part[["origin", "horizon", "sum", "count"]].to_numpy().T
        for origin, horizon in wanted[["origin", "horizon"]].itertuples(index=False):
            known = made + ahead <= origin
            usable = [
                length
                for length in np.unique(ahead[ahead <= horizon])
                if count[known & (ahead == length)].sum() >= FEWEST
            ]
            if usable:
                same = known & (ahead == max(usable))
                scale = np.sqrt(total[same].sum() / count[same].sum()) * horizon / max(usable)
                rows.append((*key, origin, horizon, scale))
    return pd.DataFrame(rows, columns=[*by, "origin", "horizon", "spread"])


def with_error_distribution(points: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Equally likely values (sample, case) around `points` (case), `scale` of the log."""
    return points * np.exp(np.multiply.outer(GRID, scale))

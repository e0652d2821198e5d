"""Baselines as distributions: each dressed with its own errors from earlier origins.

W1  log outcome - log forecast ~ Normal(0, spread[h]), over the errors of the same method, size
    class and horizon that were known at the origin
W2  where no error of horizon h was known, spread[h] = spread[k] h / k, k the longest that was
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

GRID = norm.ppf((np.arange(200) + 0.5) / 200)
FEWEST = 8  # errors from which a spread is taken


def spread(errors: pd.DataFrame, origin: int, horizon: int) -> float:
    """Standard deviation (about zero) of log errors known at `origin`, for `horizon` (W1, W2).

    Parameters
    ----------
    errors : origin, horizon, error (log outcome - log forecast) of one method and size class

    Returns
    -------
    NaN where too few errors were known.
    """
    known = errors[errors["origin"] + errors["horizon"] <= origin]
    lengths, counts = np.unique(known["horizon"], return_counts=True)
    usable = lengths[(counts >= FEWEST) & (lengths <= horizon)].tolist()
    if not usable:
        return float("nan")
    longest = max(usable)
    part = known.loc[known["horizon"] == longest, "error"]
    return float(np.sqrt((part**2).mean())) * horizon / longest


def dressed(points: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Equally likely values (sample, case) around `points` (case), `scale` of the log."""
    return points * np.exp(np.multiply.outer(GRID, scale))

"""Pareto-smoothed importance weights on draws of the gap: medians and intervals as they would be.

Source: Vehtari et al. (2024) for the smoothing and its diagnostic k, by ArviZ.
"""

from typing import NamedTuple

import numpy as np

QUANTILES = (0.1, 0.5, 0.9)
MEDIAN = 1.25  # error of a median relative to that of a mean, for a normal


class Weights(NamedTuple):
    """Normalised weights (draw), Pareto k, and the largest k that may be trusted."""

    values: np.ndarray
    k: float
    limit: float

    @property
    def good(self) -> bool:
        """Whether weighted results may be trusted."""
        return self.k <= self.limit


def smoothed(log_ratio: np.ndarray) -> Weights:
    """Weights of draws by their log ratios (draw); a constant ratio weighs all alike."""
    number = log_ratio.size
    limit = min(1 - 1 / np.log10(number), 0.7)
    if np.ptp(log_ratio) < 1e-9:
        return Weights(np.full(number, 1 / number), -np.inf, limit)
    from arviz_stats.base.array import array_stats  # a second to load: not before it is needed

    log, k = array_stats.psislw(-log_ratio)  # it takes minus the log ratio, as for leave-one-out
    values = np.exp(log - np.max(log))
    return Weights(values / values.sum(), float(k), limit)


def quantiles(draws: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """10, 50 and 90 % quantiles (quantile, quantity) of draws (draw, quantity), weighted."""
    if weights is None:
        return np.quantile(draws, QUANTILES, axis=0)
    order = np.argsort(draws, axis=0)
    ranked = np.take_along_axis(draws, order, axis=0)
    reached = np.cumsum(weights[order], axis=0) - 0.5 * weights[order]
    return np.stack(
        [
            np.interp(QUANTILES, reached[:, column], ranked[:, column])
            for column in range(draws.shape[1])
        ],
        axis=1,
    )


def chance(draws: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Probability of a shortage (quantity): a positive gap."""
    return np.average(draws > 0, axis=0, weights=weights)


def shift_error(weights: np.ndarray) -> float:
    """Monte Carlo error of a median's shift by weights, in posterior standard deviations.

    A weighted median against the unweighted one of the same draws, for weights that have nothing
    to do with the gap.
    """
    excess = max(float((weights**2).sum()) - 1 / len(weights), 0.0)
    return MEDIAN * float(np.sqrt(excess))

"""A positive table from figures about sums of its cells, each with its own error in logs.

Equations
---------
F1  log cells ~ Normal(centre, covariance)
F2  value = sum_j weight_j log(sum of the cells in part j) + e,  e ~ Normal(0, sd)
F3  shares of one whole with independent errors tell as many contrasts as there are shares, less
    one: those whose errors are independent again, with variance 1

The mode is found by Gauss-Newton with halved steps. The spread of a log cell is that of the normal
approximation at the mode, which is what refits to figures perturbed by their errors scatter by.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bayesgap.errors import SchemaError

LONGEST, STEPS, TOLERANCE = 1.0, 200, 1e-6
# Errors are at least so large at first: sharp figures alone would bend the way.
FLOORS = (0.3, 0.1, 0.03, 0.0)


class Figure(NamedTuple):
    """A known sum of weighted logs of sums of cells.

    Attributes
    ----------
    parts, weights
        Parts of the table (boolean, its shape), and the weights of the logs of their sums.
    value, sd
        The figure in logs and its error.
    """

    parts: tuple[np.ndarray, ...]
    weights: tuple[float, ...]
    value: float
    sd: float


def ratio(
    over: Sequence[np.ndarray], under: Sequence[np.ndarray], value: float, sd: float
) -> Figure:
    """Figure of a log ratio: sums of the parts `over`, divided by those `under`."""
    return Figure((*over, *under), (1.0,) * len(over) + (-1.0,) * len(under), value, sd)


def composition(shares: Sequence[Figure]) -> Iterator[Figure]:
    """Figures of F3 from one figure a share, each with its own error."""
    step = np.diff(np.eye(len(shares)), axis=0)
    spread = np.linalg.cholesky(step @ np.diag([share.sd**2 for share in shares]) @ step.T)
    parts = tuple(part for share in shares for part in share.parts)
    values = np.array([share.value for share in shares])
    for row in np.linalg.solve(spread, step):
        pairs = zip(row, shares, strict=True)
        weights = tuple(float(w * own) for w, share in pairs for own in share.weights)
        yield Figure(parts, weights, float(row @ values), 1.0)


class Fitted(NamedTuple):
    """Log cells, their covariance, and the misses of all figures in their own errors."""

    log: np.ndarray
    covariance: np.ndarray
    misses: np.ndarray


def fit_logs(centre: np.ndarray, covariance: np.ndarray, figures: Sequence[Figure]) -> Fitted:
    """Mode of F1-F2.

    Parameters
    ----------
    centre : log cells before any figure, any shape
    covariance : (cell, cell), cells of the flattened table

    Raises
    ------
    SchemaError
        No mode within `STEPS` steps.
    """
    parts, weights = _parts(figures)
    values, sds = (np.array([getattr(f, name) for f in figures]) for name in ("value", "sd"))
    start, precision = centre.ravel(), np.linalg.inv(covariance)
    log = start.copy()
    for floor in FLOORS:
        known = Known(parts, weights, values, np.maximum(sds, floor))
        log, whole, step = _mode(log, start, precision, known)
    if step > TOLERANCE:
        raise SchemaError(
            f"No table fits the figures within {STEPS} steps (still moving by {step:.1e}). Look "
            "for figures that contradict each other."
        )
    miss = (values - weights @ np.log(parts @ np.exp(log))) / sds
    return Fitted(log.reshape(centre.shape), np.linalg.inv(whole), miss)


class Known(NamedTuple):
    """Figures as arrays: parts (part, cell), weights (figure, part), values and sds (figure)."""

    parts: np.ndarray
    weights: np.ndarray
    values: np.ndarray
    sds: np.ndarray

    def misses(self, log: np.ndarray) -> np.ndarray:
        """Misses in errors."""
        return (self.values - self.weights @ np.log(self.parts @ np.exp(log))) / self.sds

    def slopes(self, log: np.ndarray) -> np.ndarray:
        """Slopes of the figures by log cells, in errors (figure, cell)."""
        cells = np.exp(log)
        sums = self.parts @ cells
        return self.weights @ (self.parts * cells / sums[:, None]) / self.sds[:, None]


def _mode(
    log: np.ndarray, start: np.ndarray, precision: np.ndarray, known: Known
) -> tuple[np.ndarray, np.ndarray, float]:
    """Mode, precision there, and the length of the last step."""

    def worth(log: np.ndarray) -> float:
        away, miss = log - start, known.misses(log)
        return float(miss @ miss + away @ precision @ away)

    now = worth(log)
    for _ in range(STEPS):
        slopes = known.slopes(log)
        whole = precision + slopes.T @ slopes
        step = np.linalg.solve(whole, slopes.T @ known.misses(log) - precision @ (log - start))
        step *= min(1.0, LONGEST / np.abs(step).max(initial=TOLERANCE))
        while (after := worth(log + step)) > now and np.abs(step).max() > TOLERANCE:
            step /= 2.0
        log, now = log + step, min(now, after)
        if np.abs(step).max() <= TOLERANCE:
            break
    return log, whole, float(np.abs(step).max())


def _parts(figures: Sequence[Figure]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct parts (part, cell), and the weights of their logs (figure, part)."""
    rows: dict[bytes, int] = {}
    masks: list[np.ndarray] = []
    entries: list[tuple[int, int, float]] = []
    for i, figure in enumerate(figures):
        for weight, mask in zip(figure.weights, figure.parts, strict=True):
            key = mask.tobytes()
            if key not in rows:
                rows[key] = len(masks)
                masks.append(mask.ravel().astype(float))
            entries.append((i, rows[key], weight))
    weights = np.zeros((len(figures), len(masks)))
    for i, j, weight in entries:
        weights[i, j] += weight
    return np.array(masks), weights

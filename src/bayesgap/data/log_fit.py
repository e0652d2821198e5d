"""A positive table from figures about sums of its cells, each with its own error in logs.

Equations
---------
F1  log cells ~ Normal(centre, covariance)
F2  value = sum_j sign_j log(sum of the cells in part j) + e,  e ~ Normal(0, sd)

The mode is found by Gauss-Newton with halved steps. The spread of a log cell is that of the normal approximation at
the mode, which is what refits to figures perturbed by their own errors scatter by.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bayesgap.errors import SchemaError

LONGEST, STEPS, TOLERANCE = 1.0, 200, 1e-6


class Figure(NamedTuple):
    """A known log ratio of sums of cells.

    Attributes
    ----------
    over, under
        Parts of the table (boolean, its shape) whose sums are multiplied, and divided by.
    value, sd
        The figure in logs and its error.
    """

    over: tuple[np.ndarray, ...]
    under: tuple[np.ndarray, ...]
    value: float
    sd: float


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
    parts, signs = _parts(figures)
    values, sds = (np.array([getattr(f, name) for f in figures]) for name in ("value", "sd"))
    start, precision = centre.ravel(), np.linalg.inv(covariance)

    def worth(log: np.ndarray) -> float:
        away = log - start
        miss = (values - signs @ np.log(parts @ np.exp(log))) / sds
        return float(miss @ miss + away @ precision @ away)

    log, now = start.copy(), worth(start)
    for _ in range(STEPS):
        jacobian, found = _linear(log, parts, signs)
        scaled, miss = jacobian / sds[:, None], (values - found) / sds
        whole = precision + scaled.T @ scaled
        step = np.linalg.solve(whole, scaled.T @ miss - precision @ (log - start))
        step *= min(1.0, LONGEST / np.abs(step).max(initial=TOLERANCE))
        while (after := worth(log + step)) > now and np.abs(step).max() > TOLERANCE:
            step /= 2.0
        log, now = log + step, min(now, after)
        if np.abs(step).max() < TOLERANCE:
            return Fitted(log.reshape(centre.shape), np.linalg.inv(whole), miss)
    raise SchemaError(
        f"No table fits the figures within {STEPS} steps (still moving by "
        f"{np.abs(step).max():.1e}). Look for figures that contradict each other."
    )


def _parts(figures: Sequence[Figure]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct parts (part, cell), and signs (figure, part)."""
    rows: dict[bytes, int] = {}
    masks: list[np.ndarray] = []
    entries: list[tuple[int, int, float]] = []
    for i, figure in enumerate(figures):
        for sign, group in ((1.0, figure.over), (-1.0, figure.under)):
            for mask in group:
                key = mask.tobytes()
                if key not in rows:
                    rows[key] = len(masks)
                    masks.append(mask.ravel().astype(float))
                entries.append((i, rows[key], sign))
    signs = np.zeros((len(figures), len(masks)))
    for i, j, sign in entries:
        signs[i, j] += sign
    return np.array(masks), signs


def _linear(
    log: np.ndarray, parts: np.ndarray, signs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Jacobian (figure, cell) and values (figure) of all figures at `log`."""
    cells = np.exp(log)
    sums = parts @ cells
    return signs @ (parts * cells / sums[:, None]), signs @ np.log(sums)

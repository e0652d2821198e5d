"""Order statistics of many rows of draws at once: quantiles and normal scores from one sort.

NumPy and SciPy have functions for each, which sort or select anew and keep ranks in long arrays;
these give the same values, which a test holds them to.

Equations
---------
N1  score = ndtri((rank - 3/8) / (n + 1/4)), with the mean rank where draws are equal
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Rows = npt.NDArray[np.floating]
Places = npt.NDArray[np.intp]


def quantiles_of_sorted(rows: Rows, probabilities: Sequence[float]) -> npt.NDArray[np.float64]:
    """Quantiles (probability, row) of rows that ascend, by linear interpolation."""
    place = np.asarray(probabilities, dtype=float)[:, None] * (rows.shape[-1] - 1)
    below = np.floor(place).astype(np.intp)
    part = place - below
    low = rows[:, below[:, 0]].T
    high = rows[:, np.minimum(below[:, 0] + 1, rows.shape[-1] - 1)].T
    step = high - low
    return np.where(part < 0.5, low + step * part, high - step * (1.0 - part))


class Ranked(NamedTuple):
    """Rows in ascending order; scores (N1) of the rows and of distances to their medians."""

    ascending: Rows
    scores: npt.NDArray[np.float64]
    folded: npt.NDArray[np.float64]


def ranked(rows: Rows) -> Ranked:
    """`Ranked` of rows (row, draw) with an even number of draws.

    In a row that ascends, distances to the median fall up to the middle and rise from there: the
    second sort has only two runs to merge.
    """
    half = rows.shape[-1] // 2
    first = np.arange(len(rows))[:, None] * rows.shape[-1]
    places = np.argsort(rows, axis=-1) + first
    ascending = rows.ravel()[places]
    scores = _scores(ascending, places)
    median = ascending[:, half - 1 : half + 1].mean(axis=1, keepdims=True)
    distance = np.concatenate(
        [median - ascending[:, half - 1 :: -1], ascending[:, half:] - median], axis=1
    )
    places = np.concatenate([places[:, half - 1 :: -1], places[:, half:]], axis=1).ravel()
    merged = np.argsort(distance, axis=-1, kind="stable") + first
    return Ranked(ascending, scores, _scores(distance.ravel()[merged], places[merged]))


def _scores(ascending: Rows, places: Places) -> npt.NDArray[np.float64]:
    """N1 of rows in ascending order, put back to the flat `places` that they came from."""
    table, count = _table(ascending.shape[-1]), ascending.shape[-1]
    places = places.reshape(ascending.shape)
    out = np.empty(ascending.size)
    out[places] = table[::2]
    equal = np.flatnonzero(ascending[:, 1:] == ascending[:, :-1])  # to the next
    equal += equal // (count - 1)
    first = np.flatnonzero(np.diff(equal, prepend=-2) != 1)  # of each run of equal draws
    length = np.diff(first, append=equal.size)
    mean = table[2 * (equal[first] % count) + length]
    out[places.ravel()[equal]] = np.repeat(mean, length)
    out[places.ravel()[equal[first] + length]] = mean
    return out.reshape(ascending.shape)


@cache
def _table(count: int) -> npt.NDArray[np.float64]:
    """N1 for every half of a rank from 1 to `count`."""
    return ndtri((np.arange(2, 2 * count + 1) / 2 - 0.375) / (count + 0.25))

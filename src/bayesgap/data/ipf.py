"""Iterative proportional fitting of tables to exact and soft margins, many tables at once.

With seed q, cells p, exact margins A and soft margins B of weight w, the fitted cells minimise

    KL(p | q) + sum_B w_B KL(p_B | target_B)   subject to   p_A = target_A,

where p_A are the sums of p. An exact margin is met by scaling; a soft one keeps its own multiplier,
raised to w / (1 + w) (the scaling of unbalanced optimal transport).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bayesgap.errors import SchemaError

Array = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Margin:
    """Wanted sums of a table.

    Attributes
    ----------
    axes
        Axes that the margin keeps, negative, increasing: -1 is the last axis of the table.
    sums
        Wanted sums, shape (*batch, kept axes), or without the batch.
    weight
        Weight of the margin's divergence against the seed's; inf (the default) is exact.
    """

    axes: tuple[int, ...]
    sums: npt.ArrayLike
    weight: float = np.inf


def ipf(
    seed: npt.ArrayLike,
    margins: Sequence[Margin],
    *,
    rank: int = 2,
    iterations: int = 2000,
    tolerance: float = 1e-9,
) -> Array:
    """Scale `seed` until its sums meet `margins`; a zero cell stays zero.

    Parameters
    ----------
    seed
        Non-negative cells, shape (*batch, n_1, ..., n_rank); the batch is fitted together.
    margins
        Wanted sums. A matrix with rows and columns:
        ``[Margin((-2,), row_sums), Margin((-1,), column_sums)]``.
    rank
        Number of trailing axes that form the table.
    iterations
        Sweeps at most.
    tolerance
        Largest relative change in a sweep, and discrepancy of an exact margin, at the end.

    Returns
    -------
    Array
        Fitted cells, shape of `seed` broadcast over the margins' batch.

    Raises
    ------
    SchemaError
        Negative or non-finite input, a positive sum wanted of zero cells, or exact margins that
        contradict each other (no convergence).
    """
    sums = [np.asarray(margin.sums, dtype=float) for margin in margins]
    cells = _broadcast(np.asarray(seed, dtype=float), margins, sums, rank)
    _require_usable(cells, margins, sums, rank)
    multipliers = [np.ones(()) for _ in margins]
    change = np.inf
    for _ in range(iterations):
        change = 0.0
        for k, (margin, wanted) in enumerate(zip(margins, sums, strict=True)):
            factor, multipliers[k] = _factor(cells, margin, wanted, multipliers[k], rank)
            cells *= factor
            change = max(change, float(np.max(np.abs(factor - 1.0), initial=0.0)))
        if change <= tolerance:
            return cells
    raise SchemaError(
        f"Proportional fitting did not converge in {iterations} sweeps (still moving by "
        f"{change:.1e}): exact margins must have equal totals and positive cells to fill them."
    )


def _factor(
    cells: Array, margin: Margin, wanted: Array, multiplier: Array, rank: int
) -> tuple[Array, Array]:
    current = margin_sums(cells, margin.axes, rank)
    wanted = _spread(wanted, margin.axes, rank)
    ratio = np.divide(
        wanted,
        current,
        out=np.ones(np.broadcast_shapes(wanted.shape, current.shape)),
        where=current > 0.0,
    )
    if np.isinf(margin.weight):
        return ratio, multiplier
    fresh = (ratio * multiplier) ** (margin.weight / (1.0 + margin.weight))
    return fresh / multiplier, fresh


def margin_sums(cells: Array, axes: tuple[int, ...], rank: int = 2) -> Array:
    """Sums of `cells` over the table axes that `axes` does not keep; summed axes stay, length 1."""
    summed = tuple(axis for axis in range(-rank, 0) if axis not in axes)
    return cells.sum(axis=summed, keepdims=True)


def _spread(wanted: Array, axes: tuple[int, ...], rank: int) -> Array:
    """`wanted` with axes of length 1 where the margin sums, so that it broadcasts to the table."""
    kept = iter(wanted.shape[wanted.ndim - len(axes) :])
    batch = wanted.shape[: wanted.ndim - len(axes)]
    return wanted.reshape(batch + tuple(next(kept) if a in axes else 1 for a in range(-rank, 0)))


def _broadcast(cells: Array, margins: Sequence[Margin], sums: list[Array], rank: int) -> Array:
    if cells.ndim < rank or any(
        not all(-rank <= axis < 0 for axis in margin.axes)
        or list(margin.axes) != sorted(margin.axes)
        for margin in margins
    ):
        raise SchemaError(
            f"A table of rank {rank} needs a seed of that rank and margins over increasing axes in "
            f"[-{rank}, -1]; found a seed of shape {cells.shape} and {[m.axes for m in margins]}."
        )
    shapes = [_spread(w, m.axes, rank).shape for m, w in zip(margins, sums, strict=True)]
    return np.broadcast_to(cells, np.broadcast_shapes(cells.shape, *shapes)).copy()


def _require_usable(cells: Array, margins: Sequence[Margin], sums: list[Array], rank: int) -> None:
    for values in (cells, *sums):
        if not np.all(np.isfinite(values)) or np.any(values < 0.0):
            raise SchemaError("Proportional fitting needs finite, non-negative cells and sums.")
    for margin, wanted in zip(margins, sums, strict=True):
        empty = margin_sums(cells, margin.axes, rank) == 0.0
        if np.any(empty & (_spread(wanted, margin.axes, rank) > 0.0)):
            raise SchemaError(
                f"The margin over axes {margin.axes} wants persons where every seed cell is zero."
            )
        if not np.isinf(margin.weight) and (margin.weight <= 0.0 or np.any(wanted == 0.0)):
            raise SchemaError("A soft margin needs a positive weight and positive sums.")

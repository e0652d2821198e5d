"""Log density of pooled paths (A1-A2 of `pooled_ar1`) as one operation, with its gradient.

Effects and paths are integrated out. Innovations e[t] = y[t] - rho y[t-1] (the first scaled) are
m k[t] + common + own. A rotation of time that begins with k makes them independent over time, and
each is a diagonal plus a constant: no matrix is needed. Sums over the other directions are totals
less the first.
"""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np

from bayesgap.inference import parts
from bayesgap.inference.kernels import Arrays, LogDensity, code_of
from bayesgap.inference.pooled_ar1 import Scales

_weight = numba.njit(parts.size_weight, error_model="numpy")
_step = numba.njit(parts.ar1_step, error_model="numpy")


class Factor(NamedTuple):
    """Log density of vectors with covariance diag(v) + common^2, and its slopes."""

    value: Any
    by_squares: Any
    by_pull: Any
    by_v: Any
    by_common: Any


class Directions(NamedTuple):
    """Innovations (region, year) and k (year), their product by region, and k's square."""

    e: Any
    k: Any
    along: Any
    square: Any


@numba.njit(error_model="numpy")
def _one_factor(squares: Any, pull: float, v: Any, common: float, times: int) -> Factor:
    """Density of `times` vectors by their sums: `squares` by region, `pull` of value / v."""
    inverse, c2 = 1.0 / v, common**2
    part = 1.0 + c2 * inverse.sum()
    spread = times * (np.log(v).sum() + np.log(part))
    value = -0.5 * (spread + (squares * inverse).sum() - c2 * pull / part)
    by_part = times / part + c2 * pull / part**2
    by_v = -0.5 * (times * inverse - (by_part * c2 + squares) * inverse**2)
    by_common = common * (pull / part - by_part * inverse.sum())
    return Factor(value, -0.5 * inverse, 0.5 * c2 / part, by_v, by_common)


@numba.njit(error_model="numpy")
def _directions(y: Any, rho: float) -> Directions:
    """Innovations of paths y, and the direction of time in which means of regions lie."""
    start = (1.0 - rho**2) ** 0.5
    e, k = np.empty(y.shape), np.full(y.shape[1], 1.0 - rho)
    e[:, 0], k[0] = y[:, 0] * start, start
    for t in range(1, y.shape[1]):
        e[:, t] = _step(y[:, t - 1], -rho, y[:, t])
    square = (k**2).sum()
    return Directions(e, k, (e * k).sum(1) / square**0.5, square)


@numba.njit(error_model="numpy")
def _by_paths(by_e: Any, by_k: Any, y: Any, e: Any, rho: float) -> Arrays:
    """Slopes by the mean and by rho, from those by innovations and by k."""
    start, years = (1.0 - rho**2) ** 0.5, y.shape[1]
    by_start = by_k[0] + (by_e[:, 0] * y[:, 0]).sum()
    by_mean, by_rho = -start * by_e[:, 0].sum(), -by_k[1:].sum()
    for t in range(1, years):
        by_mean -= (1.0 - rho) * by_e[:, t].sum()
        by_rho -= (by_e[:, t] * y[:, t - 1]).sum()
    return by_mean, by_rho - by_start * rho / start - y.shape[0] * rho / (1.0 - rho**2)


@numba.njit(error_model="numpy")
def _density(mean: float, scales: Scales, seen: Any, size: Any) -> Arrays:
    """Log density without its constant, and its slopes by mean, tau, rho, sigma, common, gamma."""
    tau, rho, sigma, common, gamma = scales
    y = seen - mean
    e, k, along, square = _directions(y, rho)
    weight = _weight(size, gamma)
    own = sigma**2 * weight
    wide = own + tau**2 * square
    pulled, first, other = (e.T / own).sum(1), (along / wide).sum(), (along / own).sum()
    m = _one_factor(along**2, first**2, wide, common, 1)
    rest = (e**2).sum(1) - along**2
    w = _one_factor(rest, (pulled**2).sum() - other**2, own, common, y.shape[1] - 1)
    by_wide = m.by_v - 2.0 * m.by_pull * first * along / wide**2
    by_own = w.by_v - 2.0 * w.by_pull * ((e @ pulled) - other * along) / own**2 + by_wide
    by_along = 2.0 * along * (m.by_squares - w.by_squares)
    by_along += 2.0 * m.by_pull * first / wide - 2.0 * w.by_pull * other / own
    by_square = (by_wide * tau**2 - 0.5 * by_along * along / square).sum()
    by_product = by_along / square**0.5
    by_e = np.outer(by_product, k) + 2.0 * w.by_pull * np.outer(1.0 / own, pulled)
    by_e += 2.0 * (w.by_squares * e.T).T
    by_mean, by_rho = _by_paths(by_e, by_product @ e + 2.0 * by_square * k, y, e, rho)
    value = m.value + w.value + 0.5 * size.size * np.log(1.0 - rho**2)
    by_tau, by_sigma = 2.0 * tau * square * by_wide.sum(), 2.0 * sigma * (by_own * weight).sum()
    by_gamma = -2.0 * (by_own * own * size).sum()
    return value, by_mean, by_tau, by_rho, by_sigma, m.by_common + w.by_common, by_gamma


def _outputs(
    mean: Any, tau: Any, rho: Any, sigma: Any, common: Any, gamma: Any, seen: Any, size: Any
) -> Arrays:
    scales = Scales(tau.item(), rho.item(), sigma.item(), common.item(), gamma.item())
    found = _density(mean.item(), scales, seen, size)
    return (
        np.asarray(found[0]),
        np.asarray(found[1]),
        np.asarray(found[2]),
        np.asarray(found[3]),
        np.asarray(found[4]),
        np.asarray(found[5]),
        np.asarray(found[6]),
    )


_operation = LogDensity("pooled paths", code_of(sys.modules[__name__], parts), _outputs, (0,) * 7)


def path_likelihood(seen: Any, mean: Any, scales: Scales, size: np.ndarray) -> Any:
    """Log density of paths `seen` (region, year) without its constant, as a tensor."""
    return _operation(mean, *scales, seen, size)[0]

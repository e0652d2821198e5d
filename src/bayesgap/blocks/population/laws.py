"""Laws of the population block, each written once, and the filter that integrates states out.

L1  state (d, u): y[t] = d + u[t] + e[t], e ~ Normal(0, noise[t]); u[t+1] = rho u[t] + z,
    z ~ Normal(0, innovation[t]); d ~ Normal(0, start_d), u[0] ~ Normal(0, start_u)
L2  noise = (phi + excess) sampling variance + (omega^2 + shock kappa^2) weight: what passes
    within a year
L3  widened = 1 + shock (widening - 1): scale of lasting changes into a year, relative to a year
    without shock

`filter_step` (Kalman) is one function of operators: compiled for the likelihood, on arrays of
draws for the forecast. The likelihood is an Op of its own with the adjoint of the filter written
out, since a general-purpose gradient of the same recursion costs ten times the time, in compiling
and in sampling.
"""

import sys
from typing import Any

import numba
import numpy as np

from bayesgap.inference.kernels import Arrays, LogDensity, code_of

BY_COMPONENT = (
    "score_mean",
    "score_region",
    "score_innovation",
    "score_persistence",
    "score_excess",
    "score_transitory",
    "score_shock",
)
DIFFUSE = 1.0  # variance of a log level about which nothing is known
NATION_TAIL = 4.0  # degrees of freedom of national innovations: 2022 was over three scales out


def transitory(
    phi: Any, excess: Any, spread: Any, omega: Any, kappa: Any, shock: Any, weight: Any
) -> Any:
    """Variance of one-year deviations (L2)."""
    return (phi + excess) * spread + (omega**2 + shock * kappa**2) * weight


def widened(shock: Any, widening: Any) -> Any:
    """Relative scale of the innovations into a year (L3)."""
    return 1.0 + shock * (widening - 1.0)


def size_weight(size: Any, exponent: Any) -> Any:
    """Variance relative to a region of 50 000, `size` the log of the ratio of residents."""
    return np.e ** (-2.0 * exponent * size)


def filter_step(
    y: Any, noise: Any, d: Any, u: Any, dd: Any, du: Any, uu: Any, rho: Any, innovation: Any
) -> Arrays:
    """Kalman update by one observation, then u one year ahead (L1).

    (d, u) are means; (dd, du, uu) variances and covariance. Returns the five, then the squared
    surprise in units of its variance, and that variance: -2 log density is the first plus the log
    of the second, without its constant.
    """
    to_d, to_u = dd + du, du + uu
    variance = to_d + to_u + noise
    inverse = 1.0 / variance
    surprise = y - d - u
    by_d, by_u = to_d * inverse, to_u * inverse
    return (
        d + by_d * surprise,
        rho * (u + by_u * surprise),
        dd - to_d * by_d,
        rho * (du - to_d * by_u),
        rho * rho * (uu - to_u * by_u) + innovation,
        surprise * surprise * inverse,
        variance,
    )


def adjoint_step(
    y: Any, noise: Any, state: Any, grad: Any, rho: Any
) -> tuple[Any, Any, Any, Any, Arrays]:
    """Reverse of `filter_step`: gradients of y, noise, rho, innovation and of the five before.

    `state` are (d, u, dd, du, uu) before the step, `grad` the gradients of those after it; the
    log density has gradient one.
    """
    d, u, dd, du, uu = state
    g_d, g_u, g_dd, g_du, g_uu = grad
    a, b = dd + du, du + uu
    inverse = 1.0 / (a + b + noise)
    s = y - d - u
    by, x, z = s * inverse, a * inverse, b * inverse
    h_u, h_du, h_uu = rho * g_u, rho * g_du, rho * rho * g_uu  # before the year ahead
    g_rho = g_u * (u + b * by) + g_du * (du - a * z) + 2.0 * rho * g_uu * (uu - b * z)
    g_s = g_d * x + h_u * z - by
    g_f = g_dd * x * x + h_du * x * z + h_uu * z * z - (g_d * x + h_u * z) * by
    g_f = g_f + 0.5 * (by * by - inverse)
    g_a = g_d * by - 2.0 * g_dd * x - h_du * z + g_f
    g_b = h_u * by - 2.0 * h_uu * z - h_du * x + g_f
    before = (g_d - g_s, h_u - g_s, g_dd + g_a, h_du + g_a + g_b, h_uu + g_b)
    return g_s, g_f, g_rho, g_uu, before


_step = numba.njit(filter_step, error_model="numpy")
_adjoint = numba.njit(adjoint_step, error_model="numpy")
LOG_EVERY = 8  # years whose variances are multiplied before a logarithm is taken: it is slow


def _forward(y: Any, noise: Any, path: Any, rho: Any, innovation: Any) -> float:
    """Log likelihood; path (year + 1, 5, series) holds the first state and gets the others."""
    years, series = y.shape
    squares, volume = np.zeros(series), np.ones(series)
    total = 0.0
    for t in range(years):
        old, new = path[t], path[t + 1]
        for i in range(series):
            now = _step(
                y[t, i], noise[t, i], old[0, i], old[1, i], old[2, i], old[3, i], old[4, i],
                rho[i], innovation[t, i],
            )  # fmt: skip
            new[0, i], new[1, i], new[2, i], new[3, i], new[4, i] = now[:5]
            squares[i] += now[5]
            volume[i] *= now[6]
        if t % LOG_EVERY == LOG_EVERY - 1 or t == years - 1:
            total -= 0.5 * np.log(volume).sum()
            volume[:] = 1.0
    return total - 0.5 * squares.sum()


def _backward(
    y: Any, noise: Any, path: Any, rho: Any, g_y: Any, g_noise: Any, g_rho: Any, g_step: Any
) -> Any:
    """Fill the gradients, year by year from the last; returns those of the first state."""
    years, series = y.shape
    grad = np.zeros((5, series))
    for t in range(years - 1, -1, -1):
        old = path[t]
        for i in range(series):
            state = (old[0, i], old[1, i], old[2, i], old[3, i], old[4, i])
            ahead = (grad[0, i], grad[1, i], grad[2, i], grad[3, i], grad[4, i])
            by_y, by_noise, by_rho, by_step, before = _adjoint(
                y[t, i], noise[t, i], state, ahead, rho[i]
            )
            g_y[t, i], g_noise[t, i], g_step[t, i] = by_y, by_noise, by_step
            g_rho[i] += by_rho
            grad[0, i], grad[1, i], grad[2, i], grad[3, i], grad[4, i] = before
    return grad


_run_forward = numba.njit(_forward, error_model="numpy")
_run_backward = numba.njit(_backward, error_model="numpy")


@numba.njit(error_model="numpy")
def filtered(y: Any, noise: Any, start_d: Any, start_u: Any, rho: Any, innovation: Any) -> Arrays:
    """Log density (without its constant) of series under L1, and its slopes by every argument.

    `y`, `noise` and `innovation` are (year, series): series lie side by side in memory, so that
    several are computed at once.
    """
    years, series = y.shape
    path = np.zeros((years + 1, 5, series))
    path[0, 2], path[0, 4] = start_d, start_u
    total = _run_forward(y, noise, path, rho, innovation)
    g_y, g_noise, g_step = np.empty_like(y), np.empty_like(y), np.empty_like(y)
    g_rho = np.zeros(series)
    grad = _run_backward(y, noise, path, rho, g_y, g_noise, g_rho, g_step)
    return total, g_y, g_noise, grad[2].copy(), grad[4].copy(), g_rho, g_step


def _likelihood_and_gradients(
    y: Any, noise: Any, start_d: Any, start_u: Any, rho: Any, innovation: Any
) -> Arrays:
    """`filtered` of arrays (series, year)."""
    across, wide = np.ascontiguousarray(y.T), np.ascontiguousarray(noise.T)
    steps = np.ascontiguousarray(innovation.T)
    found = filtered(across, wide, start_d, start_u, rho, steps)
    total, by_y, by_noise, by_d, by_u, by_rho, by_step = found
    return (
        np.asarray(total),
        np.ascontiguousarray(by_y.T),
        np.ascontiguousarray(by_noise.T),
        by_d,
        by_u,
        by_rho,
        np.ascontiguousarray(by_step.T),
    )


_operation = LogDensity(
    "filter",
    code_of(sys.modules[__name__]),
    _likelihood_and_gradients,
    (0, 2, 2, 1, 1, 1, 2),
)


def filter_likelihood(
    y: Any, noise: Any, start_d: Any, start_u: Any, rho: Any, innovation: Any
) -> Any:
    """Log density (without its constant) of series under L1, gradients written out."""
    return _operation(y, noise, start_d, start_u, rho, innovation)[0]


def filter_arrays(
    y: np.ndarray,
    noise: np.ndarray,
    start_d: np.ndarray,
    start_u: np.ndarray,
    rho: np.ndarray,
    innovation: np.ndarray,
) -> tuple[float, dict[str, np.ndarray]]:
    """`filter_likelihood` of arrays (..., year), and its derivatives by name of the argument."""
    flat, years = (-1,), (-1, y.shape[-1])
    arguments = {"y": y, "noise": noise, "start_d": start_d, "start_u": start_u, "rho": rho}
    arguments["innovation"] = innovation
    shaped = (
        np.ascontiguousarray(a.reshape(years if a.ndim == y.ndim else flat))
        for a in arguments.values()
    )
    total, *slopes = _operation.function(*shaped)
    pairs = zip(arguments.items(), slopes, strict=True)
    return float(total), {name: slope.reshape(a.shape) for (name, a), slope in pairs}


def draw_states(
    y: np.ndarray,
    noise: np.ndarray,
    start: tuple[np.ndarray, np.ndarray],
    rho: np.ndarray,
    innovation: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Exact draws of d and of u one year after the last column of y, innovation (..., year).

    No column at all gives draws from the prior of the state.
    """
    zeros = np.zeros(np.broadcast_shapes(noise.shape[:-1], rho.shape, start[0].shape))
    state: Arrays = (zeros, zeros, zeros + start[0], zeros, zeros + start[1])
    for t in range(y.shape[-1]):
        state = filter_step(y[..., t], noise[..., t], *state, rho, innovation[..., t])[:5]
    d, u, dd, du, uu = state
    first, second = rng.standard_normal((2, *zeros.shape))
    drawn = d + np.sqrt(dd) * first
    tilt = du / np.maximum(dd, 1e-12)
    rest = np.sqrt(np.maximum(uu - tilt * du, 0.0))
    return drawn, u + tilt * (drawn - d) + rest * second

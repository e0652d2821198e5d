"""Laws of the population block, each written once, and the filter that integrates states out.

L1  state (d, u): y[t] = d + u[t] + e[t], e ~ Normal(0, noise[t]); u[t+1] = rho u[t] + z,
    z ~ Normal(0, innovation); d ~ Normal(0, start_d), u[0] ~ Normal(0, start_u)
L2  noise = (phi + excess) sampling variance + (omega^2 + shock kappa^2) weight: what passes
    within a year

`filter_step` (Kalman) is one function of operators: compiled for the likelihood, on arrays of
draws for the forecast. The likelihood is an Op of its own with the adjoint of the filter written
out, since a general-purpose gradient of the same recursion costs ten times the time, in compiling
and in sampling.
"""

from typing import Any

import numba
import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

Arrays = tuple[Any, ...]
DIFFUSE = 1.0  # variance of a log level about which nothing is known
NATION_TAIL = 4.0  # degrees of freedom of national innovations: 2022 was over three scales out


def transitory(
    phi: Any, excess: Any, spread: Any, omega: Any, kappa: Any, shock: Any, weight: Any
) -> Any:
    """Variance of one-year deviations (L2)."""
    return (phi + excess) * spread + (omega**2 + shock * kappa**2) * weight


def size_weight(size: Any, exponent: Any) -> Any:
    """Variance relative to a region of 50 000, `size` the log of the ratio of residents."""
    return np.e ** (-2.0 * exponent * size)


def filter_step(
    y: Any, noise: Any, d: Any, u: Any, dd: Any, du: Any, uu: Any, rho: Any, innovation: Any
) -> Arrays:
    """Kalman update by one observation, then u one year ahead (L1).

    (d, u) are means; (dd, du, uu) variances and covariance. Returns the five, and the log
    density of y without its constant.
    """
    to_d, to_u = dd + du, du + uu
    variance = to_d + to_u + noise
    surprise = y - d - u
    return (
        d + to_d * surprise / variance,
        rho * (u + to_u * surprise / variance),
        dd - to_d * to_d / variance,
        rho * (du - to_d * to_u / variance),
        rho * rho * (uu - to_u * to_u / variance) + innovation,
        -0.5 * (surprise * surprise / variance + np.log(variance)),
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
    f = a + b + noise
    s = y - d - u
    h_u, h_du, h_uu = rho * g_u, rho * g_du, rho * rho * g_uu  # before the year ahead
    g_rho = g_u * (u + b * s / f) + g_du * (du - a * b / f) + 2.0 * rho * g_uu * (uu - b * b / f)
    g_s = (g_d * a + h_u * b - s) / f
    g_f = (g_dd * a * a + h_du * a * b + h_uu * b * b - (g_d * a + h_u * b) * s + 0.5 * s * s) / (
        f * f
    ) - 0.5 / f
    g_a = (g_d * s - 2.0 * g_dd * a - h_du * b) / f + g_f
    g_b = (h_u * s - 2.0 * h_uu * b - h_du * a) / f + g_f
    before = (g_d - g_s, h_u - g_s, g_dd + g_a, h_du + g_a + g_b, h_uu + g_b)
    return g_s, g_f, g_rho, g_uu, before


_step = numba.njit(filter_step, error_model="numpy")
_adjoint = numba.njit(adjoint_step, error_model="numpy")


def _likelihood_and_gradients(
    y: Any, noise: Any, start_d: Any, start_u: Any, rho: Any, innovation: Any
) -> Arrays:
    series, years = y.shape
    total = 0.0
    g_y, g_noise = np.empty_like(y), np.empty_like(y)
    g_d, g_u = np.empty(series), np.empty(series)
    g_rho, g_innovation = np.zeros(series), np.zeros(series)
    path = np.empty((years, 5))
    for i in range(series):
        state = (0.0, 0.0, start_d[i], 0.0, start_u[i])
        for t in range(years):
            for part in range(5):
                path[t, part] = state[part]
            now = _step(y[i, t], noise[i, t], *state, rho[i], innovation[i])
            state = (now[0], now[1], now[2], now[3], now[4])
            total += now[5]
        grad = (0.0, 0.0, 0.0, 0.0, 0.0)
        for t in range(years - 1, -1, -1):
            state = (path[t, 0], path[t, 1], path[t, 2], path[t, 3], path[t, 4])
            g_y[i, t], g_noise[i, t], by_rho, by_innovation, grad = _adjoint(
                y[i, t], noise[i, t], state, grad, rho[i]
            )
            g_rho[i] += by_rho
            g_innovation[i] += by_innovation
        g_d[i], g_u[i] = grad[2], grad[4]
    return np.asarray(total), g_y, g_noise, g_d, g_u, g_rho, g_innovation


_kernel = numba.njit(_likelihood_and_gradients, error_model="numpy")


class FilterLikelihood(Op):
    """Log likelihood of series (series, year) with d and u integrated out, and its gradients."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Inputs: y, noise (series, year); start_d, start_u, rho, innovation (series)."""
        tensors = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, tensors, [pt.dscalar(), *(value.type() for value in tensors)])

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate outside a compiled graph."""
        for storage, value in zip(outputs, _kernel(*inputs), strict=True):
            storage[0] = value

    def infer_shape(self, node: Apply, shapes: Any) -> list[Any]:
        """Gradients have the shapes of their inputs."""
        return [(), *shapes]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Gradients were computed on the way; only the likelihood itself is differentiated."""
        return [cotangents[0] * gradient for gradient in outputs[1:]]


@register_funcify_default_op_cache_key(FilterLikelihood)
def _compiled(op: Op, node: Apply, **kwargs: Any) -> Any:
    return _kernel


def filter_likelihood(
    y: Any, noise: Any, start_d: Any, start_u: Any, rho: Any, innovation: Any
) -> Any:
    """Log density (without its constant) of series under L1, gradients written out."""
    return FilterLikelihood()(y, noise, start_d, start_u, rho, innovation)[0]


def draw_states(
    y: np.ndarray,
    noise: np.ndarray,
    start: tuple[np.ndarray, np.ndarray],
    rho: np.ndarray,
    innovation: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Exact draws of d and of u one year after the last column of y (..., year).

    No column at all gives draws from the prior of the state.
    """
    zeros = np.zeros(np.broadcast_shapes(noise.shape[:-1], rho.shape, start[0].shape))
    state: Arrays = (zeros, zeros, zeros + start[0], zeros, zeros + start[1])
    for t in range(y.shape[-1]):
        state = filter_step(y[..., t], noise[..., t], *state, rho, innovation)[:5]
    d, u, dd, du, uu = state
    first, second = rng.standard_normal((2, *zeros.shape))
    drawn = d + np.sqrt(dd) * first
    tilt = du / np.maximum(dd, 1e-12)
    rest = np.sqrt(np.maximum(uu - tilt * du, 0.0))
    return drawn, u + tilt * (drawn - d) + rest * second

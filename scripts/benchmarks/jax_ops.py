"""Our compiled operations in JAX's own functions, so that PyMC can hand the models to JAX.

The package itself needs none of this. The laws are those of `bayesgap.inference`, which use
operators only; JAX makes the gradients. `tests/scripts/test_bench.py` holds the densities to ours.
"""

from typing import Any

import jax
import jax.numpy as jnp
from pytensor.link.jax.dispatch import jax_funcify

from bayesgap.blocks.education import laws as education_law
from bayesgap.blocks.population import laws as population
from bayesgap.blocks.sectors import laws as sectors_law
from bayesgap.inference import parts, pooled_ar1
from bayesgap.inference.kernels import Kernel

Arrays = tuple[Any, ...]


def cells(
    growth: Any,
    elasticity: Any,
    spread: Any,
    noise: Any,
    deviation: Any,
    area: Any,
    sector: Any,
    driver: Any,
    size: Any,
    rounding: Any,
) -> Any:
    """Log density of the cells of areas (G3)."""
    tail = sectors_law.TAIL
    scale = sectors_law.cell_scale(spread[sector], noise, size, rounding)
    z = (deviation - growth[area, sector] - elasticity[sector] * driver) / scale
    return -(jnp.log(scale) + (tail + 1.0) / 2.0 * jnp.log1p(z * z / tail)).sum()


def stock_logits(*arguments: Any) -> Any:
    """Expected logits (choice, stock) of all stocks (E3, E4, E6, E7)."""
    nation, levels, slopes, gain, splits, offset, done, told = arguments[:8]
    born, pair, late_row, line, time, late, born_split, side, place, immigrant, constant = (
        arguments[8:19]
    )
    row, split, age, weight, first = arguments[19:]
    own, of = line[pair], late[late_row]
    shares = [
        jax.nn.sigmoid(
            education_law.regional(
                nation[k][born], levels[own, k], slopes[own, k], time[pair], gain[k], of
            )
        )
        for k in (0, 1)
    ]
    others = [
        nation[2 + k][born_split]
        + (constant[:, k] + splits[place, k] + offset[k] * immigrant)[side]
        for k in (0, 1)
    ]
    others = [jax.nn.sigmoid(-others[0]), jax.nn.sigmoid(others[1])]
    finished = [done[age, k] for k in range(4)]
    stages = education_law.stages(
        shares[0][row], shares[1][row], others[0][split], others[1][split], *finished
    )
    stocks = first.shape[0] - 1
    stock = jnp.searchsorted(first, jnp.arange(row.shape[0]), side="right") - 1
    totals = [jax.ops.segment_sum(weight * stage, stock, stocks) for stage in stages]
    odds = education_law.stock_odds(education_law.Reached(*totals), told)
    return jnp.log(jnp.stack(odds))


def filtered(y: Any, noise: Any, start_d: Any, start_u: Any, rho: Any, innovation: Any) -> Any:
    """Log density of series (series, year) under L1, without its constant."""
    zero = jnp.zeros_like(start_d + start_u)

    def step(state: Arrays, of_year: Arrays) -> tuple[Arrays, Any]:
        seen, error, own = of_year
        *after, square, variance = population.filter_step(seen, error, *state, rho, own)
        return tuple(after), square + jnp.log(variance)

    state = (zero, zero, zero + start_d, zero, zero + start_u)
    _, terms = jax.lax.scan(step, state, (y.T, noise.T, innovation.T))
    return -0.5 * terms.sum()


def scores(*arguments: Any) -> Any:
    """Log density of all scores (P1-P4), without its constant."""
    mean, tau, sigma, rho, excess, omega, kappa, common = arguments[:8]
    exponent, widening, phi, z = arguments[8:12]
    score, variance, shock, size, side = arguments[12:]
    scale = population.widened(shock, widening)
    shared = mean[:, None] + common[:, None] * _centred(_waves(z, rho, scale))
    weight = population.size_weight(size, exponent)[None, :, None]
    each = [value[:, None, None] for value in (excess, omega, kappa)]
    noise = population.transitory(phi, each[0], variance, each[1], each[2], shock, weight)
    into = jnp.append(scale[1:], scale[-1])
    steps = sigma[:, None, None] ** 2 * weight * into**2
    start_u = (parts.stationary_scale(rho, 1.0) * sigma)[:, None] ** 2 * weight[..., 0]
    flat = [(score - shared[:, None] * side[:, None]), noise, jnp.broadcast_to(steps, score.shape)]
    y, noise, steps = (value.reshape(-1, score.shape[-1]) for value in flat)
    regions = score.shape[1]
    start_d, own = jnp.repeat(tau**2, regions), jnp.repeat(rho, regions)
    return filtered(y, noise, start_d, start_u.ravel(), own, steps)


def _waves(z: Any, rho: Any, scale: Any) -> Any:
    """Standard waves (component, year) from their normals (P3)."""

    def step(before: Any, of_year: Arrays) -> Arrays:
        after = parts.ar1_step(before, rho, of_year[1] * of_year[0])
        return after, after

    first = parts.stationary_scale(rho, 1.0) * z[:, 0]
    rest = jax.lax.scan(step, first, (z.T[1:], scale[1:]))[1]
    return jnp.concatenate([first[None], rest]).T


def _centred(values: Any) -> Any:
    return values - values.mean(-1, keepdims=True)


def pooled_paths(
    mean: Any, tau: Any, rho: Any, sigma: Any, common: Any, gamma: Any, seen: Any, size: Any
) -> Any:
    """Log density of pooled paths (A1-A2), without its constant, by their whole covariance."""
    scales = pooled_ar1.Scales(tau, rho, sigma, common, gamma)
    whole = pooled_ar1.covariance(scales, size, seen.shape[1])
    away = (seen - mean).ravel()
    return -0.5 * (away @ jnp.linalg.solve(whole, away) + jnp.linalg.slogdet(whole)[1])


LAWS = {
    "cells of areas": cells,
    "stock logits": stock_logits,
    "scores": scores,
    "filter": filtered,
    "pooled paths": pooled_paths,
}


@jax_funcify.register(Kernel)
def _translated(op: Kernel, **_: Any) -> Any:
    """First output by JAX; the others serve our gradient only, and nobody asks for them here."""
    law = LAWS[op.name]
    rest = tuple(jnp.zeros((1,) * n) for n in op.ndims[1:])
    return lambda *inputs: (law(*inputs), *rest)

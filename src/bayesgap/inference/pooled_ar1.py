"""Regional paths around pooled means, in closed form: what the small panels share.

A1  y[r,t] = mu + m[r] + v[t] + w[r,t];  m[r] ~ Normal(0, tau)
A2  v[t+1] = rho v[t] + common z;  w[r,t+1] = rho w[r,t] + sigma size[r]^(-gamma) z, stationary

All is Gaussian, so m, v and w are integrated out of the likelihood (`pooled_kernel`): conditional
forms mix badly, since a mean and a persistent departure from it look alike in six years. The
forecast draws them exactly given the parameters of each draw.
"""

from typing import Any, NamedTuple

import numpy as np

from bayesgap.inference.parts import ar1_step, size_weight

BLOCK = 50  # samples whose covariances are held at a time: they fit in the processor's cache


class Scales(NamedTuple):
    """Parameters of A1-A2; arrays of draws have trailing axes of length one (sample, 1)."""

    tau: Any
    rho: Any
    sigma: Any
    common: Any
    gamma: Any


def covariance(scales: Scales, size: np.ndarray, years: int) -> Any:
    """Covariance of all y (..., region x year, region x year), regions slowest."""
    regions = size.size
    lag = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))[:, None, :]
    same = np.eye(regions)[:, None, :, None]
    tau, rho, sigma, common, gamma = (_last_four(value) for value in scales)
    memory = rho**lag / (1.0 - rho**2)
    own = sigma**2 * size_weight(size[:, None, None, None], gamma)
    whole = memory * (common**2 + own * same) + tau**2 * same
    samples = [whole.shape[i] for i in range(whole.ndim - 4)]
    return whole.reshape((*samples, regions * years, regions * years))


def _last_four(value: Any) -> Any:
    """Value that broadcasts over (region, year, region, year)."""
    return value[..., None, None, None] if getattr(value, "ndim", 0) else value


def draw_now(
    deviation: np.ndarray, scales: Scales, size: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exact draws of m (sample, region), v (sample, 1) and w (sample, region) in the last year.

    `deviation` is y - mu (sample, region, year).
    """
    samples, regions, _ = deviation.shape
    mean = np.empty((samples, regions + 1))
    roots = np.empty((samples, regions + 1, regions + 1))
    for start in range(0, samples, BLOCK):
        part = slice(start, start + BLOCK)
        some = Scales(*(value[part] if len(value) == samples else value for value in scales))
        mean[part], roots[part] = _now(deviation[part], some, size)
    drawn = mean + np.einsum("snk,sk->sn", roots, rng.standard_normal(mean.shape))
    m, v = drawn[:, :regions], drawn[:, regions:]
    return m, v, deviation[..., -1] - m - v


def _now(deviation: np.ndarray, scales: Scales, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and roots of the covariance of (m, v) in the last year, given all y."""
    samples, regions, years = deviation.shape
    whole = covariance(scales, size, years)
    lag = np.arange(years)[::-1]
    effect = np.repeat(np.eye(regions), years, axis=1) * scales.tau[..., None] ** 2
    start = scales.common**2 * scales.rho**lag / (1 - scales.rho**2)
    cross = np.concatenate([effect, np.tile(start, regions)[:, None, :]], axis=1)
    before = np.zeros((samples, regions + 1, regions + 1))
    before[:, :regions, :regions] = np.eye(regions) * scales.tau[..., None] ** 2
    before[:, -1, -1] = (scales.common**2 / (1 - scales.rho**2))[:, 0]
    gain = np.linalg.solve(whole, np.swapaxes(cross, 1, 2))
    mean = np.einsum("skn,sk->sn", gain, deviation.reshape(samples, -1))
    after = before - cross @ gain
    return mean, np.linalg.cholesky(after + 1e-12 * np.eye(regions + 1))


def step(
    v: np.ndarray, w: np.ndarray, scales: Scales, size: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Paths v and w one year on (A2)."""
    scale = scales.sigma * np.sqrt(size_weight(size, scales.gamma))
    together = ar1_step(v, scales.rho, scales.common * rng.standard_normal(v.shape))
    return together, ar1_step(w, scales.rho, scale * rng.standard_normal(w.shape))

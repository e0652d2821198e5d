"""Paths over years of several units, pooled, with exact Gaussian conditioning.

Equations
---------
H1  x[u,t] = centre + level[u] + (drift + slope[u]) (t - t0) / 10 + walk[u,t]
H2  level ~ Normal(0, s_level), slope ~ Normal(0, s_slope), walk a random walk with step s_walk;
    centre and drift Normal with known parameters; s_* half-normal
H3  y[i] ~ Normal(x[u_i, t_i], sd[i]): logits or logs of counts, with their sampling error
H4  given s_*, x and y are jointly Gaussian: s_* are laid out evenly over their priors (Sobol
    points) and weighted by the evidence p(y | s_*); x then follows by conditioning draws from its
    prior on y (Matheron's rule)

Units without observations follow the pooled path. Nothing is iterated, so nothing can fail to
converge; what can fail is the weighting, and the effective number of points is returned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.special import ndtri
from scipy.stats import qmc

from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.priors import HalfNormal, Normal, PriorSpec

POINTS = 1024
SCALES = ("level", "slope", "walk")
_JITTER = 1e-9


@dataclass(frozen=True)
class Observations:
    """What was seen, transformed to the scale of the path: value and error sd of unit and year."""

    unit: np.ndarray
    year: np.ndarray
    value: np.ndarray
    sd: np.ndarray


def pooled_paths(
    seen: Observations,
    units: Sequence[str],
    years: Sequence[int],
    priors: Mapping[str, PriorSpec],
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[xr.DataArray, float]:
    """Draws of every unit's path, and the effective number of resampled scales.

    Parameters
    ----------
    seen : Observations
        Units and years must be among `units` and `years`.
    priors : centre, drift (normal); level, slope, walk (half-normal)
    shape : (chains, draws)

    Returns
    -------
    (chain, draw, unit, year) on the scale of the observations; effective number of points
    """
    scales = np.column_stack(_scales(priors, rng))
    at = _place(seen.unit, units) * len(years) + _place(seen.year, years)
    parts = _parts(len(units), np.asarray(years), priors)
    mean = _mean(priors)
    weight = _evidence(seen, scales, [part[np.ix_(at, at)] for part in parts], mean)
    picked = rng.choice(POINTS, size=shape[0] * shape[1], p=weight)
    draws = np.empty((picked.size, len(units) * len(years)))
    for point in np.unique(picked):
        own = np.flatnonzero(picked == point)
        full = _covariance(parts, scales[point])
        draws[own] = _conditioned(seen, at, full, mean, own.size, rng)
    coords = {"unit": list(units), "year": list(years)}
    paths = draws.reshape(*shape, len(units), len(years))
    array = xr.DataArray(paths, dims=(*SAMPLE_DIMS, "unit", "year"), coords=coords)
    return array, float(1.0 / np.sum(weight**2))


def _scales(priors: Mapping[str, PriorSpec], rng: np.random.Generator) -> list[np.ndarray]:
    """Points of each scale's half-normal prior, spread evenly over all three together."""
    even = qmc.Sobol(len(SCALES), rng=rng).random(POINTS)
    out = []
    for column, name in zip(even.T, SCALES, strict=True):
        spec = priors[name]
        if not isinstance(spec, HalfNormal):
            raise TypeError(f"{name} must be half_normal; found {spec.dist}")
        out.append(spec.sigma * ndtri(0.5 + column / 2))
    return out


def _mean(priors: Mapping[str, PriorSpec]) -> float:
    centre = priors["centre"]
    return centre.mu if isinstance(centre, Normal) else 0.0


def _place(labels: np.ndarray, known: Sequence[object]) -> np.ndarray:
    index = {label: place for place, label in enumerate(known)}
    return np.array([index[label] for label in labels.tolist()], dtype=int)


def _parts(units: int, years: np.ndarray, priors: Mapping[str, PriorSpec]) -> list[np.ndarray]:
    """Covariances (state, state) of H1: fixed part, then per unit variance of the three scales."""
    centre, drift = (priors[name].params() for name in ("centre", "drift"))
    time = (years - years[0]) / 10.0
    same, every = np.eye(units), np.ones((units, units))
    slope = np.outer(time, time)
    walk = np.minimum.outer(years - years[0], years - years[0]).astype(float)
    fixed = np.kron(every, centre["sigma"] ** 2 + drift["sigma"] ** 2 * slope)
    level = np.kron(same, np.ones_like(slope))
    return [fixed, level, np.kron(same, slope), np.kron(same, walk)]


def _covariance(parts: Sequence[np.ndarray], scales: np.ndarray) -> np.ndarray:
    """(row, column) from the parts and the three scales."""
    fixed, *rest = parts
    return fixed + sum(scale**2 * part for scale, part in zip(scales, rest, strict=True))


def _evidence(
    seen: Observations, scales: np.ndarray, parts: Sequence[np.ndarray], mean: float
) -> np.ndarray:
    """Normalised p(y | scales) of every point."""
    log = np.zeros(len(scales))
    for point, own in enumerate(scales) if len(seen.value) else ():
        root = cholesky(_covariance(parts, own) + np.diag(seen.sd**2 + _JITTER), lower=True)
        white = solve_triangular(root, seen.value - mean, lower=True)
        log[point] = -0.5 * (white**2).sum() - np.log(np.diagonal(root)).sum()
    weight = np.exp(log - log.max())
    return weight / weight.sum()


def _conditioned(
    seen: Observations,
    at: np.ndarray,
    full: np.ndarray,
    mean: float,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """States (draw, state) given the observations, at one point of the scales (H4)."""
    root = cholesky(full + _JITTER * np.eye(len(full)), lower=True)
    prior = mean + rng.standard_normal((size, len(full))) @ root.T
    if not len(seen.value):
        return prior
    noise = seen.sd * rng.standard_normal((size, len(at)))
    own = cho_factor(full[np.ix_(at, at)] + np.diag(seen.sd**2 + _JITTER))
    gain = cho_solve(own, (seen.value - prior[:, at] - noise).T)
    return prior + (full[:, at] @ gain).T


def logit(share: Any) -> Any:
    """Log-odds, of an array with or without labels."""
    return np.log(share / (1.0 - share))


def expit(value: xr.DataArray) -> xr.DataArray:
    """Inverse of the log-odds."""
    return 1.0 / (1.0 + xr.ufuncs.exp(-value))

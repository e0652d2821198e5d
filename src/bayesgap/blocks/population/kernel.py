"""Log likelihood of all scores (P1-P4) as one operation, with its gradient written out.

The filter and the laws are those of `population_laws`, compiled. The operation serves the sampled
block; `population_fast` calls the same code on arrays (docs/adr/0042).
"""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np

from bayesgap.blocks.population import laws as law
from bayesgap.inference import parts
from bayesgap.inference.kernels import Arrays, LogDensity, code_of


class Moved(NamedTuple):
    """Parameters of the scores: eight vectors (component), three numbers, z (component, year)."""

    score_mean: Any
    score_region: Any
    score_innovation: Any
    score_persistence: Any
    score_excess: Any
    score_transitory: Any
    score_shock: Any
    score_common: Any
    score_size: Any
    score_widening: Any
    cell_dispersion: Any
    z_wave: Any


class Given(NamedTuple):
    """Scores and their variance (component, region, year), shock (year), size, side (region)."""

    score: Any
    variance: Any
    shock: Any
    size: Any
    side: Any


MOVED = len(Moved._fields)
_weight = numba.njit(law.size_weight, error_model="numpy")
_widened = numba.njit(law.widened, error_model="numpy")
_transitory = numba.njit(law.transitory, error_model="numpy")
_stationary = numba.njit(parts.stationary_scale, error_model="numpy")
_ar1 = numba.njit(parts.ar1_step, error_model="numpy")


@numba.njit(error_model="numpy")
def _waves(z: Any, rho: Any, scale: Any) -> Any:
    """Standard waves (component, year) from their normals (P3)."""
    out = np.empty(z.shape)
    for k in range(z.shape[0]):
        out[k, 0] = _stationary(rho[k], 1.0) * z[k, 0]
        for t in range(1, z.shape[1]):
            out[k, t] = _ar1(out[k, t - 1], rho[k], scale[t] * z[k, t])
    return out


@numba.njit(error_model="numpy")
def _into(scale: Any) -> Any:
    """Scale of the innovation that leads from each year into the next; the last is not used."""
    return np.append(scale[1:], scale[-1])


@numba.njit(error_model="numpy")
def _series(moved: Arrays, given: Arrays, shared: Any, scale: Any) -> Arrays:
    """Observations, noise, innovations (year, series) and first variances (series) of the filter.

    Series are the regions of each component, side by side in memory.
    """
    tau, sigma, rho, excess, omega, kappa = moved[1:7]
    score, variance, shock, size, side = given
    components, regions, years = score.shape
    wide, into = (years, components * regions), _into(scale)
    y, noise, steps = np.empty(wide), np.empty(wide), np.empty(wide)
    first = np.empty((3, components * regions))  # of d, of u, and rho
    weight = _weight(size, moved[8])
    for k in range(components):
        begin = _stationary(rho[k], 1.0) ** 2 * sigma[k] ** 2
        for r in range(regions):
            s = k * regions + r
            first[0, s], first[1, s], first[2, s] = tau[k] ** 2, begin * weight[r], rho[k]
            for t in range(years):
                y[t, s] = score[k, r, t] - shared[k, t] * side[r]
                noise[t, s] = _transitory(
                    moved[10], excess[k], variance[k, r, t], omega[k], kappa[k], shock[t], weight[r]
                )
                steps[t, s] = sigma[k] ** 2 * weight[r] * into[t] ** 2
    return y, noise, steps, first


@numba.njit(error_model="numpy")
def _by_waves(by_shared: Any, moved: Arrays, waves: Any, scale: Any) -> Arrays:
    """Reverse of the shared part: slopes by z, rho, scale and common, from those by the part."""
    rho, common, z = moved[3], moved[7], moved[11]
    by_z, by_rho = np.empty(z.shape), np.zeros(rho.size)
    by_scale, by_common = np.zeros(scale.size), np.zeros(common.size)
    for k in range(rho.size):
        by = by_shared[k] - by_shared[k].mean()
        by_common[k] = (by * waves[k]).sum()
        later = 0.0
        for t in range(z.shape[1] - 1, 0, -1):
            later = common[k] * by[t] + rho[k] * later
            by_z[k, t] = later * scale[t]
            by_scale[t] += later * z[k, t]
            by_rho[k] += later * waves[k, t - 1]
        later = common[k] * by[0] + rho[k] * later
        start = _stationary(rho[k], 1.0)
        by_z[k, 0] = later * start
        by_rho[k] += later * z[k, 0] * rho[k] * start**3
    return by_z, by_rho, by_scale, by_common


@numba.njit(error_model="numpy")
def _by_parameters(moved: Arrays, given: Arrays, scale: Any, by: Arrays) -> Arrays:
    """Slopes by parameters and by `scale`, from those by the arguments of the filter.

    Returns vectors (7, component) in the order of `Moved`, that by size, that by phi, by `scale`,
    and that by the shared part (component, year).
    """
    tau, sigma, rho, _, omega, kappa = moved[1:7]
    _, variance, shock, size, side = given
    by_y, by_noise, by_steps, by_d, by_u, by_own_rho = by
    components, regions, years = variance.shape
    into, weight = _into(scale), _weight(size, moved[8])
    vectors, by_shared = np.zeros((7, components)), np.zeros((components, years))
    by_into, by_size, by_phi = np.zeros(years), 0.0, 0.0
    for k in range(components):
        begin = 1.0 / (1.0 - rho[k] ** 2)
        for r in range(regions):
            s, by_weight, by_own = k * regions + r, 0.0, by_u[k * regions + r] * begin
            vectors[1, k] += 2.0 * tau[k] * by_d[s]
            vectors[3, k] += by_own_rho[s]
            vectors[3, k] += by_u[s] * sigma[k] ** 2 * weight[r] * 2.0 * rho[k] * begin**2
            for t in range(years):
                slope, own = by_noise[t, s], by_steps[t, s]
                by_shared[k, t] -= by_y[t, s] * side[r]
                by_phi += slope * variance[k, r, t]
                vectors[4, k] += slope * variance[k, r, t]
                vectors[5, k] += 2.0 * omega[k] * slope * weight[r]
                vectors[6, k] += 2.0 * kappa[k] * slope * shock[t] * weight[r]
                by_weight += slope * (omega[k] ** 2 + shock[t] * kappa[k] ** 2)
                by_own += own * into[t] ** 2
                by_into[t] += own * sigma[k] ** 2 * weight[r] * 2.0 * into[t]
            vectors[2, k] += 2.0 * sigma[k] * by_own * weight[r]
            by_size -= 2.0 * size[r] * weight[r] * (by_weight + by_own * sigma[k] ** 2)
        vectors[0, k] = by_shared[k].sum()
    by_scale = np.append(np.zeros(1), by_into[:-1])
    by_scale[-1] += by_into[-1]
    return vectors, by_size, by_phi, by_scale, by_shared


@numba.njit(error_model="numpy")
def _density(moved: Arrays, given: Arrays) -> Arrays:
    """Log density without its constant, and its slopes by every member of `Moved`."""
    mean, rho, common, widening, z = moved[0], moved[3], moved[7], moved[9], moved[11]
    shock = given[2]
    scale = _widened(shock, widening)
    waves = _waves(z, rho, scale)
    shared = np.empty(waves.shape)
    for k in range(mean.size):
        shared[k] = mean[k] + common[k] * (waves[k] - waves[k].mean())
    y, noise, steps, first = _series(moved, given, shared, scale)
    value, by_y, by_noise, by_d, by_u, by_own, by_steps = law.filtered(
        y, noise, first[0], first[1], first[2], steps
    )
    by = (by_y, by_noise, by_steps, by_d, by_u, by_own)
    vectors, by_size, by_phi, by_scale, by_shared = _by_parameters(moved, given, scale, by)
    by_z, by_rho, more_scale, by_common = _by_waves(by_shared, moved, waves, scale)
    vectors[3] += by_rho
    by_widening = ((by_scale + more_scale) * shock).sum()
    return value, vectors, by_common, by_size, by_widening, by_phi, by_z


def density(*arguments: Any) -> Arrays:
    """Log density of scores without its constant, and its slopes by every member of `Moved`."""
    moved, given = arguments[:MOVED], arguments[MOVED:]
    value, vectors, by_common, by_size, by_widening, by_phi, by_z = _density(moved, given)
    return (
        np.asarray(value),
        vectors[0],
        vectors[1],
        vectors[2],
        vectors[3],
        vectors[4],
        vectors[5],
        vectors[6],
        by_common,
        np.asarray(by_size),
        np.asarray(by_widening),
        np.asarray(by_phi),
        by_z,
    )


_code = code_of(sys.modules[__name__], law, parts)
_operation = LogDensity("scores", _code, density, (0, *[1] * 8, 0, 0, 0, 2))


def score_likelihood(moved: Moved, given: Given) -> Any:
    """Log density of scores without its constant, as a tensor."""
    return _operation(*moved, *given)[0]


def score_arrays(moved: Moved, given: Given) -> tuple[float, dict[str, Any]]:
    """`score_likelihood` of arrays, and its slopes by name."""
    value, *slopes = _operation.function(*moved, *given)
    return float(value), dict(zip(Moved._fields, slopes, strict=True))

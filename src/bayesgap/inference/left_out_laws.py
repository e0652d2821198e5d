"""Densities of some observations given the others, on arrays of draws.

Equations
---------
I1  log p(y_g | y_rest, theta): the observations g given all others, with the effects and paths
    that no forecast begins from integrated out (I2-I4); its inverse weighs a draw as if g had not
    been seen when theta was learned
I2  y ~ Normal(mu, S), Q = S^-1, d = y - mu:  y_g given the rest has covariance Q_gg^-1 and lies
    Q_gg^-1 (Q d)_g above its mean
I3  steps of an AR(1), year t out: p(y[t] | y[t-1]) p(y[t+1] | y[t]) over its integral in y[t]
I4  y[i,j] ~ StudentT(centre + e[i], scale[i,j]),  e[i] ~ Normal(0, tau): e is integrated out by
    Gauss-Hermite nodes about its mode; without y[i,j] by the same nodes

All are logarithms without the constants that no parameter moves. What a forecast begins from stays
as observed.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy import stats

from bayesgap.inference import pooled_ar1
from bayesgap.inference.parts import Draws, ar1_step, cycle_of

TAIL = 4.0  # degrees of freedom of all heavy tails
NODES = 9
STEPS = 6  # of the search for a mode
WIDER = 1.3  # nodes reach further than the curvature at the mode: a year less is wider
QUANTILES = 400  # points of a year that is left out
BATCH = 250  # draws whose covariances are held at once


class LeftOut(NamedTuple):
    """Observations of one region or year, and their density given all others (sample)."""

    kind: str
    name: str
    log: np.ndarray


def paths_out(away: np.ndarray, scales: pooled_ar1.Scales, size: np.ndarray) -> np.ndarray:
    """I2 of pooled paths less their mean (sample, region, year): (sample, region + year).

    Parameters
    ----------
    scales : arrays (sample)
    """
    samples, regions, years = away.shape
    cells = np.arange(regions * years).reshape(regions, years)
    groups = [*cells, *cells.T]
    out = np.empty((samples, len(groups)))
    for start in range(0, samples, BATCH):
        part = slice(start, start + BATCH)
        cut = pooled_ar1.Scales(*(value[part, None] for value in scales))
        q = np.linalg.inv(pooled_ar1.covariance(cut, size, years))
        pull = np.einsum("sij,sj->si", q, away[part].reshape(-1, regions * years))
        for column, group in enumerate(groups):
            own = q[:, group[:, None], group]
            solved = np.linalg.solve(own, pull[:, group, None])[..., 0]
            squares = (pull[:, group] * solved).sum(1)
            out[part, column] = 0.5 * (np.linalg.slogdet(own)[1] - squares)
    return out


def student_years(
    away: np.ndarray, rho: np.ndarray, swing: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """I3 of a heavy-tailed path about its mean (year, sample): (year, sample).

    The first year is given: without it the second is.

    Parameters
    ----------
    swing, scale : (year - 1, sample) what is known of each step, and the scale of the rest
    """

    def step(before: np.ndarray, t: int) -> np.ndarray:
        return student(away[t + 1] - ar1_step(before, rho, swing[t]), scale[t])

    own = np.array([step(away[t], t) for t in range(len(swing))])
    out = np.concatenate([own[:1], own])
    normed = stats.t.ppf((np.arange(QUANTILES) + 0.5) / QUANTILES, TAIL)[:, None]
    for t in range(1, len(swing)):
        might = ar1_step(away[t - 1], rho, swing[t - 1]) + scale[t - 1] * normed
        over = _log_sum(step(might, t)) - np.log(QUANTILES)
        out[t] = own[t - 1] + own[t] - over
    return out


def normal_years(
    away: np.ndarray, rho: np.ndarray, own: np.ndarray, load: np.ndarray, linked: np.ndarray
) -> np.ndarray:
    """I3 of normal paths about their mean (year, sample, member): (year, sample).

    Parameters
    ----------
    rho : (sample, 1)
    own, load : (sample, member) variance of each step, and loading of what members share
    linked : (year - 1) whether a year follows the one before
    """
    out = np.zeros(away.shape[:2])
    for t in range(len(away)):
        before, after = t > 0 and linked[t - 1], t < len(linked) and linked[t]
        if before:
            out[t] += one_factor(ar1_step(away[t - 1], -rho, away[t]), own, load)
        if after:
            out[t] += one_factor(ar1_step(away[t], -rho, away[t + 1]), own, load)
        if before and after:
            over, wide = ar1_step(away[t - 1], -(rho**2), away[t + 1]), 1.0 + rho**2
            out[t] -= one_factor(over, own * wide, load * np.sqrt(wide))
    return out


def one_factor(value: np.ndarray, own: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Log density (sample) of values Normal(0, diag(own) + load load') (sample, member)."""
    part = 1.0 + (load**2 / own).sum(-1)
    pull = (value * load / own).sum(-1)
    squares = (value**2 / own).sum(-1) - pull**2 / part
    return -0.5 * (squares + np.log(own).sum(-1) + np.log(part))


def student(value: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Log density of Student's t."""
    return -np.log(scale) - 0.5 * (TAIL + 1.0) * np.log1p((value / scale) ** 2 / TAIL)


def effects_out(
    away: np.ndarray, tau: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """I4 for values less their centre (..., observation): of all (...), and of each given others.

    Parameters
    ----------
    tau : (...) spread of the effects
    scale : (..., observation)
    """
    mode = np.zeros(tau.shape)
    for _ in range(STEPS):
        weight = (TAIL + 1.0) / (TAIL + ((away - mode[..., None]) / scale) ** 2) / scale**2
        mode = (weight * away).sum(-1) / (weight.sum(-1) + tau**-2.0)
    informed = (TAIL + 1.0) / (TAIL + 3.0) * (scale**-2.0).sum(-1)
    spread = WIDER / np.sqrt(informed + tau**-2.0)
    points, weights = np.polynomial.hermite_e.hermegauss(NODES)
    each, node = [], []
    for point, own in zip(points, np.log(weights) + 0.5 * points**2, strict=True):
        effect = mode + spread * point
        each.append(student(away - effect[..., None], scale))
        prior = -0.5 * (effect / tau) ** 2 - np.log(tau)
        node.append(own + np.log(spread) + prior + each[-1].sum(-1))
    whole = _log_sum(np.array(node))
    less = _log_sum(np.array([n[..., None] - e for n, e in zip(node, each, strict=True)]))
    return whole, whole[..., None] - less


def _log_sum(logs: np.ndarray) -> np.ndarray:
    """Log of the sum of exponentials along the first axis, for finite logs."""
    most = logs.max(axis=0)
    return most + np.log(np.exp(logs - most).sum(axis=0))


def named(kind: str, names: Iterable[Any], logs: Iterable[np.ndarray]) -> Iterator[LeftOut]:
    """Each name of a kind with its log densities."""
    for name, log in zip(names, logs, strict=True):
        yield LeftOut(kind, str(name), log)


def nation_years(p: Draws, panel: xr.Dataset, away: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Years (year, sample) of a national path that the business cycle is a part of."""
    cycle, known = (v[:, None] for v in cycle_of(panel, panel["nation_year"].values[1:]))
    sigma = p["national_innovation"]
    scale = sigma * np.sqrt(1.0 - known * part**2)
    return student_years(away, p["national_persistence"], sigma * part * cycle, scale)

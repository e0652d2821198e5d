"""Directions in which the stocks are sharply or hardly told, from the linearised likelihood.

The sampler works in coordinates that are nearly uncorrelated a posteriori:

N1  shared normal parameters = prior mean + prior sd Q z;  z ~ Normal(0, 1);  Q: the principal axes
    of their linearised posterior, a rotation, so z has the same prior whatever Q is
N2  parameter of a region = what is sampled + M (shared parameters); M: its linearised regression
    on them, a mere shift, so the parameter keeps its prior

Both hold exactly for any Q and M: the linearisation decides how fast the sampler is, not what it
finds. It is made around the mode. Source: Gelman et al. (2013) 12.1 (reparameterising).
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from bayesgap.blocks.education import stocks
from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.cells import Observations, build_cells, build_observations
from bayesgap.study.priors import BlockPriors, PriorSpec

ROUNDS = 8
STEP = 1e-4  # prior standard deviations
FIRST_MISFIT, PRIOR_COUNT = 0.05, 3.0
POINTS, WIDER = 8, 1.3  # misfits of a mode are too small: it fits some noise
LOCAL_SPREAD = {
    "region_level_deviation": "region_level_spread",
    "region_tilt_deviation": "region_tilt_spread",
    "immigrant_level_region": "immigrant_level_spread",
    "immigrant_trend_region": "immigrant_trend_spread",
    "resident_split": "region_level_spread",  # splits follow the level
}
LOCAL_MEAN = {
    "immigrant_level_region": "immigrant_level",
    "immigrant_trend_region": "immigrant_trend",
}


def typical(spec: PriorSpec) -> float:
    """Median of a prior of a scale, or centre of another."""
    values = spec.params()
    if spec.dist == "half_normal":
        return 0.6745 * values["sigma"]
    if spec.dist == "log_normal":
        return float(np.exp(values["mu"]))
    if spec.dist == "normal":
        return values["mu"]
    return values["alpha"] / (values["alpha"] + values["beta"])


def directions(panel: xr.Dataset, priors: BlockPriors) -> tuple[Floats, Floats]:
    """Rotation Q (shared, direction) and regressions M (local, shared and coarse part): N1, N2."""
    spread = _prior(panel, priors)[1]
    covariance = average_covariance(panel, priors)
    number = stocks.size(stocks.shared_layout(panel))
    _, rotation = np.linalg.eigh(covariance[:number, :number])
    told = slice(0, number + 1)
    slopes = np.linalg.solve(covariance[told, told], covariance[told, number + 1 :]).T
    units = np.append(np.ones(number), spread[number])
    return rotation, spread[number + 1 :, None] * slopes / units


def average_covariance(panel: xr.Dataset, priors: BlockPriors) -> Floats:
    """Mean covariance, in prior standard deviations, over points drawn around the mode.

    The stocks are no straight lines in the parameters: one point alone would tell too sharply.
    """
    seen, (_, spread) = build_observations(panel), _prior(panel, priors)
    logits = _logits(panel, priors, seen)
    mode, root, precision = linearised(panel, priors)
    kept = seen.later * typical(priors["persistence"]) ** seen.years
    coarse = stocks.size(stocks.shared_layout(panel))
    factor = np.linalg.cholesky(np.linalg.inv(precision))
    rng, out = np.random.default_rng(POINTS), []
    for _ in range(POINTS):
        point = mode + spread * (factor @ rng.standard_normal(mode.size))
        point[coarse] = np.clip(np.abs(point[coarse]), 0.0, 1.0)
        rows = root[:, None] * _fresh(seen, kept, _linear(logits, point, spread)[1])
        out.append(np.linalg.inv(rows.T @ rows / WIDER**2 + np.eye(mode.size)))
    return np.mean(out, axis=0)


def linearised(panel: xr.Dataset, priors: BlockPriors) -> tuple[Floats, Floats, Floats]:
    """Mode of all location parameters, weights of observations, precision in prior deviations.

    Weighted least squares towards the mode: each round sets the misfit of every series from the
    residuals of the round before.
    """
    seen = build_observations(panel)
    (mean, spread), logits = _prior(panel, priors), _logits(panel, priors, seen)
    at, misfit = mean.copy(), np.full(seen.series.max() + 1, FIRST_MISFIT)
    kept = seen.later * typical(priors["persistence"]) ** seen.years
    precision, root = np.eye(at.size), np.ones(seen.value.size)
    for _ in range(ROUNDS):
        value, slopes = _linear(logits, at, spread)
        apart = _fresh(seen, kept, seen.value - value)
        misfit = _misfit(seen, apart, typical(priors["misfit"]))
        root = 1.0 / misfit[seen.series]
        rows = root[:, None] * _fresh(seen, kept, slopes)
        precision = rows.T @ rows + np.eye(at.size)
        pull = rows.T @ (root * apart) - (at - mean) / spread
        at = at + spread * np.linalg.solve(precision, pull)
    return at, root, precision


def _misfit(seen: Observations, apart: Floats, assumed: float) -> Floats:
    """Scale of each series from its residuals, with `PRIOR_COUNT` residuals as assumed."""
    total = PRIOR_COUNT * assumed**2 + np.bincount(seen.series, apart**2)
    return np.sqrt(total / (PRIOR_COUNT + np.bincount(seen.series)))


def _prior(panel: xr.Dataset, priors: BlockPriors) -> tuple[Floats, Floats]:
    """Prior mean and sd of shared parameters, of the coarse part, of local parameters."""
    mean, spread = [], []
    for name, shape in stocks.shared_layout(panel).items():
        values = priors[name].params() if name in priors else {"mu": 0.0, "sigma": 1.0}
        mean.append(np.full(shape, values["mu"]).ravel())
        spread.append(np.full(shape, values["sigma"]).ravel())
    mean.append(np.array([typical(priors["vocational_counted"])]))
    spread.append(np.array([0.3]))  # of a uniform share
    for name, shape in stocks.local_layout(panel).items():
        centre = typical(priors[LOCAL_MEAN[name]]) if name in LOCAL_MEAN else 0.0
        mean.append(np.full(shape, centre).ravel())
        spread.append(np.full(shape, typical(priors[LOCAL_SPREAD[name]])).ravel())
    return np.concatenate(mean), np.concatenate(spread)


def _logits(
    panel: xr.Dataset, priors: BlockPriors, seen: Observations
) -> Callable[[Floats], Floats]:
    """Expected observations as a function of the one vector of all parameters."""
    cells, assumed = build_cells(panel), stocks.build_assumed(panel)
    layout = stocks.shared_layout(panel) | {"vocational_counted": ()}
    layout |= stocks.local_layout(panel)
    innovation = np.full(panel.sizes["logit"], typical(priors["cohort_innovation"]))

    def logits(vector: Floats) -> Floats:
        p = stocks.unpacked(vector, layout) | {"cohort_innovation": innovation}
        return stocks.stock_means(cells, assumed, seen, p)

    return logits


def _linear(
    logits: Callable[[Floats], Floats], at: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """Value and slopes (observation, parameter), in prior standard deviations."""
    value = logits(at)
    moves = np.diag(STEP * spread)
    return value, np.stack([(logits(at + move) - value) / STEP for move in moves], axis=1)


def _fresh(seen: Observations, kept: Floats, rows: Floats) -> Floats:
    """What is new in each observation, on the scale of a single one (E7)."""
    column = (-1, *[1] * (rows.ndim - 1))
    fresh = rows - kept.reshape(column) * rows[seen.previous]
    return fresh / np.sqrt(1.0 - kept**2).reshape(column)

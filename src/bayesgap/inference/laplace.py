"""Posterior mode of an unconstrained density, its curvature, and draws from that normal.

Parameters live where they are unbounded: scales as logs, probabilities as logits. The densities
of priors here are those of `parts.prior`, with the volume of that change of coordinates.
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.special import expit

from bayesgap.errors import FitError
from bayesgap.study.priors import PriorSpec

Density = Callable[[np.ndarray], tuple[float, np.ndarray]]
STEP = 1e-4  # of an unconstrained parameter, whose prior has a scale of about one
FLAT = 0.5  # slope at which a search may end: far less than what moves the mode by a tenth
WEAKEST = 0.1  # smallest curvature: a direction is no wider than about three prior scales


def mode_draws(
    negative_log_density: Density, start: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws (draw, parameter) from the normal at the lowest point of `negative_log_density`.

    Parameters
    ----------
    falling : minus the log density and its gradient
    start : where the search begins

    Raises
    ------
    FitError
        The search did not end at a mode.
    """
    options = {"maxiter": 4000, "maxfun": 8000, "maxcor": 30, "ftol": 1e-12, "gtol": 1e-3}
    with np.errstate(all="ignore"):  # a step too far overflows, and is taken back
        found = minimize(negative_log_density, start, jac=True, method="L-BFGS-B", options=options)
    slope = float(np.abs(found.jac).max())
    if not slope <= FLAT:
        raise FitError(
            f"The search for the mode of {len(start)} parameters must end where the density is "
            f"flat; a slope of {slope:.2g} was left. Sample this fit instead."
        )
    values, vectors = eigh(curvature(negative_log_density, found.x))
    scale = 1 / np.sqrt(np.maximum(values, WEAKEST))
    return found.x + (rng.standard_normal((draws, len(start))) * scale) @ vectors.T


def curvature(negative_log_density: Density, mode: np.ndarray) -> np.ndarray:
    """Second derivatives at `mode`, by central differences of the gradient."""
    rows = np.empty((len(mode), len(mode)))
    for place in range(len(mode)):
        step = np.zeros(len(mode))
        step[place] = STEP
        rows[place] = (
            negative_log_density(mode + step)[1] - negative_log_density(mode - step)[1]
        ) / (2 * STEP)
    return (rows + rows.T) / 2


def sloped(density: Callable[[np.ndarray], float]) -> Density:
    """A density of few parameters with its gradient by central differences."""

    def both(point: np.ndarray) -> tuple[float, np.ndarray]:
        steps = STEP * np.eye(len(point))
        rise = [(density(point + s) - density(point - s)) / (2 * STEP) for s in steps]
        return density(point), np.array(rise)

    return both


def bounded(spec: PriorSpec, free: np.ndarray) -> np.ndarray:
    """Parameter of prior `spec` from its unbounded coordinate."""
    if spec.dist == "normal":
        return np.asarray(free)
    return expit(free) if spec.dist == "beta" else np.exp(free)


def bounded_slope(spec: PriorSpec, value: np.ndarray) -> np.ndarray:
    """Derivative of the parameter by its unbounded coordinate."""
    if spec.dist == "normal":
        return np.ones_like(value)
    return value * (1 - value) if spec.dist == "beta" else value


def log_prior(spec: PriorSpec, free: np.ndarray) -> tuple[float, np.ndarray]:
    """Log density of the unbounded coordinate, without its constant, and its gradient."""
    p = spec.params()
    if spec.dist in ("normal", "log_normal"):
        z = (free - p["mu"]) / p["sigma"]
        return -0.5 * float((z**2).sum()), -z / p["sigma"]
    if spec.dist == "half_normal":
        square = np.exp(2 * free) / p["sigma"] ** 2
        return float((free - square / 2).sum()), 1 - square
    if spec.dist == "beta":
        share = expit(free)
        value = p["alpha"] * np.log(share) + p["beta"] * np.log1p(-share)
        return float(value.sum()), p["alpha"] * (1 - share) - p["beta"] * share
    raise FitError(f"The fast fit knows no prior with dist = {spec.dist!r}. Sample instead.")

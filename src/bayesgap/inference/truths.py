"""Truths: draws from declared priors, with NumPy alone."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from bayesgap.study.priors import BlockPriors, PriorSpec

Truth = dict[str, Any]
Shape = int | tuple[int, ...]
Swings = Mapping[int, float]  # the business cycle by year
NONE: Swings = {}


class Simulated(NamedTuple):
    """What was drawn, parameters by name, and the data (names of `pm.Data`) that follow."""

    truth: Truth
    data: dict[str, Any]


def draw(spec: PriorSpec, rng: np.random.Generator, size: Shape | None = None) -> Any:
    """One draw (or `size` of them) of a prior."""
    p = spec.params()
    if spec.dist == "normal":
        return rng.normal(p["mu"], p["sigma"], size)
    if spec.dist == "half_normal":
        return np.abs(rng.normal(0.0, p["sigma"], size))
    if spec.dist == "log_normal":
        return np.exp(rng.normal(p["mu"], p["sigma"], size))
    if spec.dist == "beta":
        return rng.beta(p["alpha"], p["beta"], size)
    return rng.gamma(p["alpha"], 1.0 / p["beta"], size)


def truth_of(priors: BlockPriors, rng: np.random.Generator, sizes: Mapping[str, Shape]) -> Truth:
    """A truth for every prior; `sizes` names those that are vectors."""
    return {name: draw(spec, rng, sizes.get(name)) for name, spec in priors.items()}


def swing(given: Swings, year: int, rng: np.random.Generator) -> float:
    """The cycle of a year: as given, for blocks that share one, or drawn."""
    return given[year] if year in given else float(rng.standard_normal())


def stationary(
    rho: float, scale: Any, years: int, rng: np.random.Generator, shape: tuple[int, ...] = ()
) -> np.ndarray:
    """AR(1) paths (*shape, year) with innovations of `scale` (*shape), begun in their own law."""
    path = np.empty((*shape, years))
    path[..., 0] = rng.normal(0.0, 1.0, shape) * scale / np.sqrt(1.0 - rho**2)
    for t in range(1, years):
        path[..., t] = rho * path[..., t - 1] + rng.normal(0.0, 1.0, shape) * scale
    return path

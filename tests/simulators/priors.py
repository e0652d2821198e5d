"""Draws from declared priors with numpy alone: the truths of calibration."""

from collections.abc import Mapping

import numpy as np


def draw(spec, rng: np.random.Generator, size: int | tuple[int, ...] | None = None):
    """One draw (or `size` of them) of a prior with its `dist` and parameters."""
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


def truth_of(priors: Mapping, rng: np.random.Generator, sizes: Mapping) -> dict:
    """A truth for every prior; `sizes` names those that are vectors."""
    return {name: draw(spec, rng, sizes.get(name)) for name, spec in priors.items()}

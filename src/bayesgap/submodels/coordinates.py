"""Coordinates in which the sampler moves; they change no law and no prior.

A scale that may be 0 lies, on the log scale on which PyMC puts it, on a plain without an end: a
chain that comes there stays long, and what it stays in weighs on the tails. Folded at 0, it is
the absolute value of a normal variable, and 0 is a place like any other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.logprob.transforms import Transform
from pymc.model.transform.conditioning import change_value_transforms

FOLDED = (  # half-normal scales whose posteriors reach 0 by default
    "score_region",
    "area_scale",
    "growth_scale",
    "common_scale",
    "cycle_load",
    "deviation_scale",
    "home_noise",
    "region_scale",
)
FULL = 100  # dimensions up to which covariances are used, else spreads only
LEAST_SPREAD = 1e-6

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Affine:
    """Coordinates z of a point: mean + factor z; a vector stands for a diagonal factor."""

    mean: Floats
    factor: Floats

    @property
    def diagonal(self) -> bool:
        """Whether each coordinate belongs to one dimension."""
        return self.factor.ndim == 1

    def outside(self, inside: Floats) -> Floats:
        """Points (..., dimension) at coordinates `inside`."""
        return self.mean + (inside * self.factor if self.diagonal else inside @ self.factor.T)

    def inside(self, outside: Floats) -> Floats:
        """Coordinates (..., dimension) of points."""
        away = outside - self.mean
        if self.diagonal:
            return away / self.factor
        return np.ascontiguousarray(np.linalg.solve(self.factor, away.T).T)

    def slope(self, gradient: Floats) -> Floats:
        """Gradient by coordinates, from that by points."""
        return gradient * self.factor if self.diagonal else gradient @ self.factor


def standardising(points: Floats) -> Affine:
    """Coordinates in which `points` (sample, dimension) have mean 0 and covariance about 1.

    Correlations are shrunk by the number of dimensions over that of dimensions and points: those
    of few points are mostly noise, and noise makes coordinates worse than none.
    """
    number, size = points.shape
    spread = np.maximum(points.std(0), LEAST_SPREAD)
    if size > FULL:
        return Affine(points.mean(0), spread)
    kept = number / (number + size)
    standard = (points - points.mean(0)) / spread
    correlation = kept * (standard.T @ standard) / number
    np.fill_diagonal(correlation, 1.0)
    return Affine(points.mean(0), spread[:, None] * np.linalg.cholesky(correlation))


class Folded(Transform):
    """sigma |value| in place of exp(value), for a half-normal with scale sigma.

    Either sign of a value gives the same scale, so that densities are those of the half-normal
    up to a factor of 2.
    """

    name = "folded"
    ndim_supp = 0

    def forward(self, value: Any, *inputs: Any) -> Any:
        """Value on the sampler's scale, the positive one."""
        return value / inputs[-1]

    def backward(self, value: Any, *inputs: Any) -> Any:
        """Scale that `value` stands for."""
        return pt.abs(value) * inputs[-1]

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Log of the derivative of `backward`."""
        return pt.log(pt.abs(inputs[-1])) + pt.zeros_like(value)


def in_coordinates(model: pm.Model) -> pm.Model:
    """Copy of `model`, or itself, in which the half-normal scales `FOLDED` are folded at 0."""
    folded = {
        variable.name: Folded()
        for variable in model.free_RVs
        if variable.name in FOLDED
        and isinstance(variable.owner.op, type(pm.HalfNormal.rv_op))
        and not isinstance(model.rvs_to_transforms[variable], Folded)
    }
    return change_value_transforms(model, folded) if folded else model


def is_folded(model: pm.Model, value: Any) -> bool:
    """Whether a value variable of `model` is a folded scale."""
    return isinstance(model.rvs_to_transforms[model.values_to_rvs[value]], Folded)

"""Coordinates in which the sampler moves; they change no law and no prior.

A scale that may be 0 lies, on the log scale on which PyMC puts it, on a plain without an end: a
chain that comes there stays long, and what it stays in weighs on the tails. Folded at 0, it is
the absolute value of a normal variable, and 0 is a place like any other.
"""

from dataclasses import dataclass
from functools import cached_property
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
LEAST_SPREAD = 1e-8
FULL = 100  # dimensions up to which every direction is turned, however little it stretches
STRETCHED = 2.0  # variance, or its inverse, from which a direction is worth its multiplications
FOG = 0.01, 0.05  # variance added to both covariances, up to `FULL` dimensions and beyond

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Turned:
    """Coordinates z of a point: mean + factor z, of few dimensions."""

    mean: Floats
    factor: Floats

    def outside(self, inside: Floats) -> Floats:
        """Points (..., dimension) at coordinates `inside`."""
        return self.mean + inside @ self.factor.T

    def inside(self, outside: Floats) -> Floats:
        """Coordinates (..., dimension) of points."""
        away = outside - self.mean
        return np.ascontiguousarray(np.linalg.solve(self.factor, away.T).T)

    def slope(self, gradient: Floats) -> Floats:
        """Gradient by coordinates, from that by points."""
        return gradient @ self.factor


@dataclass(frozen=True)
class Stretched:
    """Coordinates z of a point: mean + scale (z + sum of (stretch - 1) (direction z) direction).

    mean and scale (dimension), directions (dimension, direction) orthonormal, stretch (direction).
    """

    mean: Floats
    scale: Floats
    directions: Floats
    stretch: Floats

    @cached_property
    def _legs(self) -> tuple[Floats, Floats]:
        return self.directions * (self.stretch - 1.0), self.directions.T * self.scale

    def outside(self, inside: Floats) -> Floats:
        """Points (..., dimension) at coordinates `inside`."""
        there, back = self._legs
        return self.mean + inside * self.scale + (inside @ there) @ back

    def inside(self, outside: Floats) -> Floats:
        """Coordinates (..., dimension) of points."""
        plain = (outside - self.mean) / self.scale
        less = self.directions * (1.0 / self.stretch - 1.0)
        return np.ascontiguousarray(plain + (plain @ less) @ self.directions.T)

    def slope(self, gradient: Floats) -> Floats:
        """Gradient by coordinates, from that by points."""
        there, back = self._legs
        return gradient * self.scale + (gradient @ back.T) @ there.T


def standardising(points: Floats, slopes: Floats) -> Turned | Stretched:
    """Coordinates in which `points` and the slopes there (sample, dimension) have one covariance.

    The covariance of points shows what a density is far out, that of its slopes what it is near
    by; their geometric mean is that of a normal density without any error, once there are more
    points than dimensions. Source: Seyboldt, Carlson and Carpenter (2026).
    """
    size = points.shape[1]
    scale = np.sqrt(_spread(points) / _spread(slopes))
    fog = FOG[0 if size <= FULL else 1] * np.eye(size)
    far = np.cov(points / scale, rowvar=False, ddof=0) + fog
    near = np.cov(slopes * scale, rowvar=False, ddof=0) + fog
    variances, directions = np.linalg.eigh(_geometric_mean(far, near))
    stretch = np.sqrt(variances)
    if size <= FULL:
        return Turned(points.mean(0), scale[:, None] * directions * stretch)
    kept = np.maximum(variances, 1.0 / variances) > STRETCHED
    return Stretched(points.mean(0), scale, directions[:, kept], stretch[kept])


def _spread(values: Floats) -> Floats:
    return np.maximum(values.std(0), LEAST_SPREAD)


def _geometric_mean(covariance: Floats, precision: Floats) -> Floats:
    """The M of M precision M = covariance."""
    root = _power(precision, 0.5)
    inverse = _power(precision, -0.5)
    return inverse @ _power(root @ covariance @ root, 0.5) @ inverse


def _power(matrix: Floats, exponent: float) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


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

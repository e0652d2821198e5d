"""Folded scales have the density of their half-normal; coordinates make a normal standard."""

import numpy as np
import pymc as pm
import pytest

from bayesgap.inference.coordinates import FOLDED, FULL, in_coordinates, standardising

POINT = np.array([0.5, -0.5, 0.2])
SIGMA = 0.01


def model_of(name: str) -> pm.Model:
    with pm.Model() as model:
        scale = pm.HalfNormal(name, pm.Data("sigma", SIGMA), shape=3)
        pm.Normal("seen", 0.0, scale, observed=np.array([0.01, 0.02, -0.01]))
    return model


@pytest.mark.parametrize("name", FOLDED)
def test_density_is_that_of_the_half_normal(name: str) -> None:
    model = model_of(name)
    folded = in_coordinates(model).compile_logp()({f"{name}_folded__": POINT})
    logs = np.log(np.abs(POINT) * SIGMA)
    plain = model.compile_logp(jacobian=False)({f"{name}_log__": logs})
    assert folded == pytest.approx(plain + 3 * np.log(SIGMA))


def test_the_start_is_at_the_scale_of_the_prior() -> None:
    (start,) = in_coordinates(model_of(FOLDED[0])).initial_point().values()
    assert np.all((np.abs(start) > 0.1) & (np.abs(start) < 3))


def test_what_is_folded_stays_so() -> None:
    folded = in_coordinates(model_of(FOLDED[0]))
    assert in_coordinates(folded) is folded


def test_other_scales_stay_as_they_are() -> None:
    model = model_of("other")
    assert in_coordinates(model) is model


@pytest.mark.parametrize("size", [5, FULL + 20])
def test_a_normal_density_becomes_standard(size: int) -> None:
    """Variances of 1 to 10 000 become 1, but for a factor of 2 that is left alone, and fog."""
    rng = np.random.default_rng(size)
    factor = np.linalg.qr(rng.normal(size=(size, size)))[0] * np.geomspace(0.1, 10.0, size)
    spread = rng.uniform(0.01, 100.0, size)
    draws = 3.0 + (rng.normal(size=(4 * size, size)) @ factor.T) * spread
    covariance = factor @ factor.T * np.outer(spread, spread)
    slopes = -np.linalg.solve(covariance, (draws - 3.0).T).T
    axes = standardising(draws, slopes)
    turned = axes.slope(axes.slope(np.linalg.inv(covariance)).T)
    values = np.linalg.eigvalsh(turned)
    assert values.min() > 1 / 3
    assert values.max() < 3

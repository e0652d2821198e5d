"""Pooled paths: the closed form against the plain multivariate normal, and exact states."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy.stats import multivariate_normal

from bayesgap.inference import pooled_ar1 as law
from bayesgap.inference.pooled_kernel import path_likelihood

SEED = 5
SIZE = np.array([-0.7, 0.1, 0.6])
POINTS = [(0.4, 0.8, 0.1, 0.05, 0.2), (0.1, 0.3, 0.2, 0.0, 0.0), (1.0, 0.97, 0.05, 0.2, 0.5)]


def normal_density(y: np.ndarray, point: tuple[float, ...]) -> float:
    """Log density of paths, constant left out; `point` begins with the mean."""
    scales = law.Scales(*(np.float64(value) for value in point[1:]))
    whole = law.covariance(scales, SIZE, y.shape[1])
    density = multivariate_normal(cov=whole).logpdf((y - point[0]).ravel())
    return float(density + 0.5 * y.size * np.log(2 * np.pi))


@pytest.mark.parametrize("scales", POINTS)
def test_density_and_slopes_are_those_of_the_multivariate_normal(scales):
    y = np.random.default_rng(SEED).normal(0.3, 0.5, (3, 5))
    point = (0.2, *scales)
    at = [pt.scalar() for _ in point]
    density = path_likelihood(pt.as_tensor(y), at[0], law.Scales(*at[1:]), SIZE)
    outputs = [density, *pytensor.grad(density, at)]
    value, *slopes = pytensor.function(at, outputs, mode="FAST_COMPILE")(*point)
    assert value == pytest.approx(normal_density(y, point), rel=1e-9)
    for place, slope in enumerate(slopes):
        ends = [
            normal_density(y, tuple(np.array(point) + sign * 1e-6 * np.eye(6)[place]))
            for sign in (1, -1)
        ]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-5)


def test_drawn_states_have_the_mean_and_spread_of_the_regression():
    rng = np.random.default_rng(SEED)
    y = rng.normal(0.0, 0.5, (3, 5))
    count = 40_000
    scales = law.Scales(*(np.full((count, 1), value) for value in POINTS[0]))
    m, v, w = law.draw_now(np.broadcast_to(y, (count, 3, 5)), scales, SIZE, rng)
    assert np.allclose(m + v + w, y[:, -1])
    one = law.Scales(*(value[:1] for value in scales))
    whole = law.covariance(one, SIZE, 5)[0]
    effect = np.kron(np.eye(3), np.ones(5)) * POINTS[0][0] ** 2
    mean = effect @ np.linalg.solve(whole, y.ravel())
    spread = POINTS[0][0] ** 2 - np.diag(effect @ np.linalg.solve(whole, effect.T))
    assert m.mean(0) == pytest.approx(mean, abs=5 * np.sqrt(spread.max() / count))
    assert m.var(0) == pytest.approx(spread, rel=0.04)


def test_steps_are_stationary():
    """Variance of v + w a year on equals the stationary one, when it started there."""
    rng = np.random.default_rng(SEED)
    count, (_, rho, sigma, common, gamma) = 60_000, POINTS[0]
    scales = law.Scales(*(np.full((count, 1), value) for value in POINTS[0]))
    wide = 1 / (1 - rho**2)
    v = common * np.sqrt(wide) * rng.standard_normal((count, 1))
    own = sigma**2 * np.exp(-2 * gamma * SIZE)
    w = np.sqrt(own * wide) * rng.standard_normal((count, 3))
    v, w = law.step(v, w, scales, SIZE, rng)
    assert v.var() == pytest.approx(common**2 * wide, rel=0.03)
    assert w.var(0) == pytest.approx(own * wide, rel=0.03)

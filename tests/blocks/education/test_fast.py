"""Many regions' stocks by Gibbs steps: held against closed forms."""

import numpy as np
import pytest
from scipy.stats import halfnorm

from bayesgap.inference.pooled_gibbs import Grid, Rows, coefficients, places_of
from bayesgap.study.priors import Beta, HalfNormal

HALF = HalfNormal(dist="half_normal", sigma=0.5, why="made up for this test only")
FLAT = Beta(dist="beta", alpha=1.0, beta=1.0, why="made up for this test only")


@pytest.fixture
def land() -> tuple[Rows, np.ndarray, np.ndarray]:
    """Nine rows of three regions and two of none; the first region has the most."""
    rng = np.random.default_rng(3)
    region = np.array([0, 0, 0, 0, 1, 1, 2, -1, -1])
    own = rng.standard_normal((9, 2)) * (region >= 0)[:, None]
    rows = Rows(rng.standard_normal((9, 3)), own, places_of(region, 3))
    return rows, rng.standard_normal(9), region


def dense(rows: Rows, value: np.ndarray, region: np.ndarray, prior, scale):
    """Mean and covariance of x and all u as one normal, written out whole."""
    wide = np.zeros((9, 3 + 6))
    wide[:, :3] = rows.shared
    for row, place in enumerate(region):
        if place >= 0:
            wide[row, 3 + 2 * place : 5 + 2 * place] = rows.own[row]
    precision = np.concatenate([prior[1], np.tile(1 / scale**2, 3)])
    centre = np.concatenate([prior[0], np.zeros(6)])
    covariance = np.linalg.inv(wide.T @ wide + np.diag(precision))
    return covariance @ (wide.T @ value + precision * centre), covariance


def test_coefficients_are_those_of_one_normal(land):
    rows, value, region = land
    prior, scale = (np.array([0.5, 0.0, -1.0]), np.array([1.0, 4.0, 0.5])), np.array([0.7, 0.3])
    rng = np.random.default_rng(1)
    found = [coefficients(rows, value, prior, scale, rng) for _ in range(6000)]
    draws = np.array([np.concatenate([x, u.ravel()]) for x, u in found])
    mean, covariance = dense(rows, value, region, prior, scale)
    off = (draws.mean(0) - mean) / np.sqrt(np.diag(covariance))
    assert np.abs(off).max() < 0.06
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.06 * covariance.max())


def test_a_bounded_coefficient_keeps_its_bounds_and_the_rest_follows(land):
    """The third coefficient lies in 0 to 1; the mean of the rest is that given its own."""
    rows, value, region = land
    prior, scale = (np.zeros(3), np.array([1.0, 1.0, 1e-4])), np.array([0.7, 0.3])
    rng = np.random.default_rng(2)
    grid = Grid(FLAT)
    found = [coefficients(rows, value, prior, scale, rng, (2, grid))[0] for _ in range(6000)]
    draws = np.array(found)
    assert draws[:, 2].min() >= 0 and draws[:, 2].max() <= 1
    mean, covariance = dense(rows, value, region, prior, scale)
    z = np.linspace(0, 1, 2001)
    density = np.exp(-0.5 * (z - mean[2]) ** 2 / covariance[2, 2])
    middle = (z * density).sum() / density.sum()
    assert draws[:, 2].mean() == pytest.approx(middle, abs=0.02)
    first = mean[0] + covariance[0, 2] / covariance[2, 2] * (middle - mean[2])
    assert draws[:, 0].mean() == pytest.approx(first, abs=0.05)


def test_a_scale_without_data_is_its_prior_and_with_data_their_spread():
    rng = np.random.default_rng(4)
    grid = Grid(HALF)
    alone = grid.draw(rng, size=20_000)
    for part in (0.1, 0.5, 0.9):
        assert np.quantile(alone, part) == pytest.approx(halfnorm.ppf(part, scale=0.5), rel=0.05)
    values = rng.normal(0, 0.08, 4000)
    drawn = [grid.scale(rng, values) for _ in range(200)]
    assert np.mean(drawn) == pytest.approx(values.std(), rel=0.02)
    least = [grid.scale(rng, values, least=0.05) for _ in range(200)]
    assert np.mean(least) == pytest.approx(values.std(), rel=0.02)

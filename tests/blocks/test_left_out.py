"""Densities of what is left out, against what general tools say of the same laws."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from bayesgap.inference import left_out_laws as laws
from bayesgap.inference.pooled_ar1 import Scales

SEED = 11
SCALES = Scales(*np.array([[0.5, 0.9], [0.6, 0.3], [0.2, 0.4], [0.1, 0.3], [0.1, 0.0]]))
SIZE = np.array([-1.0, 0.0, 0.7])


def slow_covariance(sample: int, years: int) -> np.ndarray:
    """Of all (region, year), pair by pair."""
    tau, rho, sigma, common, gamma = (value[sample] for value in SCALES)
    cells = [(region, year) for region in range(len(SIZE)) for year in range(years)]
    out = np.zeros((len(cells), len(cells)))
    for i, (r, t) in enumerate(cells):
        for j, (q, u) in enumerate(cells):
            memory = rho ** abs(t - u) / (1 - rho**2)
            own = tau**2 + memory * sigma**2 * np.exp(-2 * gamma * SIZE[r])
            out[i, j] = memory * common**2 + (own if r == q else 0.0)
    return out


def test_regions_and_years_of_paths_are_those_of_the_whole_normal() -> None:
    years, regions = 4, len(SIZE)
    away = np.random.default_rng(SEED).standard_normal((2, regions, years))
    found = laws.paths_out(away, SCALES, SIZE)
    cells = np.arange(regions * years).reshape(regions, years)
    for column, group in enumerate([*cells, *cells.T]):
        rest = np.setdiff1d(cells, group)
        truth = []
        for sample in range(2):
            whole, y = slow_covariance(sample, years), away[sample].ravel()
            less = stats.multivariate_normal(cov=whole[np.ix_(rest, rest)]).logpdf(y[rest])
            truth.append(stats.multivariate_normal(cov=whole).logpdf(y) - less)
        assert np.diff(found[:, column]) == pytest.approx(np.diff(truth))


def test_a_year_of_a_heavy_tailed_path_is_integrated_out() -> None:
    away = np.array([0.3, 0.9, -2.0, -1.1, 0.2])[:, None] * np.ones(2)
    rho, swing = np.array([0.7, 0.2]), np.array([[0.1, 0.3]] * 4)
    scale = np.array([[0.5, 1.5]] * 4)
    found = laws.student_years(away, rho, swing, scale)

    def path(values: list[float], sample: int) -> float:
        steps = [
            stats.t(4, rho[sample] * a + swing[0, sample], scale[0, sample]).pdf(b)
            for a, b in pairwise(values)
        ]
        return float(np.prod(steps))

    truth = []
    for sample in range(2):
        seen = list(away[:, sample])
        over = integrate.quad(
            lambda x, s=sample, y=seen: path([y[1], x, y[3]], s), -60, 60, points=[-1, 0, 1]
        )[0]
        truth.append(np.log(path(seen[1:4], sample) / over))
    assert np.diff(found[2]) == pytest.approx(np.diff(truth), abs=2e-3)
    first = [np.log(path(list(away[:2, sample]), sample)) for sample in range(2)]
    last = [np.log(path(list(away[3:, sample]), sample)) for sample in range(2)]
    assert np.diff(found[0]) == pytest.approx(np.diff(first))
    assert np.diff(found[-1]) == pytest.approx(np.diff(last))


def test_a_year_of_normal_paths_that_share_a_factor_is_integrated_out() -> None:
    rng = np.random.default_rng(SEED)
    years, members = 5, 3
    away = rng.standard_normal((years, 1, members)) * np.ones((1, 2, 1))
    rho = np.array([[0.5], [0.8]])
    own, load = rng.uniform(0.5, 1.5, (2, members)), rng.uniform(0.1, 1.0, (2, members))
    linked = np.array([True, True, False, True])  # the path begins again in the fourth year
    found = laws.normal_years(away, rho, own, load, linked)
    truth = []
    for sample in range(2):
        step = np.diag(own[sample]) + np.outer(load[sample], load[sample])
        y, r = away[:, sample], rho[sample, 0]
        joint = np.block([[step, r * step], [r * step, (1 + r**2) * step]])
        both = stats.multivariate_normal(cov=joint).logpdf(
            np.concatenate([y[1] - r * y[0], y[2] - r**2 * y[0]])
        )
        after = stats.multivariate_normal(cov=(1 + r**2) * step).logpdf(y[2] - r**2 * y[0])
        truth.append((both - after, stats.multivariate_normal(cov=step).logpdf(y[4] - r * y[3])))
    assert np.diff(found[1]) == pytest.approx(np.diff([middle for middle, _ in truth]))
    assert np.diff(found[4]) == pytest.approx(np.diff([end for _, end in truth]))


@pytest.mark.parametrize("tau", [0.01, 0.3, 4.0])
def test_effects_are_integrated_out_whatever_their_spread(tau: float) -> None:
    away = np.array([0.2, 1.4, 0.8, 5.0, 0.9])
    scale = np.array([0.4, 0.5, 0.4, 0.6, 0.5])

    def density(effect: float, kept: np.ndarray) -> float:
        seen = stats.t(4, effect, scale[kept]).pdf(away[kept]).prod()
        return float(seen * stats.norm(0, tau).pdf(effect))

    def integral(kept: np.ndarray) -> float:
        ends = (-10 * tau, 10 * tau) if tau < 1 else (-3.0, 8.0)
        return float(np.log(integrate.quad(density, *ends, args=(kept,), limit=200)[0]))

    every = np.arange(len(away))
    whole, each = laws.effects_out(away, np.array(tau), scale)
    constant = whole - integral(every)  # of the normal and five Student's t
    for out in every:
        without = integral(np.delete(every, out))
        single = stats.t(4).logpdf(0.0)  # the constant of one Student's t
        assert each[out] == pytest.approx(integral(every) - without - single, abs=0.02)
    expected = 0.5 * np.log(2 * np.pi) - len(away) * stats.t(4).logpdf(0.0)
    assert constant == pytest.approx(expected, abs=0.02)

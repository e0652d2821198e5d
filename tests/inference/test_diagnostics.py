"""Our kernels give ArviZ's values, cell by cell."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from bayesgap.inference import diagnostics
from bayesgap.inference.ess import mcse_mean

AXES = {"chain_axis": 1, "draw_axis": 2}


@pytest.fixture(scope="module")
def draws() -> np.ndarray:
    """AR(1) chains from antithetic to sticky, some that disagree, ties as in stored draws."""
    rng = np.random.default_rng(1)
    out = rng.normal(size=(60, 4, 400))
    rho = np.linspace(-0.5, 0.97, 60)[:, None]
    for step in range(1, 400):
        out[:, :, step] += rho * out[:, :, step - 1]
    out[5:15] += 2.0 * rng.normal(size=(10, 4, 1))
    return np.round(out * 16) / 16


def test_rhat_and_bulk_ess_are_arviz(draws: np.ndarray) -> None:
    ratio, bulk = diagnostics.rhat_and_bulk(draws)
    np.testing.assert_allclose(ratio, array_stats.rhat(draws, **AXES), rtol=1e-12)
    np.testing.assert_allclose(bulk, array_stats.ess(draws, method="bulk", **AXES), rtol=1e-9)


def test_tail_ess_is_arviz(draws: np.ndarray) -> None:
    theirs = array_stats.ess(draws, method="tail", prob=diagnostics.TAIL, **AXES)
    np.testing.assert_allclose(diagnostics.ess_tail(draws), theirs, rtol=1e-9)


def test_mcse_of_the_mean_is_arviz(draws: np.ndarray) -> None:
    theirs = array_stats.mcse(draws, method="mean", **AXES)
    np.testing.assert_allclose(mcse_mean(draws), theirs, rtol=1e-9)


def test_an_odd_number_of_draws_drops_the_middle_one(draws: np.ndarray) -> None:
    odd = draws[..., :399]
    np.testing.assert_allclose(
        diagnostics.rhat_and_bulk(odd)[0], array_stats.rhat(odd, **AXES), rtol=1e-12
    )


def test_constant_cells_count_all_their_draws() -> None:
    constant = np.full((2, 4, 50), 3.0)
    ratio, bulk = diagnostics.rhat_and_bulk(constant)
    assert ratio.tolist() == [1.0, 1.0]
    assert bulk.tolist() == [200.0, 200.0]
    assert mcse_mean(constant).tolist() == [0.0, 0.0]


def test_worst_finds_the_one_bad_cell(draws: np.ndarray) -> None:
    good = np.random.default_rng(2).normal(size=(50, 4, 400))
    bad = good.copy()
    bad[33, 0] += 3.0
    assert diagnostics.worst(good)["rhat"] < 1.02
    found = diagnostics.worst(bad)
    assert found["rhat"] > 1.2
    assert found["ess_bulk"] < 50

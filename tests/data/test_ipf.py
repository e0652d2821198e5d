"""Proportional fitting: margins, what it keeps, and the optimum that it promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import minimize

from bayesgap.data.ipf import Margin, ipf, margin_sums
from bayesgap.errors import SchemaError
from tests.strategies import tables

quick = settings(max_examples=40, deadline=None)


def both(rows, columns):
    return [Margin((-2,), rows), Margin((-1,), columns)]


def test_a_flat_seed_becomes_the_table_of_independence():
    found = ipf(np.ones((2, 2)), both([30, 70], [60, 40]))
    np.testing.assert_allclose(found, [[18, 12], [42, 28]])


def test_odds_ratios_of_the_seed_are_kept():
    found = ipf([[1, 2], [3, 4]], both([10, 20], [12, 18]))
    assert found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0]) == pytest.approx(4 / 6)
    np.testing.assert_allclose(found.sum(1), [10, 20])
    np.testing.assert_allclose(found.sum(0), [12, 18])


def test_a_zero_cell_stays_zero():
    found = ipf([[0, 1], [1, 1]], both([2, 5], [3, 4]))
    np.testing.assert_allclose(found, [[0, 2], [3, 2]], atol=1e-7)


@quick
@given(tables())
def test_both_margins_are_met_and_cells_stay_positive(case):
    seed, rows, columns = case
    found = ipf(seed, both(rows, columns), tolerance=1e-9)
    np.testing.assert_allclose(found.sum(1), rows, rtol=1e-8)
    np.testing.assert_allclose(found.sum(0), columns, rtol=1e-8)
    assert (found > 0).all()


@quick
@given(tables())
def test_relabelling_rows_commutes(case):
    seed, rows, columns = case
    turned = ipf(seed[::-1], both(rows[::-1], columns))
    np.testing.assert_allclose(turned[::-1], ipf(seed, both(rows, columns)), rtol=1e-7)


@quick
@given(tables())
def test_scaling_rows_of_the_seed_changes_nothing(case):
    seed, rows, columns = case
    tilted = seed * np.linspace(1, 3, len(rows))[:, None]
    expected = ipf(seed, both(rows, columns))
    np.testing.assert_allclose(ipf(tilted, both(rows, columns)), expected, rtol=1e-6)


def test_a_batch_is_fitted_as_its_tables_are():
    rng = np.random.default_rng(2)
    seed = rng.uniform(0.5, 2, (3, 4, 5))
    rows = rng.uniform(1, 2, (3, 4))
    columns = rng.uniform(1, 2, 5)
    rows *= columns.sum() / rows.sum(1, keepdims=True)
    together = ipf(seed, both(rows, columns))
    for k in range(3):
        np.testing.assert_allclose(together[k], ipf(seed[k], both(rows[k], columns)), rtol=1e-7)


def test_three_axes_with_a_plane_as_margin():
    rng = np.random.default_rng(3)
    seed, truth = rng.uniform(0.5, 2, (2, 3, 4)), rng.uniform(0.5, 2, (2, 3, 4))
    margins = [Margin((-3, -2), truth.sum(2)), Margin((-1,), truth.sum((0, 1)))]
    found = ipf(seed, margins, rank=3)
    np.testing.assert_allclose(found.sum(2), truth.sum(2))
    np.testing.assert_allclose(found.sum((0, 1)), truth.sum((0, 1)))
    assert margin_sums(found, (-1,), rank=3).shape == (1, 1, 4)


def divergence(p, q):
    return np.sum(p * np.log(p / q) - p + q)


def test_a_soft_margin_is_the_optimum_that_the_module_states():
    """Against a general optimiser on KL(p | q) + w KL(p_B | target), rows exact."""
    seed = np.array([[2.0, 1.0, 1.0], [1.0, 3.0, 2.0]])
    rows, target, weight = np.array([4.0, 6.0]), np.array([5.0, 3.0, 2.0]), 1.5
    found = ipf(seed, [Margin((-1,), target, weight=weight), Margin((-2,), rows)], tolerance=1e-12)

    def cells(free):
        share = np.exp(np.concatenate([free.reshape(2, 2), np.zeros((2, 1))], axis=1))
        return rows[:, None] * share / share.sum(1, keepdims=True)

    def loss(free):
        p = cells(free)
        return divergence(p, seed) + weight * divergence(p.sum(0), target)

    best = minimize(loss, np.zeros(4), tol=1e-12)
    np.testing.assert_allclose(found, cells(best.x), rtol=1e-4)
    assert abs(found.sum(0) - target).max() > 0.05  # it leans, it does not obey


@pytest.mark.parametrize(("weight", "near"), [(60.0, "target"), (1 / 60, "seed")])
def test_the_weight_leads_from_the_seed_to_the_margin(weight, near):
    seed, target = np.array([[2.0, 2.0], [2.0, 2.0]]), np.array([5.0, 3.0])
    margins = [Margin((-1,), target, weight=weight), Margin((-2,), [4.0, 4.0])]
    wanted = {"target": target, "seed": seed.sum(0)}[near]
    np.testing.assert_allclose(ipf(seed, margins).sum(0), wanted, rtol=0.02)


@pytest.mark.parametrize(
    ("seed", "margins", "message"),
    [
        ([[1, -1], [1, 1]], both([1, 1], [1, 1]), "non-negative"),
        ([[1, np.nan], [1, 1]], both([1, 1], [1, 1]), "finite"),
        ([[0, 0], [1, 1]], both([1, 1], [1, 1]), "every seed cell is zero"),
        ([[1, 1], [1, 1]], both([1, 1], [3, 3]), "equal totals"),
        ([1, 1], both([1, 1], [1, 1]), "rank 2"),
        ([[1, 1], [1, 1]], [Margin((-1, -2), np.ones((2, 2)))], "increasing axes"),
        ([[1, 1], [1, 1]], [Margin((-1,), [0.0, 2.0], weight=2.0)], "positive sums"),
    ],
)
def test_what_cannot_be_fitted_is_refused(seed, margins, message):
    with pytest.raises(SchemaError, match=message):
        ipf(np.array(seed, float), margins, iterations=200)

"""Demand by hand: jobs times mix, and the unfilled on top."""

import numpy as np
import pytest

from bayesgap.accounting.demand import demand
from tests.strategies import labelled

FILLED = [[30.0, 10.0], [20.0, 40.0]]  # two sectors by two groups
YEARS = [2024, 2025]


def world(jobs, drift=None, unfilled=(0.0, 0.0), filled=FILLED):
    """One draw of one region; `jobs` by year and sector, `drift` by year, sector and group."""
    steps = np.zeros((2, 2, 2)) if drift is None else np.array(drift)
    return demand(
        labelled(np.array(filled)[None, None, None], "region", "sector", "education"),
        labelled(np.array(jobs, float)[None, None, None], "region", "year", "sector", year=YEARS),
        labelled(steps[None, None], "year", "sector", "education", year=YEARS),
        labelled(np.array(unfilled)[None, None, None], "region", "education"),
    ).squeeze(("chain", "draw", "region"))


def test_the_base_year_wants_filled_and_unfilled_jobs():
    found = world([[40, 60], [40, 60]], unfilled=(5.0, 2.0))
    np.testing.assert_allclose(found, [[55, 52], [55, 52]])


def test_jobs_bring_their_mix_with_them():
    found = world([[40, 60], [80, 60]])
    np.testing.assert_allclose(found.sel(year=2025), [60 + 20, 20 + 40])


def test_drift_is_in_log_odds():
    # doubling the odds of the first group in the first sector: 60 against 10 of seventy
    drift = [[[0, 0], [0, 0]], [[np.log(2), 0], [0, 0]]]
    found = world([[40, 60], [40, 60]], drift)
    np.testing.assert_allclose(found.sel(year=2025), [40 * 6 / 7 + 20, 40 / 7 + 40])
    np.testing.assert_allclose(found.sel(year=2024), [50, 50])


def test_a_common_drift_of_all_groups_changes_nothing():
    found = world([[40, 60], [40, 60]], np.full((2, 2, 2), 0.7))
    np.testing.assert_allclose(found, [[50, 50], [50, 50]])


def test_unfilled_jobs_grow_with_the_filled():
    found = world([[40, 60], [80, 120]], unfilled=(5.0, 2.0))
    np.testing.assert_allclose(found.sel(year=2025), [110, 104])


def test_a_group_that_nobody_works_in_wants_nobody():
    found = world([[40, 60], [40, 60]], unfilled=(3.0, 0.0), filled=[[0.0, 40.0], [0.0, 60.0]])
    np.testing.assert_allclose(found, [[0, 100], [0, 100]])


def test_dims_come_in_the_order_of_the_contract():
    full = demand(
        labelled(np.ones((2, 3, 4, 5, 6)), "region", "sector", "education"),
        labelled(np.ones((2, 3, 4, 2, 5)), "region", "year", "sector", year=YEARS),
        labelled(np.zeros((2, 3, 2, 5, 6)), "year", "sector", "education", year=YEARS),
        labelled(np.ones((2, 3, 4, 6)), "region", "education"),
    )
    assert full.dims == ("chain", "draw", "region", "year", "education")
    assert full.shape == (2, 3, 4, 2, 6)
    assert float(full[0, 0, 0, 0, 0]) == pytest.approx(5 / 6 * 1.2)

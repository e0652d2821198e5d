"""The shared base table by hand, and what it keeps whatever the draws."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings

from bayesgap.accounting.base import base_table, exact_total
from tests.strategies import generators, labelled, shares

SECTORS, GROUPS = ["a", "b"], ["low", "high"]


def inputs(employment, mix, employed):
    """One draw of one region."""
    return (
        labelled(np.array(employment, float).reshape(1, 1, 1, -1), "region", "sector"),
        labelled(np.array(mix, float)[None, None], "sector", "education"),
        labelled(np.array(employed, float).reshape(1, 1, 1, -1), "region", "education"),
    )


def test_a_mix_that_already_fits_is_left_alone():
    # 60 jobs half and half, 40 jobs one in four: 40 low and 60 high; supply counts twice as many
    filled, ratio = base_table(*inputs([60, 40], [[0.5, 0.5], [0.25, 0.75]], [80, 120]))
    np.testing.assert_allclose(filled.squeeze(), [[30, 30], [10, 30]], rtol=1e-6)
    assert ratio.item() == pytest.approx(2.0)


def test_fitting_keeps_odds_ratios_and_meets_both_margins():
    mix = [[0.5, 0.5], [0.2, 0.8]]
    filled, ratio = base_table(*inputs([60, 40], mix, [55, 45]))
    cells = filled.squeeze().to_numpy()
    np.testing.assert_allclose(cells.sum(1), [60, 40], rtol=1e-6)
    np.testing.assert_allclose(cells.sum(0), [55, 45], rtol=1e-5)
    odds = cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0])
    assert odds == pytest.approx(0.5 * 0.8 / (0.5 * 0.2), rel=1e-5)
    assert ratio.item() == pytest.approx(1.0)


@settings(max_examples=30, deadline=None)
@given(generators)
def test_sectors_are_exact_and_groups_keep_their_shares(rng):
    employment = labelled(rng.uniform(5, 5000, (2, 3, 2, 6)), "region", "sector")
    mix = labelled(shares(rng, 2, 3, 6, 4), "sector", "education")
    employed = labelled(rng.uniform(50, 9000, (2, 3, 2, 4)), "region", "education")
    filled, ratio = base_table(employment, mix, employed)
    np.testing.assert_allclose(filled.sum("education"), employment, rtol=2e-6)
    wanted = employed / employed.sum("education")
    found = filled.sum("sector") / filled.sum(("sector", "education"))
    np.testing.assert_allclose(found, wanted, rtol=2e-5)
    np.testing.assert_allclose(ratio * employment.sum("sector"), employed.sum("education"))
    assert float(filled.min()) > 0


def test_a_mix_of_the_region_may_replace_the_national_one():
    rng = np.random.default_rng(1)
    employment = labelled(rng.uniform(5, 50, (1, 2, 2, 3)), "region", "sector")
    national = labelled(shares(rng, 1, 2, 3, 4), "sector", "education")
    employed = labelled(rng.uniform(5, 90, (1, 2, 2, 4)), "region", "education")
    own = national.expand_dims(region=2).transpose("chain", "draw", "region", ...)
    xr.testing.assert_allclose(
        base_table(employment, national, employed)[0], base_table(employment, own, employed)[0]
    )


def test_totals_are_met_in_double_precision():
    rows = np.array([[1e5, 3e5]], dtype=np.float32)
    columns = np.array([[1.0, 2.0, 4.0]], dtype=np.float32)
    assert exact_total(columns, rows).sum() == pytest.approx(4e5, rel=1e-15)

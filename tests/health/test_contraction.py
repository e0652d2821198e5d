"""Contraction: a posterior as wide as its prior is 0, half as wide is 3/4."""

import numpy as np
import xarray as xr

from bayesgap.health.contraction import contraction, width80

RNG = np.random.default_rng(5)


def draws(scale: float) -> xr.DataArray:
    return xr.DataArray(scale * RNG.normal(size=(4, 5000)), dims=("chain", "draw"))


def test_width_of_a_standard_normal_is_twice_its_90_percent_quantile():
    assert abs(float(width80(draws(1.0))) - 2 * 1.2816) < 0.05


def test_half_the_width_is_a_contraction_of_three_quarters():
    assert abs(float(contraction(draws(2.0), draws(1.0))) - 0.75) < 0.03


def test_no_learning_and_widening_are_zero():
    same = draws(1.0)
    assert float(contraction(same, same)) == 0.0
    assert float(contraction(same, 3 * same)) == 0.0


def test_a_fixed_prior_has_no_contraction():
    fixed = xr.zeros_like(draws(1.0))
    assert float(contraction(fixed, fixed)) == 0.0

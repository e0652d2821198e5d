"""Correlation of residuals: what is built in comes out, and only shared years count."""

import numpy as np
import pytest
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.health.residual_correlation import correlation


def series(values, years):
    values = np.broadcast_to(values, (2, 3, len(years)))
    dims = ("chain", "draw", "year")
    return xr.DataArray(values, {"year": list(years)}, dims)


def test_correlation_is_that_of_the_shared_years():
    noise = np.random.default_rng(1).standard_normal((2, 30))
    first = series(noise[0], range(1990, 2020))
    second = series(0.8 * noise[0] + 0.6 * noise[1], range(1990, 2020)).isel(year=slice(4, None))
    found = correlation(first, second)
    assert found["years"] == 26
    assert found["correlation"] == pytest.approx(
        np.corrcoef(noise[0, 4:], (0.8 * noise[0] + 0.6 * noise[1])[4:])[0, 1]
    )
    assert found["lower"] < found["correlation"] < found["upper"] < 1


def test_few_shared_years_say_nothing():
    first, second = series([1.0, 2.0, 4.0], range(3)), series([1.0, 2.0, 3.0], range(1, 4))
    assert correlation(first, second)["correlation"] is None


def test_residual_of_an_exact_path_is_its_surprises():
    surprise = np.array([0.3, -0.1, 0.2, 0.05])
    path = [0.0]
    for step in surprise:
        path.append(0.8 * path[-1] + step)
    panel = xr.Dataset({"national_rate": ("nation_year", 0.5 + np.array(path))})
    panel = panel.assign_coords(nation_year=range(2000, 2005))
    sample = {"chain": [0], "draw": [0, 1]}
    draws = {"national_mean": 0.5, "national_persistence": 0.8}
    posterior = xr.Dataset(
        {name: (("chain", "draw"), np.full((1, 2), value)) for name, value in draws.items()},
        coords=sample,
    )
    found = block_of("population").readers().residuals(posterior, panel)["migration"]
    assert found["year"].values.tolist() == [2001, 2002, 2003, 2004]
    np.testing.assert_allclose(found.transpose("chain", "draw", "year")[0, 1], surprise)

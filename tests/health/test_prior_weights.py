"""Densities of priors, importance weights and power-scaling against closed forms."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from bayesgap.health.weights import quantiles, smoothed
from bayesgap.sensitivity import powerscale, value
from bayesgap.sensitivity.densities import frozen, log_prior, log_ratio
from bayesgap.study.prior_sets import SETS_FOLDER, changed_priors, find_prior_set, powered, rescaled
from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal
from bayesgap.study.study import Study

WHY = "A reason that is long enough to be one."
SPECS = {
    "normal": Normal(dist="normal", mu=1.0, sigma=2.0, why=WHY),
    "half_normal": HalfNormal(dist="half_normal", sigma=0.5, why=WHY),
    "log_normal": LogNormal(dist="log_normal", mu=-1.0, sigma=0.7, why=WHY),
    "beta": Beta(dist="beta", alpha=8.0, beta=2.0, why=WHY),
    "gamma": Gamma(dist="gamma", alpha=3.0, beta=2.0, why=WHY),
}


def dataset(**values: np.ndarray) -> xr.Dataset:
    return xr.Dataset({k: (("chain", "draw"), v) for k, v in values.items()})


@pytest.mark.parametrize("name", SPECS)
def test_densities_are_normalised(name: str) -> None:
    spec = SPECS[name]
    grid = np.linspace(*frozen(spec).ppf([1e-7, 1 - 1e-7]), 20_001)
    log = log_prior("imbalance", "x", spec, dataset(x=grid[None]))
    assert np.trapezoid(np.exp(log.to_numpy()[0]), grid) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("factor", [0.25, 4.0])
def test_rescaling_changes_the_spread_in_the_right_direction(name: str, factor: float) -> None:
    old, new = frozen(SPECS[name]), frozen(rescaled(SPECS[name], factor))
    width = [d.ppf(0.9) - d.ppf(0.1) for d in (old, new)]
    assert (width[1] > width[0]) == (factor > 1)
    if name == "beta":
        assert new.mean() == pytest.approx(old.mean())
        assert new.ppf(0.999) < 1.0


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("power", [0.5, 2.0])
def test_a_prior_to_a_power_is_one_of_its_family(name: str, power: float) -> None:
    old, new = frozen(SPECS[name]), frozen(powered(SPECS[name], power))
    points = new.ppf(np.linspace(0.01, 0.99, 21))
    constant = new.logpdf(points) - power * old.logpdf(points)
    np.testing.assert_allclose(constant, constant[0], atol=1e-9)


def test_a_prior_to_a_power_without_an_integral_is_none() -> None:
    assert powered(Beta(dist="beta", alpha=0.4, beta=2.0, why=WHY), 2.0) is None
    assert powered(Gamma(dist="gamma", alpha=0.5, beta=2.0, why=WHY), 2.0) is None
    assert powered(Gamma(dist="gamma", alpha=0.6, beta=2.0, why=WHY), 2.0) is not None


def test_weights_of_another_prior_give_its_posterior() -> None:
    # Normal(0, 1) prior, one datum 1 with sd 1: posterior Normal(1/2, 1/2); under Normal(0, 1/2)
    # it is Normal(1/5, 1/5).
    rng = np.random.default_rng(0)
    draws = rng.normal(0.5, np.sqrt(0.5), (4, 4000))
    old = Normal(dist="normal", sigma=1.0, why=WHY)
    new = Normal(dist="normal", sigma=0.5, why=WHY)
    ratio = log_ratio("imbalance", {"x": old}, {"x": new}, dataset(x=draws))
    weights = smoothed(ratio.to_numpy().ravel())
    assert weights.good
    found = quantiles(draws.reshape(-1, 1), weights.values)[:, 0]
    assert found == pytest.approx(stats.norm(0.2, np.sqrt(0.2)).ppf([0.1, 0.5, 0.9]), abs=0.03)


def test_weights_that_cannot_be_trusted_say_so() -> None:
    draws = np.random.default_rng(0).standard_normal((4, 1000))
    old = Normal(dist="normal", sigma=1.0, why=WHY)
    new = Normal(dist="normal", mu=6.0, sigma=1.0, why=WHY)
    ratio = log_ratio("imbalance", {"x": old}, {"x": new}, dataset(x=draws))
    assert not smoothed(ratio.to_numpy().ravel()).good


def test_power_scaling_gives_the_posterior_of_the_doubled_component() -> None:
    # The prior Normal(0, 1) to the power of two is Normal(0, 1/2) in variance: posterior
    # Normal(1/3, 1/3) from Normal(1/2, 1/2).
    rng = np.random.default_rng(1)
    draws = rng.normal(0.5, np.sqrt(0.5), (4, 4000))
    gap = np.stack([draws.ravel(), rng.standard_normal(draws.size)], axis=1)
    log = xr.DataArray(-0.5 * draws**2, dims=("chain", "draw"))
    names = pd.MultiIndex.from_product([["r"], [2040], ["told", "apart"]])
    names = names.set_names(["region", "year", "part"])
    rows = powerscale.scaled(powerscale.Component("b", "x", "prior", log), gap, names)
    assert rows["shift"].tolist() == pytest.approx([1 / 3 - 1 / 2, 0.0], abs=0.03)
    assert rows["width"].tolist() == pytest.approx([np.sqrt(2 / 3), 1.0], abs=0.03)
    assert rows["index"][0] > powerscale.THRESHOLD > rows["index"][1]


def test_what_an_input_explains_is_its_part_of_the_variance() -> None:
    rng = np.random.default_rng(2)
    inputs = rng.standard_normal((4000, 30))
    gap = (2 * inputs[:, :1] + inputs[:, 1:2] + rng.standard_normal((4000, 1))) * 100
    assert value.explained(inputs[:, :1], gap)[0] == pytest.approx(4 / 6, abs=0.03)
    assert value.explained(inputs[:, 2:], gap)[0] == pytest.approx(0.0, abs=0.01)
    assert value.explained(np.ones((4000, 1)), gap)[0] == 0.0
    assert np.isnan(value.explained(inputs[:60], gap[:60])[0])


@pytest.mark.parametrize("path", sorted(SETS_FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_every_prior_set_changes_something_of_the_study(path, study: Study) -> None:
    changed = changed_priors(find_prior_set(path.stem), study.priors)
    assert changed
    for block, named in changed.items():
        assert any(spec != study.priors[block][name] for name, spec in named.items())

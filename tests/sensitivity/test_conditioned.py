"""Refits begin at a posterior near by; inputs told give conjugate posteriors and shares gone."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

from bayesgap.inference import coordinates
from bayesgap.inference.compiled import compile_model
from bayesgap.inference.parts import prior
from bayesgap.inference.refit import ConditionedModel, Refitter, unconstrained
from bayesgap.sensitivity.conditioned import ASSUMED, looks_of, share_gone
from bayesgap.study.priors import HalfNormal, LogNormal, Normal
from bayesgap.study.study import Sampling, Study

SAMPLING = Sampling(chains=2, draws=1000, tune=500)
WHY = "A reason that is long enough to be one."


def near(number: int, seed: int = 0) -> xr.Dataset:
    """Draws of x, s and t of `small`, about where its posterior lies."""
    rng = np.random.default_rng(seed)
    dims = ("chain", "draw")
    return xr.Dataset(
        {
            "x": (dims, rng.normal(1.0, 0.7, (2, number))),
            "s": (dims, np.abs(rng.normal(0.0, 1.0, (2, number)))),
            "t": ((*dims, "k"), np.exp(rng.normal(0.0, 0.5, (2, number, 3)))),
        }
    )


def small(sigma: float = 1.0) -> tuple[pm.Model, dict]:
    """x ~ N(0, sigma), y ~ N(x, 1) seen as 2; s and t are seen with errors of their own."""
    priors = {
        "x": Normal(dist="normal", sigma=sigma, why=WHY),
        "s": HalfNormal(dist="half_normal", sigma=1.0, why=WHY),
        "t": LogNormal(dist="log_normal", mu=0.0, sigma=0.5, why=WHY),
    }
    with pm.Model(coords={"k": range(3)}) as model:
        x, s = prior("x", priors["x"]), prior("s", priors["s"])
        t = prior("t", priors["t"], dims="k")
        pm.Normal("y", x, 1.0, observed=pm.Data("y_data", 2.0))
        pm.Normal("z", s + t.sum(), 5.0, observed=pm.Data("z_data", 3.0))
    return model, priors


def test_draws_in_the_samplers_coordinates_come_back_as_they_were() -> None:
    model, _ = small()
    draws = near(4)
    draws["s"][0, 1] = 0.0  # stored on the edge: the sampler must be able to leave it
    points = unconstrained(model, draws).reshape(2, 4, -1)
    found = compile_model(model).variables(points)
    for name in draws:
        np.testing.assert_allclose(found[name], draws[name], atol=1e-9)


@pytest.mark.parametrize("full", [100, 0])
def test_coordinates_near_a_posterior_change_no_density(monkeypatch, full: int) -> None:
    monkeypatch.setattr(coordinates, "FULL", full)
    model, _ = small()
    points = unconstrained(model, near(200))
    plain = compile_model(model)
    warm = plain.near(points)
    law, moved = plain.log_density(), warm.log_density()
    start = warm.start(3)
    value, gradient = moved(start)
    there = [law(point)[0] for point in points]
    assert np.min(np.abs(np.array(there) - value)) < 1e-9  # it starts at a kept draw
    step = 1e-5 * np.eye(len(start))
    numeric = [(moved(start + s)[0] - moved(start - s)[0]) / 2e-5 for s in step]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(warm.axes.inside(warm.axes.outside(start)), start)
    again = warm.variables(start[None, None])
    np.testing.assert_allclose(again["x"].item(), warm.axes.outside(start)[0])


def test_a_short_warm_refit_has_the_posterior_of_the_new_prior() -> None:
    model, priors = small()
    law = Refitter(model, near(250))
    narrow = {**priors, "x": Normal(dist="normal", sigma=0.25, why=WHY)}
    found = law.refit(narrow, Sampling(chains=2, draws=1000, tune=150), seed=1)
    x = found["posterior"].to_dataset()["x"]
    # Precisions 16 and 1: mean 2 / 17, variance 1 / 17.
    assert float(x.mean()) == pytest.approx(2 / 17, abs=0.03)
    assert float(x.std()) == pytest.approx(17**-0.5, rel=0.08)
    assert law.size == 5


def test_told_variables_have_the_posterior_of_that_many_more_data() -> None:
    """x ~ N(0, 1), y ~ N(x, 1); telling x (seen) and w (unseen) are normal updates."""
    with pm.Model() as model:
        x = pm.Normal("x", 0.0, 1.0, shape=2)
        pm.Normal("y", x, 1.0, observed=pm.Data("y_data", np.array([0.0, 2.0])))
        pm.Normal("w", 1.0, 2.0)
    law = ConditionedModel(model, {"x": (2,), "w": ()})
    values = {"x": np.array([3.0, 3.0]), "w": np.array(5.0)}
    scales = {"x": np.array([1.0, 0.1]), "w": np.array(2.0)}
    found = law.conditioned(values, scales, SAMPLING, seed=3)["posterior"].to_dataset()
    mean, sd = (getattr(found, f)(("chain", "draw")) for f in ("mean", "std"))
    np.testing.assert_allclose(mean["x"], [1.0, (2 + 300) / 102], atol=0.06)
    np.testing.assert_allclose(sd["x"], [3**-0.5, 102**-0.5], rtol=0.1)
    assert mean["w"].item() == pytest.approx(3.0, abs=0.15)
    assert sd["w"].item() == pytest.approx(2.0**0.5, rel=0.1)


def test_share_gone_is_the_mean_over_draws_told_with_its_error() -> None:
    rows = pd.DataFrame({"place": [0, 1], "before": 4.0, "after": [1.0, 3.0], "rhat": [1.0, 1.02]})
    rows = rows.assign(look=ASSUMED, region="A", year=2040, part="all")
    found = share_gone(rows).iloc[0]
    assert found["gone"] == pytest.approx(0.5)
    assert found["error"] == pytest.approx(0.25)
    assert (found["refits"], found["rhat"]) == (2, 1.02)


def test_looks_tell_all_assumed_inputs_of_blocks_that_matter_and_the_first_three(
    study: Study,
) -> None:
    gains = pd.DataFrame(
        [
            ("sectors", "growth_mean", False, 0.3),
            ("sectors", "base_log", True, 0.1),
            ("skill_mix", "carried", True, 0.02),
            ("population", "out_inner", True, 0.001),
        ],
        columns=["block", "input", "assumed", "known"],
    )
    every, *single = looks_of(study, gains)
    assert set(every.names) == {"sectors", "skill_mix"}
    assert {"elasticity", "base_log"} <= set(every.names["sectors"])
    assert every.exact and not any(look.exact for look in single)
    assert [look.label for look in single] == [
        "sectors.growth_mean", "sectors.base_log", "skill_mix.carried",
    ]  # fmt: skip

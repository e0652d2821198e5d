"""Inputs told: a refit gives the conjugate posterior, and the share gone is what it took off."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest

from bayesgap.analysis.sensitivity.told import ASSUMED, looks_of, share_gone
from bayesgap.spec.study import Sampling, Study
from bayesgap.submodels.refit import Told

SAMPLING = Sampling(chains=2, draws=1000, tune=500)


def test_told_variables_have_the_posterior_of_that_many_more_data() -> None:
    """x ~ N(0, 1), y ~ N(x, 1); telling x (seen) and w (unseen) are normal updates."""
    with pm.Model() as model:
        x = pm.Normal("x", 0.0, 1.0, shape=2)
        pm.Normal("y", x, 1.0, observed=pm.Data("y_data", np.array([0.0, 2.0])))
        pm.Normal("w", 1.0, 2.0)
    law = Told(model, {"x": (2,), "w": ()})
    values = {"x": np.array([3.0, 3.0]), "w": np.array(5.0)}
    scales = {"x": np.array([1.0, 0.1]), "w": np.array(2.0)}
    found = law.told(values, scales, SAMPLING, seed=3)["posterior"].to_dataset()
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
            ("skill_mix", "lean", True, 0.02),
            ("population", "out_inner", True, 0.001),
        ],
        columns=["block", "input", "assumed", "known"],
    )
    every, *single = looks_of(study, gains)
    assert set(every.names) == {"sectors", "skill_mix"}
    assert {"elasticity", "base_log"} <= set(every.names["sectors"])
    assert every.exact and not any(look.exact for look in single)
    assert [look.label for look in single] == [
        "sectors.growth_mean", "sectors.base_log", "skill_mix.lean",
    ]  # fmt: skip

"""Parts of a model that share no parameter are told apart, whole, and nothing is lost or shared."""

import pymc as pm
import pytest

from bayesgap.inference.separate import parts, separated


def model_of(*, linked: bool) -> pm.Model:
    """Two series with a mean each, whose scale is one if `linked`."""
    with pm.Model() as model:
        scale = pm.HalfNormal("scale")
        other = scale if linked else pm.HalfNormal("other_scale")
        mean, second = pm.Normal("mean"), pm.Normal("second")
        pm.Deterministic("twice", 2.0 * second)
        pm.Normal("first_seen", mean, scale, observed=pm.Data("first", [1.0, 2.0]))
        pm.Normal("second_seen", second, other, observed=pm.Data("next", [3.0]))
    return model


def test_parts_share_nothing_and_leave_nothing_out_that_data_inform() -> None:
    model = model_of(linked=False)
    apart = {part.names: part.data for part in parts(model)}
    assert apart == {
        frozenset({"scale", "mean"}): {"first"},
        frozenset({"other_scale", "second", "twice"}): {"next"},
    }
    (whole,) = parts(model, apart=False)
    assert whole.names == frozenset().union(*apart)
    assert whole.data == {"first", "next"}


def test_densities_of_parts_add_up() -> None:
    model = model_of(linked=False)
    pieces = separated(model)
    at = {"scale_log__": 0.3, "mean": 0.7, "other_scale_log__": -0.2, "second": 1.1}
    whole = model.compile_logp()(at)
    apart = [
        piece.compile_logp()({v.name: at[v.name] for v in piece.value_vars}) for piece in pieces
    ]
    assert sum(apart) == pytest.approx(whole)


def test_one_shared_scale_makes_one_part() -> None:
    model = model_of(linked=True)
    assert separated(model) == [model]


def test_what_is_told_of_two_parts_joins_them() -> None:
    model = model_of(linked=False)
    with model:
        pm.Deterministic("both", model["mean"] + model["second"])
    assert separated(model) == [model]

"""Canary of the parts of PyTensor and nutpie that we lean on, on one small model."""

import threading

import numpy as np
import pymc as pm
import pytest

from bayesgap.blocks.population import laws as population_laws
from bayesgap.blocks.sectors import laws as sectors_law
from bayesgap.inference.compiled import compile_model
from bayesgap.inference.fit import sample_compiled, sampled_points
from bayesgap.inference.kernels import code_of
from bayesgap.study.study import Sampling


@pytest.fixture(scope="module")
def model() -> pm.Model:
    """x ~ N(0, 1), y ~ N(x, 1) seen as 2; a scale, a vector with a name, what follows from it."""
    with pm.Model(coords={"place": ["a", "b"]}) as made:
        x = pm.Normal("x", pm.Data("centre", 0.0), 1.0)
        scale = pm.HalfNormal("scale", 1.0)
        z = pm.Normal("z", dims="place")
        pm.Deterministic("own", pm.Data("factor", 1.0) * scale * z, dims="place")
        pm.Normal("y", x, 1.0, observed=pm.Data("y_data", 2.0))
        pm.Normal("w", scale + z.sum(), 1.0, observed=0.5)
    return made


def test_density_is_that_of_pymc_and_data_are_exchanged(model: pm.Model) -> None:
    compiled = compile_model(model)
    assert {"centre", "factor", "y_data"} <= set(compiled.data)
    point = np.linspace(-0.5, 0.7, compiled.size)
    names = [v.name for v in model.value_vars]
    sizes = np.cumsum([np.size(model.initial_point()[n]) for n in names])[:-1]
    shapes = [np.shape(model.initial_point()[n]) for n in names]
    pieces = [p.reshape(s) for p, s in zip(np.split(point, sizes), shapes, strict=True)]
    expected = model.compile_logp()(dict(zip(names, pieces, strict=True)))
    value, gradient = compiled.log_density()(point)
    assert value == pytest.approx(float(expected))
    for place, step in enumerate(1e-6 * np.eye(compiled.size)):
        ends = [compiled.log_density()(point + s)[0] for s in (step, -step)]
        assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)
    other = compiled.with_data({"y_data": 5.0})
    assert other.log_density()(point)[0] != pytest.approx(value)
    assert compiled.log_density()(point)[0] == value
    with pytest.raises(KeyError, match="nothing"):
        compiled.with_data({"nothing": 1.0})


def test_variables_follow_the_data_of_the_density_and_keep_their_names(model: pm.Model) -> None:
    compiled = compile_model(model).with_data({"factor": 3.0})
    points = np.random.default_rng(1).normal(size=(2, 5, compiled.size))
    found = compiled.variables(points)
    assert found["own"].dims == ("chain", "draw", "place")
    assert found["place"].values.tolist() == ["a", "b"]
    np.testing.assert_allclose(found["own"], 3.0 * found["scale"] * found["z"])
    assert (found["scale"] > 0).all()


def test_draws_are_of_the_posterior_one_of_every_thin_and_repeat(model: pm.Model) -> None:
    compiled = compile_model(model)
    sampling = Sampling(chains=2, draws=500, thin=2, tune=300, target_accept=0.9)
    first, second = (sample_compiled(compiled, sampling, seed=3) for _ in range(2))
    x = first["posterior"]["x"]
    assert dict(first["posterior"].sizes) == {"chain": 2, "draw": 500, "place": 2}
    assert first["sample_stats"].sizes["draw"] == 1000
    assert float(x.mean()) == pytest.approx(1.0, abs=0.1)
    assert float(x.std()) == pytest.approx(0.5**0.5, rel=0.1)
    np.testing.assert_array_equal(x, second["posterior"]["x"])


def test_an_operation_is_named_by_the_code_that_it_was_made_from() -> None:

    assert code_of(sectors_law) != code_of(population_laws)
    assert code_of(sectors_law, population_laws) != code_of(population_laws, sectors_law)


class Counted:
    """A normal density that counts its calls by thread, as long as Python knows the thread."""

    size = 2

    def __init__(self) -> None:
        self.own, self.most = threading.local(), 0

    def start(self, seed: int) -> np.ndarray:
        return np.ones(self.size)

    def log_density(self):
        def density(point: np.ndarray) -> tuple[float, np.ndarray]:
            self.own.calls = getattr(self.own, "calls", 0) + 1
            self.most = max(self.most, self.own.calls)
            return -0.5 * float(point @ point), -point

        return density


def test_python_knows_a_thread_of_the_sampler_from_one_call_to_the_next() -> None:
    """A state made anew at every call would take most of the time of small blocks."""
    law = Counted()
    sampled_points(law, Sampling(chains=1, draws=50, tune=50), seed=1)
    assert law.most > 100

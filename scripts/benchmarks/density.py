"""Log density with gradient of every block and part, in three ways, each with its compiling.

Ours is `bayesgap.inference.compiled`, PyMC's own is `model.logp_dlogp_function` in PyTensor's
default mode, JAX's is PyMC's `get_jaxified_graph`, alone and several at a time (`vmap`): points
of four chains, sixteen prior sets, sixteen data sets. Each way runs in a process of its own with
empty caches. Seconds are processor seconds, so that threads do not count as speed.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pymc as pm

from bayesgap.inference.compiled import compile_model
from bayesgap.inference.coordinates import in_coordinates
from benchmarks.blocks import density_of, model_of, parts_of, study_and_panels
from benchmarks.rows import OURS, Row, seconds_per_call

SECTION = "density"
COST, COMPILE = "log density with gradient", "compiling"
CHAINS, SETS = 4, 16


def rows(way: str, blocks: Sequence[str]) -> Iterator[Row]:
    """Rows of one way for `blocks`."""
    study, panel = study_and_panels()
    for block in blocks:
        for item, model in parts_of(block, model_of(block, study, panel(block))).items():
            point = start(model)
            if way == "JAX":
                yield from by_jax(item, model, point)
                continue
            begun = time.process_time()
            call = {OURS: by_us, "PyMC": by_pymc}[way](model, point)
            call()
            spent = time.process_time() - begun
            note = f"{point.size} dimensions, log density {float(call()[0]):.6f}"
            yield Row(SECTION, item, COMPILE, way, spent, "s", note)
            yield Row(SECTION, item, COST, way, 1000 * seconds_per_call(call), "ms")


def start(model: pm.Model) -> np.ndarray:
    """A point near the middle of the priors, in unbounded coordinates."""
    first = in_coordinates(model).initial_point()
    middle = np.concatenate([np.ravel(value) for value in first.values()])
    return middle + np.random.default_rng(1).uniform(-0.1, 0.1, middle.size)


def by_us(model: pm.Model, point: np.ndarray) -> Callable[[], Any]:
    """Our compiled density at `point`."""
    density = density_of(compile_model(model))
    return lambda: density(point)


def by_pymc(model: pm.Model, point: np.ndarray) -> Callable[[], Any]:
    """PyMC's compiled density at `point`, a vector that it takes apart itself."""
    function = model.logp_dlogp_function(ravel_inputs=True)
    function.set_extra_values({})
    return lambda: function(point)


def by_jax(item: str, model: pm.Model, point: np.ndarray) -> Iterator[Row]:
    """JAX's density: at one point, at those of four chains, under many prior sets and data."""
    import jax

    from benchmarks.jax_density import Density, batched, data_names, hyper_names

    whole = Density(model, ())
    points = point + np.random.default_rng(2).uniform(-0.01, 0.01, (CHAINS, point.size))
    cases = [("JAX", whole, (point,), 1), ("JAX, 4 chains at once", whole, (points,), CHAINS)]
    for name, choose in (("prior", hyper_names), ("data", data_names)):
        own = Density(model, choose(model))
        many = np.repeat(points, SETS // CHAINS, axis=0)
        if own.names:
            case = (f"JAX, {SETS} {name} sets at once", own, (many, *batched(own, SETS)), SETS)
            cases.append(case)
    for way, density, arguments, number in cases:
        function = density.gradient if number == 1 else jax.vmap(density.gradient)
        call = _called(jax.jit(function), arguments)
        begun = time.process_time()
        call()
        spent = time.process_time() - begun
        cost, seconds = 1000 * seconds_per_call(call) / number, density.traced + spent
        if number == 1:
            note = f"log density {float(call()[0]):.6f}"
            yield Row(SECTION, item, COMPILE, way, seconds, "s", note)
            yield Row(SECTION, item, COST, way, cost, "ms")
        else:
            yield Row(SECTION, item, COST, way, cost, "ms", f"compiling {seconds:.1f} s")


def _called(function: Callable[..., Any], arguments: tuple) -> Callable[[], Any]:
    import jax

    placed = [jax.device_put(value) for value in arguments]
    return lambda: jax.block_until_ready(function(*placed))

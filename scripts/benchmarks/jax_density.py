"""Log density of a PyMC model as a function of JAX: of a point, and of data if wanted."""

import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
from pymc.sampling.jax import get_jaxified_graph
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import graph_inputs

import benchmarks.jax_ops  # noqa: F401  # our operations in JAX's functions

WIGGLE = 0.02  # prior and data sets differ by so much, relatively


class Density:
    """Log density at a point (dimension), and under values of the shared variables `names`."""

    def __init__(self, model: pm.Model, names: Sequence[str]) -> None:
        """Translate the graph of `model`; `traced` are the processor seconds that it takes."""
        begun = time.process_time()
        self.values = [model.rvs_to_values[variable] for variable in model.free_RVs]
        first = model.initial_point()
        self.shapes = [np.shape(first[value.name]) for value in self.values]
        density = model.logp()
        held = shared(density)
        self.names = tuple(name for name in names if name in held)
        self.data = [held[name].get_value() for name in self.names]
        free = {held[name]: held[name].type() for name in self.names}
        graph = clone_replace([density], free)
        inputs = [*self.values, *free.values()]
        self._function = get_jaxified_graph(inputs=inputs, outputs=graph)
        self.gradient = jax.value_and_grad(self.__call__)
        self.traced = time.process_time() - begun

    def __call__(self, point: Any, *data: Any) -> Any:
        """Log density, without gradient."""
        pieces, first = [], 0
        for shape in self.shapes:
            last = first + int(np.prod(shape))
            pieces.append(jnp.reshape(point[first:last], shape))
            first = last
        return self._function(*pieces, *data)[0]


def shared(density: Any) -> dict[str, Any]:
    """Shared variables that a log density depends on, by name."""
    return {str(v.name): v for v in graph_inputs([density]) if isinstance(v, SharedVariable)}


def hyper_names(model: pm.Model) -> list[str]:
    """Hyperparameters of the priors: data of no dimension, named `prior__parameter`."""
    return [v.name for v in model.data_vars if v.ndim == 0 and "__" in v.name]


def data_names(model: pm.Model) -> list[str]:
    """Observations and what stands beside them: arrays of floats, places of cells apart."""
    held = shared(model.logp())
    return [n for n, v in held.items() if v.ndim and v.dtype == "float64" and "cells__" not in n]


def batched(density: Density, number: int) -> list[np.ndarray]:
    """Values (set, ...) of a density's data, each a little off those of the model."""
    rng = np.random.default_rng(3)
    return [
        value * (1.0 + WIGGLE * rng.uniform(-1, 1, (number, *np.shape(value))))
        for value in density.data
    ]

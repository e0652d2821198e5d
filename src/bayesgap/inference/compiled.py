"""A PyMC model as the sampler sees it: its log density with gradient, compiled once.

PyTensor compiles the density for Numba and keeps it on disk under a hash of its graph
(docs/adr/0042). Variables are not compiled: the sampler keeps points, and `Compiled.variables`
turns all of them into variables at once, by plain NumPy.

This is the one module that reads what PyTensor does not promise to keep (`vm.jit_fn`);
`tests/inference/test_compiled.py` is its canary.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import xarray as xr
from pytensor.compile.mode import get_mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.replace import clone_replace, vectorize_graph
from pytensor.graph.traversal import graph_inputs

from bayesgap.inference.coordinates import (
    Floats,
    Stretched,
    Turned,
    in_coordinates,
    is_folded,
    standardising,
)

Density = Callable[[Floats], tuple[float, Floats]]
Shapes = Mapping[str, tuple[int, ...]]
JITTER = 1.0  # first points lie so far about the middle of the priors, in unbounded coordinates
BATCH = 1000  # points that become variables together
LEARNT = 1000  # points from which coordinates are learnt at most


@dataclass(frozen=True)
class Function:
    """Compiled code, and the names of the `pm.Data` that it takes after its point."""

    code: Callable[..., Any]
    names: tuple[str, ...]

    def given(self, data: Mapping[str, Any]) -> Callable[[Floats], Any]:
        """Function of a point alone."""
        values = tuple(data[name] for name in self.names)
        return lambda point: self.code(point, *values)


@dataclass(frozen=True)
class Compiled:
    """Log density of a model at unbounded points (dimension); its `pm.Data` can be exchanged.

    `starts` are points that chains may begin at, `axes` the coordinates that the sampler moves in;
    a sign means nothing where a dimension is `folded`.
    """

    function: Function
    expansion: Callable[[], Function]
    data: Mapping[str, Any]
    dims: Mapping[str, tuple[str, ...]]
    coords: Mapping[str, Any]
    middle: Floats
    folded: np.ndarray[Any, np.dtype[np.bool_]]
    starts: Floats | None = None
    axes: Turned | Stretched | None = None

    @property
    def size(self) -> int:
        """Number of dimensions."""
        return self.middle.size

    def with_data(self, data: Mapping[str, Any]) -> "Compiled":
        """The same density, given other `data` by name.

        Raises
        ------
        KeyError
            The model has no data of such a name.
        """
        if unknown := data.keys() - self.data.keys():
            raise KeyError(f"The model has no data named {sorted(unknown)}.")
        held = {
            name: np.array(value, dtype=self.data[name].dtype, order="C")
            for name, value in data.items()
        }
        return replace(self, data={**self.data, **held})

    def log_density(self) -> Density:
        """Function of a point (in `axes`, if any): log density and its gradient."""
        function, axes = self.function.given(self.data), self.axes

        def plain(point: Floats) -> tuple[float, Floats]:
            value, gradient = function(point)
            return float(value), gradient

        def moved(point: Floats) -> tuple[float, Floats]:
            value, gradient = function(axes.outside(point))
            return float(value), axes.slope(gradient)

        return plain if axes is None else moved

    def start(self, seed: int) -> Floats:
        """A point to begin at: one of `starts`, or the middle of the priors with jitter."""
        rng = np.random.default_rng(seed)
        if self.starts is None:
            return self.middle + rng.uniform(-JITTER, JITTER, self.size)
        return self.starts[rng.integers(len(self.starts))]

    def near(self, points: Floats) -> "Compiled":
        """The same density in coordinates that standardise it; chains begin at one of `points`.

        Parameters
        ----------
        points : (sample, dimension) draws of a posterior near by, in unbounded coordinates
        """
        unfolded = np.where(self.folded, np.abs(points), points)
        some = unfolded[:: -(-len(points) // LEARNT)]
        density = replace(self, axes=None).log_density()
        slopes = np.array([density(point)[1] for point in some])
        finite = np.isfinite(slopes).all(1)
        axes = standardising(some[finite], slopes[finite])
        return replace(self, axes=axes, starts=axes.inside(unfolded))

    def variables(self, points: Floats) -> xr.Dataset:
        """Every variable (chain, draw, ...) of the model at points (chain, draw, dimension)."""
        chains, draws = points.shape[:2]
        flat = points.reshape(-1, self.size)
        outside = flat if self.axes is None else self.axes.outside(flat)
        expand = self.expansion().given(self.data)
        parts = [expand(outside[i : i + BATCH]) for i in range(0, len(outside), BATCH)]
        named = {}
        for (name, dims), pieces in zip(self.dims.items(), zip(*parts, strict=True), strict=True):
            value = np.concatenate(pieces)
            named[name] = (("chain", "draw", *dims), value.reshape(chains, draws, *value.shape[1:]))
        return xr.Dataset(named, {"chain": range(chains), "draw": range(draws), **self.coords})


def compile_model(model: pm.Model) -> Compiled:
    """Compile `model` for the sampler.

    Sums keep their order (no `fastmath`): otherwise code that is new and code that was kept would
    give other last digits, hence other chains. Bounds of parameters are not checked again: the
    unbounded coordinates keep them.
    """
    model = in_coordinates(model)
    first = model.initial_point()
    shapes = {name: value.shape for name, value in first.items()}
    kept = [*model.free_RVs, *model.deterministics]
    dims = {str(v.name): _dims(model, v) for v in kept}
    every = {name for of in dims.values() for name in of if name in model.coords}
    outputs = model.replace_rvs_by_values(kept)
    function, shared = _compiled_density(model, shapes)
    shared |= {v.name: v for v in _shared(outputs)}
    return Compiled(
        function=function,
        expansion=cache(partial(_compiled_expansion, outputs, _values(model), shapes)),
        data={name: np.array(v.get_value(borrow=True), order="C") for name, v in shared.items()},
        dims=dims,
        coords={name: np.asarray(model.coords[name]) for name in every},
        middle=np.concatenate([value.ravel() for value in first.values()]),
        folded=np.concatenate(
            [np.full(first[value.name].size, is_folded(model, value)) for value in _values(model)]
        ),
    )


def _dims(model: pm.Model, variable: Any) -> tuple[str, ...]:
    """Names of a variable's dims; those that the model does not name are numbered."""
    named = model.named_vars_to_dims.get(variable.name)
    return tuple(named or (f"{variable.name}_dim_{i}" for i in range(variable.ndim)))


def _values(model: pm.Model) -> list[Any]:
    """Value variables in the order of a point."""
    return [model.rvs_to_values[variable] for variable in model.free_RVs]


def _shared(outputs: Sequence[Any]) -> list[Any]:
    """Shared variables that `outputs` depend on."""
    return [v for v in graph_inputs(outputs) if isinstance(v, SharedVariable)]


def _pieces(points: Any, values: Sequence[Any], shapes: Shapes) -> dict[Any, Any]:
    """Value variables as pieces of `points` (..., dimension)."""
    pieces, first = {}, 0
    lead = tuple(points.shape[i] for i in range(points.ndim - 1))
    for value in values:
        last = first + int(np.prod(shapes[value.name]))
        pieces[value] = points[..., first:last].reshape((*lead, *shapes[value.name]))
        first = last
    return pieces


def _compiled_density(model: pm.Model, shapes: Shapes) -> tuple[Function, dict[str, Any]]:
    """Log density and gradient of a point, and the shared variables that they take, by name."""
    values = _values(model)
    size = sum(int(np.prod(shape)) for shape in shapes.values())
    point = pt.vector("point", shape=(size,), dtype="float64")
    density = model.logp()
    slopes = [slope.ravel() for slope in pt.grad(density, values)]
    outputs = clone_replace([density, pt.concatenate(slopes)], _pieces(point, values, shapes))
    mode = get_mode("NUMBA").including("local_remove_check_parameter")
    with pytensor.config.change_flags(numba__fastmath=False):
        compiled = pytensor.function([point], outputs, mode=mode)
    shared = {v.name: v for v in compiled.get_shared()}
    return Function(compiled.vm.jit_fn, tuple(shared)), shared


def _compiled_expansion(outputs: Sequence[Any], values: Sequence[Any], shapes: Shapes) -> Function:
    """Variables at many points (point, dimension) at once, by NumPy."""
    points = pt.matrix("points", dtype="float64")
    data = {v: v.type() for v in _shared(outputs)}
    given = clone_replace(outputs, data)
    every = vectorize_graph(given, _pieces(points, values, shapes))
    inputs = [points, *data.values()]
    code = pytensor.function(inputs, every, mode="FAST_COMPILE", on_unused_input="ignore")
    return Function(code, tuple(v.name for v in data))

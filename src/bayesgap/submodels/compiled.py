"""A PyMC model compiled for nutpie through PyTensor's cached functions.

nutpie's own Numba wrapper is made of pointers, so Numba cannot cache it: it is compiled anew in
every process, which takes longer than sampling. PyTensor's functions are cached on disk by the
hash of their graph; here they are called from Python, some microseconds a call, so that the
second compile of a model costs its graph rewriting only (docs/adr/0006).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import pytensor
from nutpie.compile_pymc import _make_functions, _wrap_with_lock
from nutpie.compiled_pyfunc import PyFuncModel, from_pyfunc
from pymc.initial_point import make_initial_point_fn

from bayesgap.submodels.coordinates import in_coordinates


@pytensor.config.change_flags(numba__fastmath=False)
def compile_model(model: pm.Model) -> PyFuncModel:
    """Compile `model` for `nutpie.sample`; its `pm.Data` stay exchangeable through `with_data`.

    Sums keep their order: the compiler's freedom to change it gives other last digits, hence other
    chains, to code that is new than to code that was kept. It saved no time that we could measure.
    """
    model = in_coordinates(model)
    first = make_initial_point_fn(
        model=model, jitter_rvs=set(model.free_RVs), return_transformed=True
    )
    ndim, _, density, expand, start, (names, _, shapes), _ = _make_functions(
        model,
        mode="NUMBA",
        compute_grad=True,
        join_expanded=False,
        pymc_initial_point_fn=_wrap_with_lock(first),
    )
    held = {v.name: v for function in (density, expand) for v in function.get_shared()}
    return from_pyfunc(
        ndim=ndim,
        make_logp_fn=lambda: _log_density(density),
        make_expand_fn=lambda _seed1, _seed2, _chain: _expansion(expand, names, shapes),
        make_initial_point_fn=start,
        expanded_names=names,
        expanded_shapes=shapes,
        expanded_dtypes=[np.dtype(float)] * len(names),
        shared_data={name: _constant(v.get_value(borrow=True)) for name, v in held.items()},
        coords={name: pd.Index(values) for name, values in model.coords.items()},
        dims=dict(model.named_vars_to_dims),
    )


def data_names(compiled: PyFuncModel) -> frozenset[str]:
    """Names of the data that `compiled` can be given."""
    return frozenset(compiled._shared_data)


def _constant(value: Any) -> Any:
    """Value as an array of its own."""
    return np.array(value, order="C", copy=True)


def _log_density(function: Any) -> Callable[..., tuple[float, Any]]:
    compiled, names = _jitted(function)

    def log_density(point: Any, **data: Any) -> tuple[float, Any]:
        value, gradient = compiled(point, *(data[name] for name in names))
        return float(value), gradient

    return log_density


def _expansion(function: Any, names: list[str], shapes: list[Any]) -> Callable[..., Any]:
    compiled, shared = _jitted(function)

    def expansion(point: Any, **data: Any) -> dict[str, Any]:
        values = compiled(point, *(data[name] for name in shared))
        return {
            name: np.asarray(value, dtype=float, order="C").reshape(shape)
            for name, value, shape in zip(names, values, shapes, strict=True)
        }

    return expansion


def _jitted(function: Any) -> tuple[Callable[..., Any], list[str]]:
    """Compiled code of a PyTensor function, and the names of the data that it takes."""
    return function.vm.jit_fn, [variable.name for variable in function.get_shared()]

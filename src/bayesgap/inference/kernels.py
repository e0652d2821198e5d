"""Operations whose gradients are written out, compiled by Numba: likelihoods that are one function.

A general-purpose gradient of a long sum is hundreds of functions, each compiled by itself. An
operation is two: its value and its gradient. An operation keeps the code that it was compiled from
in its properties, so that PyTensor's cache never serves an older version of it.
"""

import hashlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numba
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

Arrays = tuple[Any, ...]


def code_of(*modules: ModuleType) -> str:
    """Short hash of the text of `modules`."""
    text = "".join(inspect.getsource(module) for module in modules)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Kernel(Op):
    """Compiled function of arrays: `ndims` are the numbers of dimensions of its outputs."""

    __props__ = ("name", "code")

    def __init__(
        self, name: str, code: str, function: Callable[..., Arrays], ndims: tuple[int, ...]
    ) -> None:
        self.name, self.code, self.ndims = name, code, ndims
        self.function = numba.njit(function, error_model="numpy")

    def make_node(self, *inputs: Any) -> Apply:
        """Outputs are arrays of floats."""
        outputs = [pt.tensor(dtype="float64", shape=(None,) * n) for n in self.ndims]
        return Apply(self, [pt.as_tensor_variable(value) for value in inputs], outputs)

    def perform(self, node: Apply, inputs: Any, outputs: Any) -> None:
        """Evaluate outside a compiled graph."""
        for storage, value in zip(outputs, self.function(*inputs), strict=True):
            storage[0] = value


class Operation(Kernel):
    """A kernel whose first output is differentiated by its first `moved` inputs.

    The other outputs are what the gradient needs again. `backward` takes all inputs, all outputs
    and the slopes by the first output; it returns the slopes by the first `moved` inputs.
    """

    def __init__(
        self,
        name: str,
        code: str,
        forward: Callable[..., Arrays],
        backward: Callable[..., Arrays],
        ndims: tuple[int, ...],
        moved: int,
    ) -> None:
        super().__init__(name, code, forward, ndims)
        self.backward, self.moved = backward, moved

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the first output, by the first `moved` inputs."""
        rest = [False] * (len(self.ndims) - 1)
        return [[place < self.moved, *rest] for place in range(len(node.inputs))]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Slopes by the inputs, from those by the first output."""
        ndims = tuple(value.ndim for value in inputs[: self.moved])
        gradient = Kernel(f"{self.name} gradient", self.code, self.backward, ndims)
        slopes = gradient.make_node(*inputs, *outputs, cotangents[0]).outputs
        return [*slopes, *(disconnected_type() for _ in inputs[self.moved :])]


class LogDensity(Kernel):
    """A kernel whose outputs are a log density and its slopes by the first inputs."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The density by the inputs that have a slope."""
        rest = [False] * (len(self.ndims) - 1)
        return [[place < len(rest), *rest] for place in range(len(node.inputs))]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Gradients were computed on the way."""
        slopes = [cotangents[0] * slope for slope in outputs[1:]]
        return [*slopes, *(disconnected_type() for _ in inputs[len(slopes) :])]


@register_funcify_default_op_cache_key(Kernel)
def _compiled(op: Kernel, node: Apply, **_: Any) -> Any:
    return op.function

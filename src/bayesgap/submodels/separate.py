"""Parts of a model that share no parameter: each can be sampled apart, in steps of its own."""

from typing import Any, NamedTuple

import pymc as pm
from pytensor.graph.traversal import ancestors

from bayesgap.submodels.compiled import Compiled, compile_model
from bayesgap.submodels.fit import unseen, without


class Part(NamedTuple):
    """A compiled part: its variables, and the `pm.Data` that it can be given, by name."""

    model: Compiled
    names: frozenset[str]
    data: frozenset[str]


def parts(model: pm.Model, *, apart: bool = True) -> tuple[Part, ...]:
    """What data inform of `model`, compiled: every part, or the whole as one unless `apart`."""
    seen = without(model, unseen(model))
    return tuple(_compiled(part) for part in (separated(seen) if apart else [seen]))


def _compiled(model: pm.Model) -> Part:
    compiled = compile_model(model)
    return Part(compiled, frozenset(compiled.dims), frozenset(compiled.data))


def separated(model: pm.Model) -> list[pm.Model]:
    """Models of the parts of `model`, which data inform as a whole: itself if it is one."""
    free = set(model.free_RVs)
    groups: list[set[Any]] = []
    for told in (*model.observed_RVs, *model.potentials, *model.deterministics):
        group = {told, *free & set(ancestors([told]))}
        for other in [other for other in groups if other & group]:
            group |= other
            groups.remove(other)
        groups.append(group)
    return [model] if len(groups) == 1 else [_part(model, group) for group in groups]


def _part(model: pm.Model, kept: set[Any]) -> pm.Model:
    every = (*model.basic_RVs, *model.potentials, *model.deterministics)
    return without(model, [v.name for v in every if not kept & {v, *ancestors([v])}])

"""Parts of a model: what no data inform, and parts that share no parameter, each sampled apart."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pymc as pm
from pymc.model.fgraph import ModelVar, fgraph_from_model, model_from_fgraph
from pytensor.graph.traversal import ancestors

from bayesgap.inference.compiled import Compiled, compile_model


class Part(NamedTuple):
    """A compiled part: its variables, and the `pm.Data` that it can be given, by name."""

    model: Compiled
    names: frozenset[str]
    data: frozenset[str]


def parts(model: pm.Model, *, apart: bool = True) -> tuple[Part, ...]:
    """What data inform of `model`, compiled: every part, or the whole as one unless `apart`."""
    seen = drop_variables(model, prior_only_variables(model))
    compiled = [compile_model(part) for part in (separated(seen) if apart else [seen])]
    return tuple(Part(one, frozenset(one.dims), frozenset(one.data)) for one in compiled)


def prior_only_variables(model: pm.Model) -> list[str]:
    """Names of the variables that share no part of the graph with anything observed."""
    free = set(model.free_RVs)
    links = {v: free & set(ancestors([v])) for v in (*free, *model.deterministics)}
    seen = free & set(ancestors([*model.observed_RVs, *model.potentials]))
    size = -1
    while size != len(seen):
        size = len(seen)
        seen = seen.union(*(link for link in links.values() if link & seen))
    return [v.name for v in (*model.free_RVs, *model.deterministics) if not links[v] & seen]


def drop_variables(model: pm.Model, names: Sequence[str]) -> pm.Model:
    """Copy of `model` without the variables `names`, on which no other depends."""
    if not names:
        return model
    graph, _ = fgraph_from_model(model, inlined_views=True)
    for node in list(graph.apply_nodes):
        if isinstance(node.op, ModelVar) and node.outputs[0].name in names:
            graph.remove_node(node)
    return model_from_fgraph(graph, mutate_fgraph=True)


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
    return drop_variables(model, [v.name for v in every if not kept & {v, *ancestors([v])}])

"""What a block shows by itself: worked out as soon as it is fitted, while others are sampled.

Checks of health that need one posterior and its panel. The process that waits for the samplers
works on them, since a core is often free then; what is not there yet is left to the health stage.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import xarray as xr
from threadpoolctl import threadpool_limits

from bayesgap.health.checks import block_checks
from bayesgap.health.contraction import contraction_rows
from bayesgap.health.influence import left_out
from bayesgap.health.replicas import block_distances
from bayesgap.runs.verdicts import Check
from bayesgap.study.study import Study


class BlockEvidence(NamedTuple):
    """Convergence, distances of replicas, densities of what is left out, contraction.

    `left` is None for a block that has no such densities.
    """

    convergence: list[Check]
    distances: list[dict[str, Any]]
    left: list[Any] | None
    contraction: list[dict[str, Any]]


def block_evidence(block: str, tree: xr.DataTree, panel: xr.Dataset, study: Study) -> BlockEvidence:
    """Evidence of one block; a function of its arguments, whenever it is called."""
    with threadpool_limits(1):  # how many there are changes the last digit of a sum
        return BlockEvidence(
            block_checks(block, tree),
            block_distances(block, tree, panel, study),
            left_out(block, tree, panel),
            contraction_rows(block, tree),
        )


def evidence_of_blocks(
    known: Mapping[str, BlockEvidence],
    posterior: Mapping[str, xr.DataTree],
    panel: xr.DataTree,
    study: Study,
) -> dict[str, BlockEvidence]:
    """Evidence of every block, in the order of `posterior`; what is `known` is not made again."""
    return {
        block: known.get(block) or block_evidence(block, tree, panel[block].to_dataset(), study)
        for block, tree in posterior.items()
    }

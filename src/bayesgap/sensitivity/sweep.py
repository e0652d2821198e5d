"""Many variants of the priors at once, on this machine's processes or on a cluster's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from itertools import batched
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import BLOCKS
from bayesgap.sensitivity.moves import moved_many, weighed, weighed_rows
from bayesgap.sensitivity.variants import Variant
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

TOGETHER = 4  # variants a task: what a killed sweep loses at most, per process
Keep = Callable[[str, pd.DataFrame], None]


def by_weights(
    variants: Sequence[Variant],
    posterior: Mapping[str, xr.Dataset],
    gap: np.ndarray,
    names: pd.MultiIndex,
    study: Study,
    clock: Callable[[], float],
    keep: Keep,
) -> list[Variant]:
    """Answer by weights what can be, and give back the rest.

    Parameters
    ----------
    gap : (draw, quantity) of all draws of the run
    """
    priors = {block: block_priors(study, block) for block in BLOCKS}
    rest = []
    for variant in variants:
        start = clock()
        weights = weighed(variant, posterior, priors)
        if weights.good:
            keep(variant.key, weighed_rows(variant, names, gap, weights, clock() - start))
        else:
            rest.append(variant)
    return rest


def tasks(variants: Sequence[Variant]) -> Iterator[list[Variant]]:
    """Variants of the same blocks together, so that a process compiles few models."""
    apart: dict[tuple[str, ...], list[Variant]] = {}
    for variant in variants:
        apart.setdefault(tuple(variant.changed), []).append(variant)
    for same in apart.values():
        for group in batched(same, TOGETHER):
            yield list(group)


def by_refits(
    variants: Sequence[Variant],
    folder: Path,
    study: Study,
    large: bool,
    pool: Executor,
    keep: Keep,
) -> None:
    """Answer variants by new draws in the processes of `pool`, each kept as it is ready."""
    text = study.model_dump_json()
    waiting = [pool.submit(moved_many, folder, text, task, large) for task in tasks(variants)]
    for future in as_completed(waiting):
        for key, rows in future.result():
            keep(key, rows)

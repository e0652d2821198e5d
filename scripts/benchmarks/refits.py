"""Seconds of a refit under one changed prior, by what `bayesgap sensitivity` calls for it.

A model is compiled near the run's first chunk of draws, and fitted once without being counted.
Priors that no data inform are left out: they are drawn, not fitted. One thread, seconds of the
clock.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from threadpoolctl import threadpool_limits

from bayesgap.blocks.registry import block_of
from bayesgap.health.checks import convergence
from bayesgap.inference.refit import Refitter
from bayesgap.projection.propagate import chunks
from bayesgap.sensitivity.prior_shifts import MIXED
from bayesgap.sensitivity.variants import FACTORS, SAMPLING
from bayesgap.study.blocks import block_priors
from bayesgap.study.prior_sets import rescaled
from benchmarks.projection import opened
from benchmarks.rows import OURS, Row

SECTION = "refits"
SEED = 7


def rows(run: Path, times: Mapping[str, int]) -> Iterator[Row]:
    """Rows of so many refits of each block, on the posterior of a run."""
    study, panel, draws = opened(run)
    _, near = next(chunks(draws, study.sampling.draws))
    with threadpool_limits(1):
        for block, number in times.items():
            priors = block_priors(study, block)
            model = block_of(block).law().build(panel[block].to_dataset(), priors, study.options)
            yield of_block(block, Refitter(model, near[block]), priors, number)


def of_block(block: str, refitter: Any, priors: Mapping[str, Any], number: int) -> Row:
    """Median seconds of the refits of a block; the note says how many have not mixed."""
    refitter.refit(priors, SAMPLING, SEED)
    seconds, rhats = [], []
    for changed in chosen(priors, refitter.prior_only_variables, number):
        begun = time.monotonic()
        tree = refitter.refit({**priors, **changed}, SAMPLING, SEED)
        seconds.append(time.monotonic() - begun)
        rhats.append(convergence(tree)["max_rhat"])
    longer = sum(rhat > MIXED for rhat in rhats)
    note = f"{min(seconds):.2f} to {max(seconds):.2f} s; R-hat over {MIXED}: {longer} of {number}"
    item = f"{block}, {refitter.size} parameters"
    return Row(SECTION, item, f"median of {number} refits", OURS, median(seconds), "s", note)


def chosen(
    priors: Mapping[str, Any], prior_only_variables: Sequence[str], number: int
) -> Iterator[dict[str, Any]]:
    """So many changed priors, far apart in the order of the study, narrower and wider in turn."""
    names = [name for name in priors if name not in prior_only_variables]
    for i, factor in zip(range(number), cycle(FACTORS)):
        name = names[i * len(names) // number]
        yield {name: rescaled(priors[name], factor)}

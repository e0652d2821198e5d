"""Checks of the method on one run: refits against power-scaling, and in time against `pm.sample`.

C1  a prior to the power of two is a prior of the same family, and a likelihood's power is data of
    the block's model (R1, R3), so what power-scaling says of them can be fitted again
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.health.weights import smoothed
from bayesgap.sensitivity.power_scaled import power_scaled
from bayesgap.sensitivity.powerscale import DOUBLED, LIKELIHOOD, Component
from bayesgap.sensitivity.prior_shifts import LARGE, Setting, moved, setting, weighed_rows
from bayesgap.sensitivity.variants import SAMPLING, Variant, single_variants
from bayesgap.study.prior_sets import powered


def agreement(folder: Path, power: pd.DataFrame, blocks: Sequence[str]) -> list[pd.DataFrame]:
    """Rows of one squared prior a block and of squared likelihoods, by weights and by a refit.

    Parameters
    ----------
    folder : run folder
    power : rows of `powerscale.scaled` for one quantity
    """
    held = setting(folder)
    found = [variant for block in blocks for variant in _squared(held, block, power)]
    priors = [
        moved(folder, variant, large=True, weights_first=first)
        for variant in found
        for first in (True, False)
    ]
    data = power[(power["component"] == LIKELIHOOD) & (power["k"] <= power["k_limit"])]
    squared = [block for block in data["block"] if block in blocks]
    return [*priors, *(rows for block in squared for rows in _likelihoods(folder, block))]


def _squared(held: Setting, block: str, power: pd.DataFrame) -> Iterator[Variant]:
    """The prior that data inform and whose index is largest where k is good."""
    priors = held.priors[block]
    prior_only_variables = held.refitter(block, priors).prior_only_variables
    good = power[(power["block"] == block) & (power["k"] <= power["k_limit"])]
    for name in good.sort_values("index", ascending=False)["component"]:
        spec = (
            powered(priors[name], DOUBLED)
            if name in priors and name not in prior_only_variables
            else None
        )
        if spec is not None:
            yield Variant(f"{block}.{name}", None, {block: {str(name): spec}})
            return


def _likelihoods(folder: Path, block: str) -> Iterator[pd.DataFrame]:
    held = setting(folder)
    log = likelihood(folder, block).log.transpose("chain", "draw").to_numpy()
    weights = smoothed((DOUBLED - 1) * log.ravel())
    variant = Variant(f"{block}.{LIKELIHOOD}", None, {block: {}})
    yield weighed_rows(variant, held.names, held.base, weights, 0.0)
    rows = power_scaled(folder, block, LIKELIHOOD, large=True)
    yield rows.assign(k=weights.k, method=f"{block}: " + rows["method"])


def refit_times(folder: Path, rows: pd.DataFrame, blocks: Sequence[str]) -> pd.DataFrame:
    """Seconds of refits by block: measured for small blocks, those of the sweep for large ones.

    Parameters
    ----------
    rows : moves of every variant

    Returns
    -------
    Columns block, parameters, refits, median, p95, pymc (`pm.sample` with its compile, small only)
    """
    held = setting(folder)
    swept = rows.drop_duplicates(["label", "factor"]).dropna(subset=["refit_seconds", "factor"])
    out = []
    for block in blocks:
        small = block not in LARGE
        mine = swept[swept["label"].str.startswith(f"{block}.")]["refit_seconds"]
        seconds = pd.Series(_timed(held, block)) if small else mine
        out.append(
            {
                "block": block,
                "parameters": held.refitter(block, held.priors[block]).size,
                "refits": len(seconds),
                "median": seconds.median(),
                "p95": seconds.quantile(0.95),
                "pymc": _pymc_seconds(held, block) if small else np.nan,
            }
        )
    return pd.DataFrame(out)


def _timed(held: Setting, block: str) -> list[float]:
    """Seconds of a refit of each prior of `block` that data inform, narrower and wider."""
    prior_only_variables = set(held.refitter(block, held.priors[block]).prior_only_variables)
    every = single_variants({block: held.priors[block]}, ())
    changed = [variant.changed[block] for variant in every]
    return [
        held.fresh(block, new, large=True).seconds
        for new in changed
        if not prior_only_variables >= set(new)
    ]


def _pymc_seconds(held: Setting, block: str) -> float:
    """Seconds of `pm.sample` for the same chains and draws, its compiling left in."""
    from bayesgap.inference.fit import fit

    model = held.model(block)
    sampling = SAMPLING.model_copy(update={"sampler": "pymc"})
    start = time.perf_counter()
    fit(model, sampling, seed=held.study.seed, cores=1)
    return time.perf_counter() - start


def likelihood(folder: Path, block: str) -> Component:
    """Log likelihood (chain, draw) of one block at the draws of the first chunk."""
    from bayesgap.inference.refit import log_likelihood

    held = setting(folder)
    log = log_likelihood(held.model(block), held.posterior[block])
    return Component(block, LIKELIHOOD, "likelihood", log)

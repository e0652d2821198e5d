"""Whole fits of our own posteriors: smallest bulk ESS a second, ours beside other samplers.

Ours is `fit` with the study's settings; the others are `pm.sample(nuts_sampler=...)` with its own
defaults and four chains on two cores. All sample the same variables: what data inform. Each fit
runs in a process of its own with empty caches: a fit of a few draws first, which is compiling, then
the whole one. PyTensor keeps what it compiled, so that the second fit is a warm one; nutpie and JAX
do not, and a second fit of a few draws, packages imported, says what is to be taken off instead.
"""

import importlib
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.health.checks import convergence
from bayesgap.inference.fit import fit
from bayesgap.study.study import Sampling
from benchmarks.blocks import model_of, study_and_panels
from benchmarks.rows import OURS, Row

SECTION = "posteriors"
OF_JAX = ("numpyro", "blackjax")
FORGETFUL = ("nutpie", *OF_JAX)  # keep nothing that they compiled
SEED, CORES, CHAINS = 7, 2, 4
FEW, DEFAULT = 10, 1000  # draws, as many of tuning


def rows(way: str, sampler: str, block: str, few: bool = False) -> Iterator[Row]:
    """Rows of one way of sampling `block`; with `few` draws where figures do not matter."""
    study, panel = study_and_panels()
    model = model_of(block, study, panel(block))
    draws = 4 * FEW if few else DEFAULT
    if way == OURS:
        own = study.sampling.model_copy(update={"draws": draws} if few else {})
        short = own.model_copy(update={"draws": FEW, "tune": 8 * FEW, "thin": 1})
        compiling, _ = measured(lambda: sampled_by_us(model, short))
        whole, tree = measured(lambda: sampled_by_us(model, own))
    else:
        if sampler in OF_JAX:
            prepare(sampler)
        compiling, _ = measured(lambda: sampled_by_pymc(model, sampler, FEW))
        again = np.zeros(2)
        if sampler in FORGETFUL:
            again, _ = measured(lambda: sampled_by_pymc(model, sampler, FEW))
        whole, tree = measured(lambda: sampled_by_pymc(model, sampler, draws))
        whole = whole - again
    yield from figures(way, block, tree, whole + compiling, whole)


def prepare(sampler: str) -> None:
    """A device a chain, which JAX must be told before it starts; our loop for BlackJAX."""
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={CHAINS}"
    if sampler == "blackjax":
        importlib.import_module("benchmarks.blackjax_loop").put_in()


def figures(
    way: str, block: str, tree: xr.DataTree, cold: np.ndarray, warm: np.ndarray
) -> Iterator[Row]:
    """Rows of a fit that took so many seconds (of the clock, of processors), cold and warm."""
    found = convergence(tree)
    ess = found["min_ess_bulk"]
    note = (
        f"ESS {ess:.0f} bulk, {found['min_ess_tail']:.0f} tail, "
        f"R-hat {found['max_rhat']:.3f}, {found['divergences']:.0f} divergences"
    )
    for state, (clock, processors) in (("compiling included", cold), ("compiled", warm)):
        measure = f"smallest bulk ESS, {state}"
        if clock <= 0 or processors <= 0:
            unclear = "sampling too short beside compiling"
            yield Row(SECTION, block, measure, way, float("nan"), "1/s", unclear)
            continue
        yield Row(SECTION, block, measure, way, ess / processors, "1/CPU-s", note)
        yield Row(SECTION, block, measure, way, ess / clock, "1/s", f"{clock:.1f} s")


def measured(what: Callable[[], Any]) -> tuple[np.ndarray, Any]:
    """Seconds of the clock and of processors, those of ended processes too; and the value."""
    begun = spent()
    value = what()
    return spent() - begun, value


def spent() -> np.ndarray:
    """Seconds of the clock, and of processors here and in processes that have ended."""
    return np.array([time.monotonic(), sum(os.times()[:4])])


def sampled_by_us(model: pm.Model, sampling: Sampling) -> xr.DataTree:
    """Fit of a run."""
    return fit(model, sampling, seed=SEED)


def sampled_by_pymc(model: pm.Model, sampler: str, draws: int) -> xr.DataTree:
    """Fit with the defaults of PyMC for everything but the number of draws."""
    for name in ("pymc", "pymc.sampling.mcmc", "numpyro"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings(), model:
        warnings.simplefilter("ignore")
        return pm.sample(
            draws=draws,
            tune=draws,
            chains=CHAINS,
            cores=CORES,
            random_seed=SEED,
            nuts_sampler=cast(Any, sampler),
            progressbar=False,
            compute_convergence_checks=False,
        )

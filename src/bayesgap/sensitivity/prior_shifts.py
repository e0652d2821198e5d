"""How changed priors move the gap: by weights where they hold, else drawn or fitted again.

V1  Pareto-smoothed weights new prior / old prior on the run's draws, if their k allows
V2  else, if no data inform what the changed priors are about: that is drawn again, with one seed
V3  else the block is fitted again, compiled once for all; large blocks only when asked

V2 and V3 replace a block's draws in the first chunk and propagate them with the shocks of the run,
so that a difference from the base is one of the same draws of everything else. Refits begin at the
run's posterior and are short; one that has not mixed is done again, longer.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.health.checks import convergence
from bayesgap.health.weights import Weights, chance, quantiles, shift_error, smoothed
from bayesgap.inference.ess import mcse_mean
from bayesgap.projection.inputs import INPUTS, PairedProjection
from bayesgap.runs.run import Run, open_run
from bayesgap.schema import BLOCKS
from bayesgap.sensitivity.densities import log_ratio
from bayesgap.sensitivity.variance import columns, cut, flat
from bayesgap.sensitivity.variants import SAMPLING, Variant
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.priors import PriorSpec
from bayesgap.study.study import Sampling

LARGE = ("population", "education", "sectors")  # over 100 parameters
FITTED = "fitted again"
LONGER = SAMPLING.model_copy(update={"draws": 500, "tune": 500})
MIXED = 1.1  # largest R-hat of any parameter after a short refit
WHOLE = frozenset(INPUTS)
SLOPE = 2.51  # sds by which a normal's median moves per unit of probability


class Fresh(NamedTuple):
    """New draws of one block: how they were made, seconds, and how they converged."""

    draws: xr.Dataset | None
    method: str
    seconds: float
    rhat: float = np.nan

    @property
    def answers(self) -> bool:
        """Whether there are draws, and chains that agree where there are chains."""
        return self.draws is not None and not self.rhat > MIXED


MISSED = Fresh(None, "not reached", 0.0)


class Setting:
    """What a process keeps between variants: draws of the first chunk, models, the base gap."""

    def __init__(self, run: Run) -> None:
        """Read the run's posterior and panel."""
        self.run, self.study, self.panel = run, run.study, run.panel
        study = run.study
        self.priors = {block: block_priors(study, block) for block in BLOCKS}
        self.posterior = cut({block: run.draws[block] for block in BLOCKS}, 0)
        years = [study.base_year, study.horizon]
        self.game = PairedProjection(self.posterior, self.panel, study, years, 0)
        self.names = columns([*study.targets, study.total], years[1:])
        self.base = flat(self.game.gap(WHOLE))
        self._models: dict[tuple[Any, ...], Any] = {}
        self._bases: dict[tuple[str, ...], np.ndarray] = {}

    def model(self, block: str, priors: Mapping[str, PriorSpec] | None = None) -> Any:
        """Model of `block` on the run's panel, under the run's priors if no others are given."""
        data = self.panel[block].to_dataset()
        return block_of(block).law().build(data, priors or self.priors[block], self.study.options)

    def refitter(self, block: str, priors: Mapping[str, PriorSpec]) -> Any:
        """Compiled model of `block` for these distributions; their parameters are data."""
        key = (block, *(spec.dist for spec in priors.values()))
        return self._kept("Refitter", key, lambda: self.model(block, priors))

    def conditioned(self, block: str, shapes: Mapping[str, tuple[int, ...]]) -> Any:
        """Compiled model of `block` that is told variables of these shapes."""
        return self._kept("ConditionedModel", (block, *shapes), lambda: self.model(block), shapes)

    def power_scaled(self, block: str) -> Any:
        """Compiled model of `block` whose likelihood stands to a power."""
        return self._kept("PowerScaledModel", (block,), lambda: self.model(block))

    def _kept(self, kind: str, key: tuple[str, ...], build: Callable[[], Any], *more: Any) -> Any:
        if (kind, *key) not in self._models:
            from bayesgap.inference import refit

            law = getattr(refit, kind)
            self._models[kind, *key] = law(build(), *more, posterior=self.posterior[key[0]])
        return self._models[kind, *key]

    def fresh(self, block: str, changed: Mapping[str, PriorSpec], large: bool) -> Fresh:
        """New draws of a block under changed priors: V2 or V3, or none."""
        priors = {**self.priors[block], **changed}
        model = self.refitter(block, priors)
        start = time.perf_counter()
        old, sizes = self.posterior[block], self.posterior[block].sizes
        seed, again = map(int, block_seed(self.study.seed + 3, block).generate_state(2))
        alone = set(changed) <= set(model.prior_only_variables)
        if not alone and block in LARGE and not large:
            return MISSED
        apart = model.redrawn(priors, sizes["chain"], sizes["draw"], seed)
        if alone:
            return Fresh(old.assign(apart), "drawn again", time.perf_counter() - start)
        model.compile()
        return self.refitted(block, lambda sampling: model.refit(priors, sampling, again), apart)

    def refitted(
        self, block: str, sample: Callable[[Sampling], xr.DataTree], apart: xr.Dataset
    ) -> Fresh:
        """What `sample` draws of a compiled block, with the draws `apart` of what it leaves out."""
        start = time.perf_counter()
        tree, rhat = refit_until_mixed(sample)
        spent = time.perf_counter() - start
        sizes = self.posterior[block].sizes
        fresh = refolded(tree["posterior"].to_dataset(), sizes["chain"], sizes["draw"])
        how = FITTED if rhat <= MIXED else f"{FITTED}, not mixed (R-hat {rhat:.2f})"
        return Fresh(fresh.merge(apart), how, spent, rhat)

    def base_of(self, blocks: Sequence[str]) -> np.ndarray:
        """Base gap with what no data inform in `blocks` drawn by the seed of V2."""
        key = tuple(blocks)
        if key not in self._bases:
            drawn = {block: self._as_declared(block) for block in key}
            self._bases[key] = flat(self.game.with_blocks(drawn).gap(WHOLE))
        return self._bases[key]

    def _as_declared(self, block: str) -> xr.Dataset:
        model = self.refitter(block, self.priors[block])
        sizes = self.posterior[block].sizes
        seed = int(block_seed(self.study.seed + 3, block).generate_state(2)[0])
        apart = model.redrawn(self.priors[block], sizes["chain"], sizes["draw"], seed)
        return self.posterior[block].assign(apart)


def refit_until_mixed(sample: Callable[[Sampling], xr.DataTree]) -> tuple[xr.DataTree, float]:
    """A short refit and its largest R-hat; a longer one if the short one has not mixed."""
    tree = sample(SAMPLING)
    rhat = convergence(tree)["max_rhat"]
    if rhat <= MIXED:
        return tree, rhat
    tree = sample(LONGER)
    return tree, convergence(tree)["max_rhat"]


def refolded(draws: xr.Dataset, chains: int, number: int) -> xr.Dataset:
    """Draws folded anew into chains of that length, over and over if they are too few."""
    held = draws.sizes["chain"] * draws.sizes["draw"]
    order = np.arange(chains * number) % held
    flat_draws = draws.stack(sample=("chain", "draw")).isel(sample=order)
    index = pd.MultiIndex.from_product([range(chains), range(number)], names=["chain", "draw"])
    coords = xr.Coordinates.from_pandas_multiindex(index, "sample")
    bare = flat_draws.drop_vars(["sample", "chain", "draw"])
    return bare.assign_coords(coords).unstack("sample").transpose("chain", "draw", ...)


@cache
def setting(folder: Path) -> Setting:
    """Setting of a run folder, kept for the life of the process."""
    return Setting(open_run(folder))


def weighed(
    variant: Variant, posterior: Mapping[str, xr.Dataset], priors: Mapping[str, Any]
) -> Weights:
    """Weights of all draws for a variant of any blocks (V1)."""
    terms = [
        log_ratio(block, priors[block], changed, posterior[block])
        .transpose("chain", "draw")
        .to_numpy()
        for block, changed in variant.changed.items()
    ]
    return smoothed(np.sum(terms, axis=0).ravel())


def moved(folder: Path, variant: Variant, large: bool, weights_first: bool = True) -> pd.DataFrame:
    """Rows of a variant whose weights fail on the whole, block by block: V1-V3.

    Parameters
    ----------
    folder : run folder, so that any process can do the task
    large : whether large blocks may be fitted again
    weights_first : False fits or draws again even where weights would do
    """
    held = setting(folder)
    start = time.perf_counter()
    single = len(variant.changed) == 1  # weights of many blocks at once leave few draws
    log, worst = np.zeros(len(held.base)), -np.inf
    fresh: dict[str, Fresh] = {}
    for block, changed in variant.changed.items():
        alone = Variant(variant.label, variant.factor, {block: changed})
        weights = weighed(alone, held.posterior, held.priors)
        if weights.good and weights_first and (single or block in LARGE):
            log, worst = log + np.log(np.maximum(weights.values, 1e-300)), max(worst, weights.k)
            continue
        fresh[block] = held.fresh(block, changed, large)
        if fresh[block].draws is None or not weights_first:
            worst = max(worst, weights.k)
    drawn = {b: f.draws for b, f in fresh.items() if f.draws is not None}
    base = held.base_of(list(drawn)) if drawn else held.base
    gap = flat(held.game.with_blocks(drawn).gap(WHOLE)) if drawn else base
    weights = np.exp(log - log.max())
    weights = weights / weights.sum()
    how = "; ".join(
        f"{block}: {fresh[block].method if block in fresh else 'weights'}"
        for block in variant.changed
    )
    refits = [f for f in fresh.values() if f.method.startswith(FITTED)]
    rows = move_rows(variant, held.names, base, gap, weights)
    return rows.assign(
        method=how,
        reached=all(f.answers for f in fresh.values()),
        k=worst,
        error=np.hypot(shift_error(weights), paired_error(base, gap)),
        rhat=max((f.rhat for f in refits), default=np.nan),
        refit_seconds=sum(f.seconds for f in refits) if refits else np.nan,
        seconds=time.perf_counter() - start,
    )


def move_rows(
    variant: Variant,
    names: pd.MultiIndex,
    base: np.ndarray,
    gap: np.ndarray,
    weights: np.ndarray | None,
) -> pd.DataFrame:
    """One row a quantity: base and moved median and 80 % interval [person], P(shortage)."""
    before, after = quantiles(base), quantiles(gap, weights)
    return names.to_frame(index=False).assign(
        label=variant.label,
        factor=variant.factor if variant.factor is not None else np.nan,
        base_lower=before[0],
        base_median=before[1],
        base_upper=before[2],
        base_sd=base.std(axis=0),
        lower=after[0],
        median=after[1],
        upper=after[2],
        base_chance=chance(base),
        chance=chance(gap, weights),
    )


def weighed_rows(
    variant: Variant, names: pd.MultiIndex, gap: np.ndarray, weights: Weights, seconds: float
) -> pd.DataFrame:
    """Rows of a variant that weights on all draws answer (V1)."""
    rows = move_rows(variant, names, gap, gap, weights.values)
    block = "; ".join(f"{block}: weights" for block in variant.changed)
    return rows.assign(
        method=block,
        reached=True,
        k=weights.k,
        error=shift_error(weights.values),
        rhat=np.nan,
        refit_seconds=np.nan,
        seconds=seconds,
    )


def paired_error(base: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Monte Carlo error (quantity) of a median's shift by new draws, in standard deviations.

    Each draw has all but the new draws in common with the base, so what counts is how often only
    one of the two lies over its median. The short chains of a refit come around again: a fold's
    draws are averaged, and what is left of their autocorrelation is in the error.
    """
    if gap is base:
        return np.zeros(base.shape[1])
    over = (gap > np.median(gap, axis=0)).astype(float) - (base > np.median(base, axis=0))
    fold = SAMPLING.chains * SAMPLING.draws
    rounds = max(len(over) // fold, 1)
    whole = len(over) // (rounds * SAMPLING.chains) * rounds * SAMPLING.chains
    units = over[:whole].reshape(rounds, -1, over.shape[1]).mean(0)
    chains = units.reshape(SAMPLING.chains, -1, over.shape[1])
    moving = np.ptp(chains, axis=(0, 1)) > 0
    error = np.zeros(over.shape[1])
    if moving.any():
        error[moving] = SLOPE * mcse_mean(chains.transpose(2, 0, 1)[moving])
    return error


def moved_many(
    folder: Path, variants: Sequence[Variant], large: bool
) -> list[tuple[str, pd.DataFrame]]:
    """Rows of several variants by key: one task of a sweep."""
    return [(variant.key, moved(folder, variant, large)) for variant in variants]

"""What is left of the gap's variance when inputs are told: blocks fitted again with them observed.

H1  value ~ Normal(input, scale) is added to the block's likelihood, cell by cell
H2  known: every assumed input told at draw i of the run, with `SHARP` of its spread;
    share due to assumed inputs = 1 - mean over i of Var(gap | told i) / Var(gap)
H3  looked at: one input told once at draw i plus an error, as sharp as its prior (assumed) or as
    all that the data say of it now (estimated); what that takes off the variance

Everything else keeps the run's draws and shocks, so ratios are of the same draws. Refits know no
straight lines, unlike `value`, and check it.
"""

import hashlib
import time
from collections.abc import Mapping
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bayesgap.blocks.registry import block_of
from bayesgap.health.contraction import width80
from bayesgap.projection.propagate import CHUNK
from bayesgap.runs.kept import Kept
from bayesgap.runs.run import SENSITIVITY, Run
from bayesgap.sensitivity.prior_shifts import WHOLE, Setting, refit_until_mixed, refolded, setting
from bayesgap.sensitivity.sweep import workers
from bayesgap.sensitivity.value import LEAST
from bayesgap.sensitivity.variance import flat
from bayesgap.study.blocks import block_seed
from bayesgap.study.study import Study

SHARP = 0.1  # leaves a hundredth of the variance of what is told
LOOKS = 3
ASSUMED = "assumed"
NORMAL_WIDTH = 2.563  # 80 % width of a standard normal
Names = Mapping[str, tuple[str, ...]]


class Conditioning(NamedTuple):
    """Inputs told, by block, and how sharply: H2 for all assumed ones, H3 for a single one."""

    label: str
    names: Names
    exact: bool

    @property
    def key(self) -> str:
        """Name of the files that keep its results: what they depend on besides the run."""
        digest = hashlib.sha256(repr((self.names, self.exact)).encode()).hexdigest()[:8]
        return f"{self.label}-{digest}"


def looks_of(study: Study, gains: pd.DataFrame) -> list[Conditioning]:
    """All assumed inputs at once, and one look at each of the inputs most worth it.

    Parameters
    ----------
    gains : rows of `value.measure_next` for one quantity; blocks whose assumed inputs it hardly
        follows keep their draws
    """
    felt = gains[gains["assumed"] & (gains["known"] > LEAST)]
    names: dict[str, tuple[str, ...]] = {}
    for block in felt["block"].unique():
        priors = study.priors[block]
        named = tuple(name for name, spec in priors.items() if spec.role == "assumed")
        names[str(block)] = (*named, *block_of(str(block)).assumed)
    first = gains.head(LOOKS)[["block", "input"]].itertuples(index=False)
    single = [
        Conditioning(f"{block}.{name}", {str(block): (str(name),)}, False) for block, name in first
    ]
    return [Conditioning(ASSUMED, names, True), *single]


def share_known(run: Run, gains: pd.DataFrame, refits: int, processes: int) -> pd.DataFrame:
    """Share of the variance that goes when inputs are known, by refits; those done are kept.

    Parameters
    ----------
    gains : as in `looks_of`
    refits : draws of the run at which each look is taken
    """
    study, kept = run.study, Kept(run.path / SENSITIVITY / "told", run)
    places = np.linspace(0, study.sampling.chains * CHUNK - 1, refits).astype(int).tolist()
    tasks = {
        f"{look.key}-{place}": (look, place) for look in looks_of(study, gains) for place in places
    }
    found = {key: kept.read(key) for key in tasks}
    missing = [key for key, rows in found.items() if rows is None]
    if missing:
        with workers(missing, processes) as pool:
            waiting = {pool.submit(left, run.path, *tasks[key]): key for key in missing}
            for future in as_completed(waiting):
                key, rows = waiting[future], future.result()
                kept.write(key, rows)
                found[key] = rows
    return share_gone(pd.concat(found.values(), ignore_index=True))


def left(folder: Path, look: Conditioning, place: int) -> pd.DataFrame:
    """One row a quantity: variance of the gap before and after `look` at draw `place`."""
    held = setting(folder)
    start = time.perf_counter()
    rhat, drawn = [], {}
    for block, names in look.names.items():
        tree, worst = _refit(held, look, block, names, place)
        rhat.append(worst)
        sizes = held.posterior[block].sizes
        fresh = refolded(tree["posterior"].to_dataset(), sizes["chain"], sizes["draw"])
        drawn[block] = held.posterior[block].assign(fresh)
    gap = flat(held.game.with_blocks(drawn).gap(WHOLE))
    return held.names.to_frame(index=False).assign(
        look=look.label,
        place=place,
        before=held.base.var(axis=0),
        after=gap.var(axis=0),
        rhat=max(rhat),
        seconds=time.perf_counter() - start,
    )


def _refit(
    held: Setting, look: Conditioning, block: str, names: tuple[str, ...], place: int
) -> tuple[Any, float]:
    rng = np.random.default_rng(block_seed(held.study.seed + 5, f"{look.label}/{block}", place))
    draws = held.posterior[block][list(names)].stack(sample=("chain", "draw"))
    values, scales = {}, {}
    for name in names:
        cells = draws[name].transpose("sample", ...)
        value = cells.values[place % cells.sizes["sample"]]
        sharp = SHARP * cells.values.std(0) if look.exact else _as_sharp(held, block, name)
        scales[name] = np.maximum(sharp, 1e-9)
        values[name] = (
            value if look.exact else value + scales[name] * rng.standard_normal(value.shape)
        )
    model = held.conditioned(block, {name: value.shape for name, value in values.items()})
    seed = int(rng.integers(2**31))
    return refit_until_mixed(lambda sampling: model.conditioned(values, scales, sampling, seed))


def _as_sharp(held: Setting, block: str, name: str) -> np.ndarray:
    """Error of one more look: the prior's spread, or that of all the data on an estimated input."""
    pair = (held.run.prior[block][name], held.posterior[block][name])
    prior, now = ((width80(draws) / NORMAL_WIDTH) ** 2 for draws in pair)
    spec = held.priors[block].get(name)
    if spec is None or spec.role == "assumed":
        return np.sqrt(prior.to_numpy())
    information = (1 / now - 1 / prior).clip(min=1e-12)
    return np.sqrt(1 / information.to_numpy())


def share_gone(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of the variance that a look takes off, with its Monte Carlo error, by quantity.

    Returns
    -------
    Columns look, region, year, part, gone, error (Monte Carlo, of the mean), refits, rhat (worst)
    """
    rows = rows.assign(gone=1 - rows["after"] / rows["before"])
    found = rows.groupby(["look", "region", "year", "part"], sort=False).agg(
        gone=("gone", "mean"),
        spread=("gone", "std"),
        refits=("gone", "size"),
        rhat=("rhat", "max"),
    )
    found["error"] = found.pop("spread") / np.sqrt(found["refits"])
    return found.reset_index()

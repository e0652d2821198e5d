"""Simulation-based calibration: ranks of drawn truths must be uniform among the draws they gave.

Equations
---------
S1  truth ~ prior;  data ~ law(truth);  draws ~ posterior(data);  rank = share of draws below truth
S2  ranks of a sound model and sampler are uniform: their empirical distribution stays within a
    band that holds all of it, for all quantities of a block at once, with 95 % chance
S3  coverage[p] = share of truths inside the central interval of level p

Quantities are few and were fixed before anything was run. Source: Talts et al. (2018); the band
is that of Saeilynoja, Buerkner & Vehtari (2022) as ArviZ simulates it, at a level of
1 - 0.05 / quantities for each.
"""

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import arviz
import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.ecdf_utils import ecdf_pit
from threadpoolctl import threadpool_limits

from bayesgap.blocks.block import Place, Quantity
from bayesgap.blocks.registry import block_of
from bayesgap.health.versions import law_version
from bayesgap.inference.truths import NONE, Simulated, Swings
from bayesgap.schema import BLOCKS
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.study import Sampling, Study

SAMPLING = Sampling(chains=1, draws=100, thin=5, tune=400, target_accept=0.85)
CHAIN: tuple[Quantity, ...] = (
    ("gap", (0,)),
    ("gap", (-1,)),
    ("supply", ()),
    ("demand", ()),
    *(("level_gap", (level,)) for level in range(5)),
)
LEVELS = (0.5, 0.8, 0.95)
BAND = 0.95
BAND_SIMULATIONS = 2000
FEWEST = 20  # simulations below which ranks say nothing
ORDER = (*BLOCKS, "chain")  # of blocks in tables
COLUMNS = ("block", "version", "simulation", "quantity", "rank", "ess", "divergences", "seconds")


def quantities_of(block: str) -> tuple[Quantity, ...]:
    """What is calibrated of a block, or of the whole `chain`."""
    return CHAIN if block == "chain" else block_of(block).calibration.quantities


def label(name: str, place: Place) -> str:
    """How a quantity is named in tables: `name[i,j]`."""
    return f"{name}[{','.join(map(str, place))}]" if place else name


class Fitted(NamedTuple):
    """One simulation of a block: what was made up, the draws found, and how it went."""

    model: Any
    simulated: Simulated
    posterior: xr.Dataset
    divergences: int
    seed: int
    seconds: float


def one_simulation(panel: xr.Dataset, study: Study, block: str, number: int) -> pd.DataFrame:
    """S1 once: rank, effective draws, divergences and seconds of every quantity."""
    return block_rows(simulated_fit(panel, study, block, number), study, block, number)


def simulated_fit(
    panel: xr.Dataset, study: Study, block: str, number: int, swings: Swings = NONE
) -> Fitted:
    """Truth and data of one simulation, and the draws that the block gives for them."""
    begun = monotonic()
    given = _Given(panel, study, block)
    entropy, sampler = map(int, block_seed(study.seed + number, block).generate_state(2))
    found = _simulated(given, number, np.random.default_rng(entropy), swings)
    tree = fitted_to(found.data, panel, study, block, sampler)
    draws, stats = (tree[group].to_dataset() for group in ("posterior", "sample_stats"))
    diverged = int(stats["diverging"].sum())
    return Fitted(_model(given), found, draws, diverged, entropy, monotonic() - begun)


def fitted_to(
    data: Mapping[str, Any], panel: xr.Dataset, study: Study, block: str, seed: int
) -> xr.DataTree:
    """Draws of `block` given `data`, by names of `pm.Data`; compiled once a process.

    Parts that share no parameter are sampled each in steps of its own, if `data` are of them. As
    in a run, draws that diverge are made once more in smaller steps.
    """
    every = _compiled(_Given(panel, study, block))
    if unknown := data.keys() - {name for part in every for name in part.data}:
        raise KeyError(f"The block {block} has no data named {sorted(unknown)}.")
    fits = [
        _part_fitted(part, data, block, seed + number)
        for number, part in enumerate(every)
        if not data or part.data & data.keys()
    ]
    if len(fits) == 1:
        return fits[0]
    stats = xr.concat([f["sample_stats"].to_dataset()[["diverging"]] for f in fits], "draw")
    posterior = xr.merge([f["posterior"].to_dataset() for f in fits])
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def _part_fitted(compiled: Any, data: Mapping[str, Any], block: str, seed: int) -> xr.DataTree:
    from bayesgap.inference.fit import fit_with_retry, sample_standardised

    told = {name: values for name, values in data.items() if name in compiled.data}
    attempt = partial(sample_standardised, compiled.model.with_data(told), seed=seed)
    of = block_of(block).calibration
    usual = of.thin or SAMPLING.thin
    thin = next((k for name, k in of.thin_parts.items() if name in compiled.names), usual)
    with threadpool_limits(1):
        return fit_with_retry(attempt, SAMPLING.model_copy(update={"thin": thin}))


def block_rows(fitted: Fitted, study: Study, block: str, number: int) -> pd.DataFrame:
    """Rows (`COLUMNS`) of one simulation of a block."""
    ranked = ranks(block, fitted.simulated.truth, fitted.posterior, fitted.seed)
    table = pd.DataFrame(ranked, columns=["quantity", "rank", "ess"]).assign(
        block=block,
        version=law_version(block, study),
        simulation=number,
        divergences=fitted.divergences,
        seconds=fitted.seconds,
    )
    return table[list(COLUMNS)]


def ranks(
    block: str, truth: Mapping[str, Any], posterior: xr.Dataset, seed: int
) -> list[tuple[str, float, float]]:
    """Rank in (0, 1) of each quantity: ties are broken and gaps filled at random."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, place in quantities_of(block):
        draws = posterior[name].transpose("chain", "draw", ...).values[(..., *place)]
        below = int((draws < np.asarray(truth[name])[place]).sum())
        rank = (below + rng.uniform()) / (draws.size + 1)
        rows.append((label(name, place), rank, float(arviz.ess(draws))))
    return rows


class _Given:
    """Panel, study and block as one argument that a cache can know by the block alone."""

    def __init__(self, panel: xr.Dataset, study: Study, block: str) -> None:
        self.panel, self.study, self.block = panel, study, block

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, str]:
        return self.block, self.study.model_dump_json()


@lru_cache(maxsize=len(BLOCKS))
def _model(given: _Given) -> Any:
    priors = block_priors(given.study, given.block)
    return block_of(given.block).law().build(given.panel, priors, given.study.options)


@lru_cache(maxsize=len(BLOCKS))
def _compiled(given: _Given) -> tuple[Any, ...]:
    """Parts of the block, each a `inference.separate.Part`."""
    from bayesgap.inference.separate import parts

    return parts(_model(given))


def _simulated(given: _Given, number: int, rng: np.random.Generator, swings: Swings) -> Simulated:
    of = block_of(given.block)
    if of.simulate is not None:
        shared = (swings,) if of.cyclical else ()
        return of.simulate(block_priors(given.study, given.block), given.panel, rng, *shared)
    if of.replay is None:
        raise ValueError(
            f"The block {given.block} must have `simulate` or `replay`; it has neither."
        )
    truth = _model_truth(given, number)
    return Simulated(truth, dict(of.replay(given.panel)(truth, rng)))


def _model_truth(given: _Given, number: int) -> dict[str, np.ndarray]:
    batch, place = divmod(number, _BATCH)
    draws = _prior_batch(given, batch).isel(draw=place)
    return {str(name): values.values for name, values in draws.data_vars.items()}


_BATCH = 50


@lru_cache(maxsize=1)
def _prior_batch(given: _Given, batch: int) -> xr.Dataset:
    """Draws from the prior of the block as the model states it, many at a time: a draw compiles."""
    from bayesgap.inference.fit import prior_draws

    seed = int(block_seed(given.study.seed, given.block, batch).generate_state(1)[0])
    return prior_draws(_model(given), _BATCH, seed).to_dataset().isel(chain=0, drop=True)


def finished(path: Path, study: Study) -> pd.DataFrame:
    """Rows (`COLUMNS`) in the file `path` of whole simulations of the laws as they are now."""
    if not path.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    rows = pd.read_csv(path, on_bad_lines="skip")  # a kill may leave half a line
    rows = rows[rows["block"].isin(ORDER)].drop_duplicates(
        ["block", "simulation", "quantity"], keep="last"
    )
    current = {block: law_version(block, study) for block in rows["block"].unique()}
    rows = rows[rows["version"] == rows["block"].map(current)]
    whole = rows.groupby(["block", "simulation"])["rank"].transform("count")
    return rows[whole == rows["block"].map({b: len(quantities_of(b)) for b in ORDER})]


def enough(rows: pd.DataFrame) -> pd.DataFrame:
    """Those rows (`COLUMNS`) whose block has `FEWEST` simulations or more."""
    number = rows.groupby("block")["simulation"].transform("nunique")
    return rows[number >= FEWEST]


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a block and quantity: S2 and S3, and whether the ranks stay inside the band.

    Returns
    -------
    DataFrame with block, version, quantity, simulations, coverage_50, coverage_80, coverage_95,
    outside (largest distance of the ranks' distribution beyond its band, 0 if inside), inside, ess
    (median of effective draws), divergent (share of simulations with a divergence), seconds
    (median)
    """
    out = []
    for (block, version, quantity), part in rows.groupby(
        ["block", "version", "quantity"], sort=False
    ):
        _, ecdf, low, high = band(part["rank"], len(quantities_of(str(block))))
        outside = float(np.maximum(low - ecdf, ecdf - high).max())
        centre = np.abs(part["rank"] - 0.5)
        covered = {f"coverage_{p:.0%}".rstrip("%"): (centre < p / 2).mean() for p in LEVELS}
        out.append(
            {
                "block": block,
                "version": version,
                "quantity": quantity,
                "simulations": len(part),
                **covered,
                "outside": max(outside, 0.0),
                "inside": outside <= 0,
                "ess": part["ess"].median(),
                "divergent": (part["divergences"] > 0).mean(),
                "seconds": part["seconds"].median(),
            }
        )
    return pd.DataFrame(out)


def beside(known: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Verdicts `found`, and those `known` of other blocks that are `current`, in usual order."""
    kept = known["current"].astype(bool) & ~known["block"].isin(found["block"])
    others = [known[kept].drop(columns="current")] if kept.any() else []
    order = {block: place for place, block in enumerate(ORDER)}
    table = pd.concat([*others, found], ignore_index=True)
    return table.sort_values("block", key=lambda names: names.map(order), kind="stable")


def band(ranks: pd.Series, quantities: int) -> tuple[np.ndarray, ...]:
    """Evaluation points, distribution of the ranks, lower and upper band (S2)."""
    level = 1.0 - (1.0 - BAND) / quantities
    rng = np.random.default_rng(1)
    return ecdf_pit(np.asarray(ranks), level, BAND_SIMULATIONS, rng=rng)

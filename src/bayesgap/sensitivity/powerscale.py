"""Power-scaling of priors and likelihoods, carried to the published gap.

W1  p_alpha = p (component)^alpha: alpha above 1 sharpens one prior or one block's data, below 1
    blunts it; draws are weighed by component^(alpha - 1), so nothing is fitted again

A draw of the gap belongs to one draw of every block, so a weight of a block's draw is a weight of
the gap. Index: ArviZ's `psense`, the change of the distribution per doubling of alpha; above 0.05
is worth a look. Source: Kallioinen et al. (2024).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import arviz_stats
import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.health.weights import chance, quantiles, shift_error, smoothed
from bayesgap.sensitivity import densities
from bayesgap.study.priors import BlockPriors

THRESHOLD = 0.05
EVERY, LIKELIHOOD = "*", "data"
DOUBLED = 2.0


class Component(NamedTuple):
    """One prior, assumed table or likelihood: its log density (chain, draw)."""

    block: str
    name: str
    kind: str
    log: xr.DataArray


def components(
    posterior: Mapping[str, xr.Dataset], panel: xr.DataTree, priors: Mapping[str, BlockPriors]
) -> Iterator[Component]:
    """Every named prior, all of a block at once, and every assumed table with its own spread."""
    for block, named in priors.items():
        whole = xr.DataArray(0.0)
        for name, spec in named.items():
            log = densities.log_prior(block, name, spec, posterior[block])
            whole = whole + log
            yield Component(block, name, spec.role, log)
        yield Component(block, EVERY, "all priors of a block", whole)
        for name in block_of(block).assumed:
            data = panel[block].to_dataset()
            log = densities.log_table(block, name, data, posterior[block])
            yield Component(block, name, "assumed table", log)


def scaled(component: Component, gap: np.ndarray, names: pd.MultiIndex) -> pd.DataFrame:
    """How one component, scaled, moves each quantity of the gap.

    Parameters
    ----------
    gap : (draw, quantity), draws in the order of (chain, draw)
    names : of the quantities

    Returns
    -------
    One row a quantity: `index` (psense), and for the component doubled: `k`, `k_limit`, `shift`
    of the median [person], `shift_sd`, `width` relative to now, `chance` of a shortage, `error` of
    `shift_sd` (Monte Carlo), `reached` (whether k allows it)
    """
    log = component.log.transpose("chain", "draw").to_numpy()
    sd = gap.std(axis=0)
    index = sense(component.log, gap, len(names))
    weights = smoothed((DOUBLED - 1) * log.ravel())
    before, after = quantiles(gap), quantiles(gap, weights.values)
    return names.to_frame(index=False).assign(
        block=component.block,
        component=component.name,
        kind=component.kind,
        index=index,
        k=weights.k,
        k_limit=weights.limit,
        shift=after[1] - before[1],
        shift_sd=(after[1] - before[1]) / sd,
        width=(after[2] - after[0]) / (before[2] - before[0]),
        chance_before=chance(gap),
        chance=chance(gap, weights.values),
        sd=sd,
        error=shift_error(weights.values),
        method="weights",
        reached=weights.good,
        rhat=np.nan,
    )


def answered(
    scaled: Sequence[pd.DataFrame], fresh: Mapping[tuple[str, str], pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    """Rows of every component, by new draws in place of weights where there are such.

    Parameters
    ----------
    fresh : rows of `raised.raised` by block and component
    """
    for rows in scaled:
        part = (rows["block"].iloc[0], rows["component"].iloc[0])
        yield _replaced(rows, fresh[part]) if part in fresh else rows


def _replaced(rows: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    shift = fresh["median"] - fresh["base_median"]
    fresh = fresh.assign(
        shift=shift,
        shift_sd=shift / fresh["base_sd"],
        width=(fresh["upper"] - fresh["lower"]) / (fresh["base_upper"] - fresh["base_lower"]),
        chance_before=fresh["base_chance"],
        sd=fresh["base_sd"],
    )
    keys = ["region", "year", "part"]
    new = [name for name in rows.columns if name in fresh.columns and name not in keys]
    both = rows.drop(columns=new).merge(fresh[[*keys, *new]], on=keys, validate="1:1")
    return both[list(rows.columns)]


def sense(log: xr.DataArray, gap: np.ndarray, number: int) -> np.ndarray:
    """ArviZ's power-scaling index of each of `number` quantities."""
    if float(log.std()) < 1e-9:
        return np.zeros(number)
    shape = (log.sizes["chain"], log.sizes["draw"], number)
    coords = {"chain": range(shape[0]), "draw": range(shape[1])}
    quantity = xr.DataArray(gap.reshape(shape), coords, ("chain", "draw", "quantity"))
    held = log.transpose("chain", "draw").assign_coords(coords)
    tree = xr.DataTree.from_dict(
        {
            "posterior": quantity.to_dataset(name="gap"),
            "log_prior": held.to_dataset(name="component"),
        }
    )
    scaled = arviz_stats.psense(tree, group="prior")  # pyright: ignore[reportPrivateImportUsage]
    return scaled["gap"].to_numpy()

"""What knowing an input would take off the gap: assumed inputs, and what to measure next.

I1  known(X) = adjusted R2 of the gap's draws on the draws of X: the part of Var(gap) that goes
    when X becomes known, 1 - E[Var(gap | X)] / Var(gap), for what is linear in X
I2  data doubled: information of the data twice; a parameter of contraction c keeps 1 / (1 + c) of
    its posterior variance, so the gap loses known(X) c / (1 + c)
I3  observed: one observation of an assumed input as sharp as its prior; the gap loses known(X) / 2

Regressions on the posterior's own draws, so nothing is fitted again; they see straight lines only,
hence give lower bounds. Source of the idea: Strong, Oakley & Brennan (2014).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import BLOCKS
from bayesgap.health.contraction import contraction
from bayesgap.study.priors import BlockPriors

ENOUGH = 3
LEAST = 0.005  # adjusted R2 of nothing is within half a per cent of 0 at 4 000 draws
Columns = np.ndarray


class Source(NamedTuple):
    """One input: its draws (draw, cell) and whether it is assumed."""

    block: str
    name: str
    assumed: bool
    draws: Columns


def as_columns(values: xr.DataArray) -> Columns:
    """Draws of a variable as (draw, cell)."""
    ordered = values.transpose("chain", "draw", ...).to_numpy()
    return ordered.reshape(ordered.shape[0] * ordered.shape[1], -1).astype(float)


def sources(posterior: Mapping[str, xr.Dataset], priors: Mapping[str, BlockPriors]) -> list[Source]:
    """Every named prior's parameter that the study's data call for, and every assumed table."""
    found = [
        Source(block, name, spec.role == "assumed", as_columns(posterior[block][name]))
        for block, named in priors.items()
        for name, spec in named.items()
        if name in posterior[block]
    ]
    tables = [(block, name) for block, of in BLOCKS.items() for name in of.assumed]
    return found + [
        Source(block, name, True, as_columns(posterior[block][name])) for block, name in tables
    ]


def explained(columns: Columns, gap: np.ndarray) -> np.ndarray:
    """Adjusted R2 (quantity) of gap (draw, quantity) on columns (draw, cell), never below 0: I1.

    Not a number where there are under `ENOUGH` draws a column: they would explain anything.
    """
    moving = columns[:, np.ptp(columns, axis=0) > 0]
    centred, y = moving - moving.mean(0), gap - gap.mean(0)
    scale = centred.std(0)
    left, size, _ = np.linalg.svd(centred / scale, full_matrices=False)
    basis = left[:, size > 1e-6 * size.max()] if size.size else left
    share = ((basis.T @ y) ** 2).sum(0) / (y**2).sum(0)
    number, rank = y.shape[0], basis.shape[1]
    if number < ENOUGH * rank:
        return np.full(share.shape, np.nan)
    adjusted = 1 - (1 - share) * (number - 1) / (number - rank - 1)
    return np.maximum(adjusted, 0.0)


def assumed_share(found: list[Source], gap: np.ndarray) -> np.ndarray:
    """Share (quantity) of the gap's variance that all assumed inputs together bear."""
    together = [source.draws for source in found if source.assumed]
    return explained(np.concatenate(together, axis=1), gap)


def measure_next(
    found: list[Source],
    gap: np.ndarray,
    names: pd.MultiIndex,
    prior: Mapping[str, xr.Dataset],
    posterior: Mapping[str, xr.Dataset],
) -> pd.DataFrame:
    """One row an input and quantity, most worth knowing first.

    Returns
    -------
    Columns `known` (I1), `contraction` (median over cells), `gain`: share of the variance that an
    observation as sharp as the prior (assumed inputs, I3) or the data twice (others, I2) take off
    """
    rows = []
    for source in found:
        known = explained(source.draws, gap)
        told = np.nan
        if source.name in prior[source.block]:
            pair = (prior[source.block][source.name], posterior[source.block][source.name])
            told = float(contraction(*pair).median())
        part = 0.5 if source.assumed else told / (1 + told)
        rows.append(
            names.to_frame(index=False).assign(
                block=source.block,
                input=source.name,
                assumed=source.assumed,
                known=known,
                contraction=told,
                gain=known * part,
            )
        )
    return pd.concat(rows, ignore_index=True).sort_values("gain", ascending=False)


def auxiliary(name: str) -> bool:
    """Whether a variable is another one in the sampler's coordinates."""
    return name.startswith("z_") or name.endswith("_apart") or name == "direction_error"


def data_twice(
    posterior: Mapping[str, xr.Dataset],
    prior: Mapping[str, xr.Dataset],
    gap: np.ndarray,
    names: pd.MultiIndex,
) -> pd.DataFrame:
    """What twice the data of each block would take off, over all its parameters (I2)."""
    rows = []
    for block, draws in posterior.items():
        told, columns = [], []
        for name, values in draws.data_vars.items():
            if name in prior[block] and not auxiliary(str(name)):
                share = float(contraction(prior[block][name], values).median())
                told.append(share / (1 + share))
                columns.append(as_columns(values))
        known = explained(np.concatenate(columns, axis=1), gap)
        single = np.stack([explained(c, gap) for c in columns])
        mean = (single * np.array(told)[:, None]).sum(0) / np.maximum(single.sum(0), LEAST)
        rows.append(names.to_frame(index=False).assign(block=block, known=known, gain=known * mean))
    return pd.concat(rows, ignore_index=True)

"""Variance of the gap split over inputs, and over parameters and future shocks, chunk by chunk.

It is the variance within the central 99 %: draws beyond stand at its ends. A single draw of four
thousand far out would otherwise make most of the variance of a small region, and its error.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.projection.inputs import INPUTS, PairedProjection, swapped
from bayesgap.projection.propagate import CHUNK
from bayesgap.runs.run import Run
from bayesgap.sensitivity.shapley import Sums, add_chunk
from bayesgap.study.study import Study

ORIGINS = ("parameters", "shocks")
CENTRAL = (0.005, 0.995)


class Split(NamedTuple):
    """Sums of the two games of one or more chunks."""

    inputs: Sums
    origins: Sums


def columns(regions: Sequence[str], years: Sequence[int]) -> pd.MultiIndex:
    """Names of the quantities of `flat`: region, year and part."""
    return pd.MultiIndex.from_product(
        [regions, years, schema.GAP_PARTS], names=["region", "year", "part"]
    )


def flat(gap: xr.DataArray) -> np.ndarray:
    """Gap (chain, draw, region, year, education) as (draw, quantity), sums appended.

    The last region is the sum of the others; parts are the whole, levels, and groups of levels
    that have several.
    """
    order = (*schema.SAMPLE_DIMS, "region", "year", "education")
    values = gap.transpose(*order).to_numpy().astype(float)
    values = values.reshape(-1, *values.shape[2:])
    values = np.concatenate([values, values.sum(1, keepdims=True)], axis=1)
    of = np.array(schema.EDUCATION_LEVEL)
    parts = [values.sum(-1), *(values[..., of == level].sum(-1) for level in schema.LEVELS)]
    groups = [values[..., k] for k, g in enumerate(schema.EDUCATION) if g not in schema.LEVELS]
    return np.stack([*parts, *groups], axis=-1).reshape(len(values), -1)


def last_gap(run: Run) -> tuple[np.ndarray, pd.MultiIndex]:
    """The gap (draw, quantity) [person] of the last year, and the names of the quantities."""
    regions, years = run.study.targets, [run.study.horizon]
    gap = flat(run.outlook["gap"].sel(region=list(regions), year=years))
    return gap, columns([*regions, run.study.total], years)


def central(gap: np.ndarray) -> np.ndarray:
    """Ends (end, quantity) of the central 99 % of draws (draw, quantity)."""
    return np.quantile(gap, CENTRAL, axis=0)


def split_chunk(
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    years: Sequence[int],
    chunk: int,
    ends: np.ndarray,
) -> Split:
    """Both games on one chunk of draws.

    Parameters
    ----------
    posterior : draws of every block, cut to the chunk; chains x draws must be even
    years : 4th quarters, the base year first and left out of the result
    chunk : number of the chunk, for the future shocks of the run
    ends : as `central` gives them for all draws of the run
    """
    game = PairedProjection(posterior, panel, study, years, chunk)
    parts = Split(Sums(), Sums())
    add_chunk(parts.inputs, lambda own: flat(game.gap(own)).clip(*ends), INPUTS, game.swap)
    turned = {block: swapped(draws, game.swap) for block, draws in posterior.items()}
    other = PairedProjection(turned, panel, study, years, chunk)

    def of_origin(own: frozenset[str]) -> np.ndarray:
        """Parameters from A; shocks from A, or, seen from the partner's place, from B."""
        if "shocks" in own:
            return flat(game.gap(frozenset(INPUTS))).clip(*ends)
        return flat(other.gap(frozenset(INPUTS)))[game.swap].clip(*ends)

    add_chunk(parts.origins, of_origin, ORIGINS, game.swap)
    return parts


def effects_table(sums: Sums, names: pd.MultiIndex) -> pd.DataFrame:
    """One row an input and quantity: share of the variance, its standard error, spread [person].

    `sd` is the standard deviation of the quantity itself.
    """
    share, error = sums.effects()
    spread = np.sqrt(np.asarray(sums.whole) / sums.pairs / 2)
    rows = [
        names.to_frame(index=False).assign(
            input=name, share=share[place], error=error[place], sd=spread
        )
        for place, name in enumerate(sums.inputs)
    ]
    return pd.concat(rows, ignore_index=True)


def cut(posterior: Mapping[str, xr.Dataset], chunk: int) -> dict[str, xr.Dataset]:
    """Draws of one chunk, as the propagation cuts them."""
    part = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
    return {block: draws.isel(draw=part) for block, draws in posterior.items()}


def to_json(split: Split) -> str:
    """Sums of a chunk as text."""
    return json.dumps([sums.to_dict() for sums in split])


def joined(texts: Sequence[str]) -> Split:
    """Sums of several chunks together."""
    whole = Split(Sums(), Sums())
    for text in texts:
        for sums, content in zip(whole, json.loads(text), strict=True):
            sums.join(Sums.from_dict(content))
    return whole

"""Arrays behind the explorer: quantiles from the summary, and what needs draws, from all of them.

Only the comparison of two scenarios needs draws in the page itself, and gets a thinned set; dots,
chances of other thresholds and first years of shortage are taken from all draws beforehand.

Arrays have dims (region, part, ..., year), parts in the order of `parts.education_parts`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.present.parts import education_parts
from bayesgap.present.summary import published

QUANTITIES = ("supply", "demand", "gap")
DOTS = 50
DOT_LEVELS = (np.arange(DOTS) + 0.5) / DOTS
Array = npt.NDArray[np.floating]


def part_keys() -> list[tuple[str, str, str]]:
    """Education, level and field of every part, as the summary names them."""
    return [(part.education, part.level, part.field) for part in education_parts()]


def published_cells(
    rows: pd.DataFrame,
    quantity: str,
    outputs: Sequence[str],
    regions: Sequence[str],
    years: Sequence[int],
) -> Array:
    """Figures (region, part, output, year) of one scenario's rows, as the summary has them."""
    found = rows[(rows["quantity"] == quantity) & rows["output_type_id"].isin(list(outputs))]
    keys = ["region", "education", "level", "field"]
    wide = found.pivot(index=keys, columns=["output_type_id", "year"], values="value")
    order = [(region, *key) for region in regions for key in part_keys()]
    columns = [(output, year) for output in outputs for year in years]
    cells = wide[columns].loc[pd.MultiIndex.from_tuples(order)].to_numpy()
    return cells.reshape(len(regions), -1, len(outputs), len(years))


def part_draws(outlook: xr.Dataset, regions: Sequence[str]) -> xr.DataArray:
    """Draws (region, part, year, sample) [person] of the gap of every part."""
    draws = published(outlook[["gap"]], "gap")[0].sel(region=list(regions))
    stacked = draws.stack(sample=schema.SAMPLE_DIMS, create_index=False)
    return stacked.transpose("region", "part", "year", "sample")


def quantiles(draws: xr.DataArray, levels: Sequence[float] | Array) -> Array:
    """Quantiles (region, part, quantile, year) of draws (region, part, year, sample).

    Those of `numpy.quantile`, from one sort: five times faster for fifty of them.
    """
    ordered = np.sort(draws.to_numpy(), axis=-1)
    place = np.asarray(levels) * (ordered.shape[-1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
    low, high = ordered[..., below].astype(np.float64), ordered[..., above]
    return np.moveaxis(low + (high - low) * (place - below), -1, 2)


def first_years(draws: xr.DataArray) -> Array:
    """Share of draws whose first year of shortage is each year (region, part, year + never).

    The base year has none: the projection begins there (`document.gaps.first_years`).
    """
    short = draws.to_numpy() > 0
    short[:, :, 0] = False
    began = np.maximum.accumulate(short, axis=2).mean(axis=-1)
    edge = np.ones_like(began[:, :, :1])
    return np.diff(np.concatenate([0 * edge, began, edge], axis=2), axis=2)


def group_draws(
    outlook: xr.Dataset, regions: Sequence[str], years: Sequence[int], count: int
) -> Array:
    """Thinned draws (region, education, year, sample) [person] of the gap, evenly over the chains.

    The draws that are kept are the same of every scenario, so that differences are paired.
    """
    gap = outlook["gap"].sel(region=list(regions), year=list(years))
    stacked = gap.stack(sample=schema.SAMPLE_DIMS, create_index=False)
    kept = np.linspace(0, stacked.sizes["sample"] - 1, count).round().astype(int)
    return stacked.isel(sample=kept).transpose("region", "education", "year", "sample").to_numpy()

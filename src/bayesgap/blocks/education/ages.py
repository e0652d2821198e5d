"""Ages and cohorts of the education block: cells of ages, their weights, knots of cohorts."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from bayesgap.schema import AGE_MAX

STOCK_EDGES = (30, 33, 37, 42, 47, 52, 57, 62, 67)
ADULT_EDGES = (*range(16, 26), 26, 28, *STOCK_EDGES, 72, 78, 84, AGE_MAX + 1)
Floats = npt.NDArray[np.float64]


def persons(frame: pd.DataFrame, regions: Iterable[str]) -> xr.DataArray:
    """Residents (region, year, age) on 1 January."""
    array = frame.set_index(["region", "year", "age"])["persons"].to_xarray().astype(float)
    return array.sel(region=list(regions))


def logit(share: Floats) -> Floats:
    """Log-odds of a share."""
    return np.log(share) - np.log1p(-share)


def centres(edges: Sequence[int]) -> Floats:
    """Middle age of each cell [edge, next edge)."""
    return (np.array(edges[:-1]) + np.array(edges[1:]) - 1) / 2.0


def basis(cohort: npt.ArrayLike, knots: npt.ArrayLike) -> Floats:
    """Weights (..., knot) of linear interpolation (D5); constant beyond the outer knots."""
    born, nodes = np.asarray(cohort, dtype=float), np.asarray(knots, dtype=float)
    columns = [np.interp(born, nodes, row) for row in np.eye(nodes.size)]
    return np.stack(columns, axis=-1)


def cell_shares(people: xr.DataArray, years: Sequence[int], edges: Sequence[int]) -> Floats:
    """Shares (..., year, cell) of the persons in cells of ages on 1 January after `years` (D3).

    A stock newer than the last population takes the last population.
    """
    last = int(people["year"].max())
    stock = people.sel(year=[min(year + 1, last) for year in years])
    counts = stock.transpose(..., "year", "age").values
    cells = np.add.reduceat(counts[..., : edges[-1]], list(edges[:-1]), axis=-1)
    return cells / cells.sum(-1, keepdims=True)

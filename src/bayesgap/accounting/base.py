"""The base table that both sides share: filled jobs by sector and education, per draw.

Equation
--------
B1  filled[s,e] = proportional fitting of employment[s] mix[s,e] to rows employment[s] and columns
    employed_workplace[e] / ratio, ratio = sum employed_workplace / sum employment
"""

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.data.ipf import Margin, ipf

TOLERANCE = 1e-6


def base_table(
    employment: xr.DataArray, mix: xr.DataArray, employed: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Filled jobs and the ratio of supply-side to demand-side employed, before reconciliation.

    Parameters
    ----------
    employment : (chain, draw, region, sector) [person]
    mix : (chain, draw, [region,] sector, education), sums to 1 over education
    employed : (chain, draw, region, education) [person], at the workplace

    Returns
    -------
    filled (chain, draw, region, sector, education) [job], ratio (chain, draw, region)
    """
    order = (*schema.SAMPLE_DIMS, "region", "sector", "education")
    seed = (employment * mix).transpose(*order)
    ratio = employed.sum("education") / employment.sum("sector")
    columns = (employed / ratio).transpose(*schema.SAMPLE_DIMS, "region", "education")
    rows = employment.transpose(*schema.SAMPLE_DIMS, "region", "sector")
    fitted = ipf(
        seed.values,
        [Margin((-1,), exact_total(columns.values, rows.values)), Margin((-2,), rows.values)],
        tolerance=TOLERANCE,
    )
    return seed.copy(data=fitted.astype(np.float32)), ratio


def exact_total(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Columns scaled in double precision to the total of the rows."""
    wanted = rows.astype(float).sum(-1, keepdims=True)
    return columns.astype(float) * wanted / columns.astype(float).sum(-1, keepdims=True)

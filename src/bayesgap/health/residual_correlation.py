"""Do blocks that were fitted apart err together? Correlation of their yearly residuals.

Equation
--------
R1  r = correlation over shared years of two residual series, one a draw; the median over draws
R2  interval: tanh(atanh(r) -+ 1.96 / sqrt(n - 3)), the 95 % interval of Fisher for n years

The posterior's part is small beside that of so few years, so R2 leaves it out. Source: model.md,
section 6.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.blocks.fitting import residuals_of

LEAST_YEARS = 5  # below, Fisher's interval says nothing
SHARED = frozenset({"migration", "jobs", "participation"})  # one business cycle: docs/adr/0007


def residual_correlations(
    posterior: Mapping[str, xr.DataTree], panel: xr.DataTree
) -> list[dict[str, Any]]:
    """One row a pair of series: years, correlation, its 95 % interval, whether it is carried on."""
    series = residuals_of(posterior, panel)
    return [
        {"first": a, "second": b, **correlation(series[a], series[b]), "shared": {a, b} <= SHARED}
        for a, b in combinations(series, 2)
    ]


def correlation(first: xr.DataArray, second: xr.DataArray) -> dict[str, float | int | None]:
    """R1 and R2 for two series (chain, draw, year); None where too few years are shared."""
    one, other = xr.align(first, second, join="inner")
    years = one.sizes["year"]
    if years < LEAST_YEARS:
        return {"years": years, "correlation": None, "lower": None, "upper": None}
    r = float(xr.corr(one, other, dim="year").median(schema.SAMPLE_DIMS))
    low, high = np.tanh(np.arctanh(r) + np.array([-1.0, 1.0]) * 1.96 / np.sqrt(years - 3))
    return {"years": years, "correlation": r, "lower": float(low), "upper": float(high)}

"""How much the data narrowed what the priors allowed.

Equation
--------
C1  contraction = 1 - (posterior 80 % width / prior 80 % width)^2, floored at 0

Widths instead of variances, since a prior with heavy tails has no useful variance; for a normal
quantity the two agree. Source: the posterior contraction of Schad, Betancourt & Vasishth (2021).
"""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.inference.order import quantiles_of_sorted

BOUNDS = (0.1, 0.9)
ASSUMPTION_DRIVEN = 0.2  # model.md 4.2: a group below this is marked wherever it is shown


def width80(draws: xr.DataArray) -> xr.DataArray:
    """Width of the equal-tailed 80 % interval over (chain, draw)."""
    ordered = draws.transpose(..., *schema.SAMPLE_DIMS)
    cell = ordered.isel(dict.fromkeys(schema.SAMPLE_DIMS, 0), drop=True)
    return cell.copy(data=_width80(ordered.to_numpy().reshape(*cell.shape, -1)))


def _width80(draws: np.ndarray) -> np.ndarray:
    """Width over the last axis; draws that are not numbers do not count."""
    rows = np.sort(draws.reshape(-1, draws.shape[-1]), axis=-1)
    low, high = quantiles_of_sorted(rows, BOUNDS)
    if np.isnan(rows[:, -1]).any():  # they are sorted to the end
        low, high = np.nanquantile(rows, BOUNDS, axis=-1)
    return (high - low).reshape(draws.shape[:-1])


def contraction(prior: xr.DataArray, posterior: xr.DataArray) -> xr.DataArray:
    """Equation C1; 0 where the prior has no width."""
    after = width80(posterior)
    before = width80(prior).transpose(*after.dims).to_numpy()
    ratio = np.divide(after, before, out=np.ones(after.shape), where=before > 0)
    return after.copy(data=np.maximum(1.0 - ratio**2, 0.0))


def contraction_rows(block: str, tree: xr.DataTree) -> list[dict[str, Any]]:
    """One row a parameter: block, parameter, number of cells, median and least contraction."""
    rows = []
    prior = tree["prior"].to_dataset()
    for name, draws in tree["posterior"].to_dataset().data_vars.items():
        if name not in prior or not np.issubdtype(draws.dtype, np.floating):
            continue
        shrunk = contraction(prior[name], draws).to_numpy()
        rows.append(
            {
                "block": block,
                "parameter": name,
                "cells": shrunk.size,
                "median": float(np.median(shrunk)),
                "least": float(shrunk.min()),
            }
        )
    return rows


def group_contraction(
    prior: xr.Dataset,
    posterior: xr.Dataset,
    deviations: tuple[xr.DataArray, xr.DataArray] | None = None,
) -> pd.DataFrame:
    """Contraction of what is known of each education group's size, first region, last year.

    A field's share is the nation's and the region's deviation from it. The first is told by the
    nation's register; where the second is not told by a register of the region's own, a group is
    known for the nation only, however much its share has narrowed.

    Parameters
    ----------
    prior, posterior : forecasts of the education block, with `level_share`
        (chain, draw, region, year, age, level) and `field_share`
        (chain, draw, region, year, education)
    deviations : prior and posterior deviations (chain, draw, target, field_group) of fields

    Returns
    -------
    One row a group: `share` (the group among all aged 30-66), `within_level`, `assumption_driven`
    (either of the two below 0.2), `deviation`, and `national_only`: that below 0.2.
    """
    before, after = (map(log_share, group_shares(forecast)) for forecast in (prior, posterior))
    whole, within = (contraction(*pair) for pair in zip(before, after, strict=True))
    frame = pd.DataFrame(
        {
            "education": list(schema.EDUCATION),
            "share": whole.to_numpy(),
            "within_level": within.to_numpy(),
        }
    )
    single = frame["education"].isin(schema.LEVELS)
    frame.loc[single, "within_level"] = np.nan
    least = frame[["share", "within_level"]].min(axis=1)
    driven = least < ASSUMPTION_DRIVEN
    own = _own(deviations).reindex(frame["education"]).to_numpy()
    only = (own < ASSUMPTION_DRIVEN) & ~driven
    return frame.assign(assumption_driven=driven, deviation=own, national_only=only)


def _own(deviations: tuple[xr.DataArray, xr.DataArray] | None) -> "pd.Series[float]":
    """Contraction of the first region's deviation by group of a field."""
    if deviations is None:
        return pd.Series(dtype=float)
    before, after = (draws.isel(target=0) for draws in deviations)
    return contraction(before, after).to_series()


def log_share(share: xr.DataArray) -> xr.DataArray:
    """Natural logarithm of a share."""
    return share.copy(data=np.log(share.to_numpy()))


def group_shares(forecast: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Share of groups (chain, draw, education) among people aged 30-66, and within levels."""
    cut = forecast.isel(region=0, year=-1)
    level = cut["level_share"].sel(age=slice(30, 66)).mean("age")
    within = cut["field_share"]
    index = xr.DataArray(list(schema.EDUCATION_LEVEL), dims="education")
    by_group = level.sel(level=index).drop_vars("level")
    return by_group * within, within

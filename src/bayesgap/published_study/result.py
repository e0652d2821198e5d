"""What an analysis gives: draws with their unit and standing, and the tidy table of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import QUANTILES, SAMPLE_DIMS

STANDINGS = {
    "observed": "official statistics, carried on by a model",
    "published": "figures of the report, with their rounding",
    "assumed": "assumed priors, which no figure backs",
    "run": "draws of the run: observed, published and assumed inputs together",
}


@dataclass(frozen=True)
class Result:
    """Draws (chain, draw, ...) of one quantity.

    `standing` is what the figures rest on, a key of `STANDINGS`; `note` says what is assumed or
    differs from the report; `published_input` holds ids of published figures that the analysis
    reads, so that agreement with them is by construction.
    """

    draws: xr.DataArray
    unit: str
    standing: str
    note: str = ""
    published_input: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """An analysis that has no open figures, and the table that would give it some."""

    needs: str
    note: str


def quantiles(draws: xr.DataArray) -> xr.DataArray:
    """Quantiles (quantile, ...) over chain and draw."""
    values = draws.transpose(*SAMPLE_DIMS, ...).to_numpy()
    flat = values.reshape(-1, *values.shape[2:]).astype(np.float64)
    dims = [dim for dim in draws.dims if dim not in SAMPLE_DIMS]
    coords = {str(dim): draws[dim].to_numpy() for dim in dims if dim in draws.coords}
    return xr.DataArray(
        np.quantile(flat, QUANTILES, axis=0),
        dims=("quantile", *dims),
        coords={"quantile": list(QUANTILES), **coords},
    )


def tidy(result: Result) -> pd.DataFrame:
    """One row a cell: its coordinates, unit, mean, median, equal-tailed 50, 80 and 95 % bounds.

    Columns `q0.025` … `q0.975`; `standing` and `note` stand on every row.
    """
    bounds = quantiles(result.draws)
    cells = [str(dim) for dim in bounds.dims if dim != "quantile"]
    stacked = bounds.transpose("quantile", *cells).to_numpy().reshape(len(QUANTILES), -1)
    mean = result.draws.mean(SAMPLE_DIMS).transpose(*cells).to_numpy().ravel()
    labels = [bounds[dim].to_numpy() if dim in bounds.coords else [0] for dim in cells]
    index = pd.MultiIndex.from_product(labels, names=cells) if cells else None
    table = index.to_frame(index=False) if index is not None else pd.DataFrame(index=[0])
    table = table.assign(unit=result.unit, mean=mean)
    for probability, row in zip(QUANTILES, stacked, strict=True):
        table[f"q{probability:g}"] = row
    return table.assign(standing=result.standing, note=result.note)

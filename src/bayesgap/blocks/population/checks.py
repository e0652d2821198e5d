"""What health looks at in the population block."""

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _size(rates: Rates) -> xr.DataArray:
    people = rates.population.sum(["region", "age"])
    return people.isel(year=-1) / people.isel(year=0)


def _leaving(rates: Rates) -> xr.DataArray:
    people = rates.population.sum("age")
    return (people.isel(year=1) / people.isel(year=0) - 1).isel(region=-1)


def _score(panel: xr.Dataset) -> np.ndarray:
    return panel["score"].transpose("component", "region", "transition").values


OBSERVED = (
    Observed("score", 2, 0, "score_variance", _score),
    Observed("national_rate", 0),
    Observed("mortality_index", 0),
    Observed("national_log_child_ratio", 0),
)
STATEMENTS = (
    Statement(
        "population", "residents in the last year, relative to now: {low} to {high}", _size,
        (0.5, 2.0), "half or twice the people in one and a half decades",
    ),
    Statement(
        "population", "the smallest region changes in one year by {low} to {high}",
        _leaving, (-0.5, 0.5), "half the region leaving or as many arriving at once", True,
    ),
)  # fmt: skip

"""What health looks at in the commuting block."""

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _out(rates: Rates) -> xr.DataArray:
    return rates.commuting["out_commuting_share"].isel(year=-1, region=0).mean("level")


def _into(rates: Rates) -> xr.DataArray:
    return rates.commuting["in_commuting_ratio"].isel(year=-1, region=0).mean("level")


def _path(panel: xr.Dataset, direction: str) -> np.ndarray:
    from bayesgap.blocks.commuting.model import observed_path

    return observed_path(panel, direction)


OBSERVED = (
    Observed("out_observed", 1, of=lambda panel: _path(panel, "out")),
    Observed("in_observed", 1, of=lambda panel: _path(panel, "in")),
    Observed("printed"),
)
STATEMENTS = (
    Statement(
        "commuting", "residents in work who leave the first region daily: {low} to {high}",
        _out, (0.02, 0.9), "nobody or nearly everybody working elsewhere", True,
    ),
    Statement(
        "commuting", "arriving workers per 100 residents in work: {low} to {high}", _into,
        (0.0, 1.0), "more in-commuters than residents in work", True,
    ),
)  # fmt: skip

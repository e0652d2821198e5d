"""What health looks at in the participation block."""

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _active(rates: Rates) -> xr.DataArray:
    logit = rates.participation["participation_logit"].sel(age=slice(30, 54)).mean("age")
    shift = rates.participation["participation_shift"].isel(year=-1, region=0)
    whole = (logit + shift).mean("level")
    return whole.copy(data=1 / (1 + np.exp(-whole.to_numpy())))


def _excess(panel: xr.Dataset) -> np.ndarray:
    from bayesgap.blocks.participation.model import region_excess

    return region_excess(panel)


OBSERVED = (
    Observed("national_shift", 0),
    Observed("excess", 1, of=_excess),
    Observed("survey"),
    Observed("idle"),
    Observed("studying"),
)
STATEMENTS = (
    Statement(
        "participation", "people of 30-54 in the labour force, first region: {low} to {high}",
        _active, (0.5, 0.99), "fewer than half or practically everybody at work", True,
    ),
)  # fmt: skip

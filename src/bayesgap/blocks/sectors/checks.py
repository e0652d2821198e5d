"""What health looks at in the sector block."""

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _jobs(rates: Rates) -> xr.DataArray:
    base = rates.sectors["employment_base"]
    growth = rates.sectors["employment_growth"].sum("year")
    return (base * np.exp(growth)).sum(["region", "sector"]) / base.sum(["region", "sector"])


OBSERVED = (
    Observed("national_growth", 0, 1),
    Observed("deviation_data", of=lambda panel: panel["deviation"].values),
    Observed("workplace_data", of=lambda panel: panel["workplace"].values),
)
STATEMENTS = (
    Statement(
        "sectors", "jobs in the last year, relative to now: {low} to {high}", _jobs,
        (0.5, 2.0), "half or twice the jobs in one and a half decades",
    ),
)  # fmt: skip

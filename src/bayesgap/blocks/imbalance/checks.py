"""What health looks at in the imbalance block."""

import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Statement


def _unfilled(rates: Rates) -> xr.DataArray:
    jobs = rates.sectors["employment_base"].sum(["region", "sector"])
    return rates.imbalance["unfilled"].sum(["region", "education"]) / jobs


STATEMENTS = (
    Statement(
        "imbalance", "unfilled jobs per 100 jobs: {low} to {high}", _unfilled,
        (0.001, 0.1), "no unfilled jobs at all, or every tenth", True,
    ),
)  # fmt: skip

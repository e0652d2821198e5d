"""What health looks at in the imbalance block."""

import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _unfilled(rates: Rates) -> xr.DataArray:
    jobs = rates.sectors["employment_base"].sum(["region", "sector"])
    return rates.imbalance["unfilled"].sum(["region", "education"]) / jobs


def _counts(place: str) -> Observed:
    name = f"vacancies_{place}"
    return Observed(f"{name}_observed", 0, of=lambda panel: panel[name].values)


OBSERVED = (_counts("nation"), _counts("county"))
STATEMENTS = (
    Statement(
        "imbalance", "unfilled jobs per 100 jobs: {low} to {high}", _unfilled,
        (0.001, 0.1), "no unfilled jobs at all, or every tenth", True,
    ),
)  # fmt: skip

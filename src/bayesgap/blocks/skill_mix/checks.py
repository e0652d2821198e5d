"""What health looks at in the skill-mix block."""

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _drift(rates: Rates) -> xr.DataArray:
    groups = [str(g).startswith("master") for g in rates.skill_mix["education"].values]
    drift = rates.skill_mix["mix_drift"].isel(year=-1).isel(education=np.flatnonzero(groups))
    mean = drift.mean(["sector", "education"])
    return mean.copy(data=np.exp(mean.to_numpy()))


def _history(panel: xr.Dataset) -> np.ndarray:
    return panel["history"].transpose("history_year", "industry", "contrast").values


OBSERVED = (
    Observed("change_observed", 1, 2, of=lambda panel: panel["change"].values),
    Observed("history_observed", 0, 2, of=_history),
)
STATEMENTS = (
    Statement(
        "skill_mix", "long degrees against upper secondary within a sector, times {low} to {high}",
        _drift, (0.2, 5.0), "five times as many or as few long degrees wanted in the same sector",
    ),
)  # fmt: skip

"""What health looks at in the education block."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.block import Observed, Statement


def _level(level: str) -> Callable[[Rates], xr.DataArray]:
    def share(rates: Rates) -> xr.DataArray:
        last = rates.education["level_share"].isel(year=-1, region=0)
        return last.sel(level=level, age=slice(30, 66)).mean("age")

    return share


def _educated(level: str, words: str) -> Statement:
    said = f"residents of 30-66 with {words}, first region: {{low}} to {{high}}"
    reason = f"under 2 or over 50 per cent with {words}"
    return Statement("education", said, _level(level), (0.02, 0.5), reason, percent=True)


def _share_steps(panel: xr.Dataset) -> np.ndarray:
    return np.diff(panel["immigrant_share_logit"].transpose("share_year", "region").values, axis=0)


OBSERVED = (Observed("share_step_observed", 0, of=_share_steps),)
STATEMENTS = (
    _educated("master", "a long degree"),
    _educated("primary", "primary school only"),
)  # fmt: skip

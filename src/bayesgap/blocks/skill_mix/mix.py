"""The nation's mix within sectors (M1): operators only, so tensors and arrays share it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Function = Callable[[Any], Any]


def members_of(groups: Sequence[str], levels: Sequence[str]) -> npt.NDArray[np.float64]:
    """1 where a group is of a level (education, level)."""
    heads = np.array([str(group).partition(":")[0] for group in groups])
    return (heads[:, None] == np.array(levels)[None, :]).astype(float)


def national_logs(
    logs: Any,
    levels: Any,
    members: npt.NDArray[np.float64],
    log: Function = np.log,
    exponential: Function = np.exp,
) -> Any:
    """Log shares of groups in a sector: that of the level, times that within it.

    Parameters
    ----------
    logs : of groups within their level, up to a constant in each (..., education)
    levels : of levels, up to a constant (..., level)
    members : 1 where a group is of a level (education, level)
    """
    within = logs - log(exponential(logs) @ (members @ members.T))
    whole = levels - log(exponential(levels).sum(-1))[..., None]
    return within + whole @ members.T

"""Laws of fields within levels (E9): operators only, so tensors and arrays share them.

Logs of shares are known up to a constant in each level. Equation numbers are those of
`bayesgap.blocks.education.fields_model`.
"""

from typing import Any

import numpy as np

from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.fields_panel import FIELD_LEVELS, INSIDE, OF_LEVEL
from bayesgap.blocks.education.laws import exp, log

MEAN_OF_LEVEL: Floats = np.stack(  # (level, group)
    [(place == OF_LEVEL) / (place == OF_LEVEL).sum() for place in range(len(FIELD_LEVELS))]
)


def shares(logs: Any) -> Any:
    """Shares of each level (..., group) from their logs."""
    weight = exp(logs)
    return weight / (weight @ INSIDE)


def log_shares(logs: Any) -> Any:
    """Logs of shares that sum to one in each level (..., group)."""
    return logs - log(exp(logs) @ INSIDE)


def replaced(rate: Any, years: Any) -> Any:
    """Part of a level's labour force that entered in the last `years`, at a yearly rate (F2)."""
    return 1.0 - exp(-(rate * years))


def renewed(stock: Any, entering: Any, part: Any) -> Any:
    """Shares of a stock of which a part has been replaced by those who enter (F2)."""
    return stock + part * (entering - stock)


def moved_by_immigrants(apart: Any, ratio: Any, mean: Any) -> Any:
    """Factor on a share where the immigrants' part is `apart` from the nation's `mean` (F3)."""
    return 1.0 + apart * (exp(ratio) - 1.0) / (1.0 - mean)

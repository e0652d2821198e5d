"""Laws of the sector block that training, forecast and compiled code share: operators only."""

from typing import Any

TAIL = 4.0  # degrees of freedom of yearly deviations


def cell_scale(spread: Any, noise: Any, size: Any, rounding: Any = 0.0) -> Any:
    """Scale of a cell's yearly deviation (G3 of `bayesgap.blocks.sectors.model`)."""
    return (spread**2 + noise**2 / size + rounding) ** 0.5

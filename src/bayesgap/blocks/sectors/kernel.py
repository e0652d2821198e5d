"""Log likelihood of all cells of areas (G3) as one operation, with its gradient written out."""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np

from bayesgap.blocks.sectors import laws as law
from bayesgap.inference.kernels import Arrays, LogDensity, code_of


class Moved(NamedTuple):
    """Growth (area, sector), elasticity and spread (sector), noise of size: all differentiated."""

    growth: Any
    elasticity: Any
    spread: Any
    noise: Any


class Cells(NamedTuple):
    """Deviations and where they stand, each (cell)."""

    deviation: Any
    area: Any
    sector: Any
    driver: Any
    size: Any
    rounding: Any


MOVED = len(Moved._fields)
LOG_EVERY = 8  # cells whose scales are multiplied before a logarithm is taken: it is slow
_scale = numba.njit(law.cell_scale, error_model="numpy")


@numba.njit(error_model="numpy")
def _density(moved: Arrays, cells: Arrays) -> Arrays:
    """Log density without its constant, and its slopes by every member of `Moved`."""
    growth, elasticity, spread, noise = moved
    deviation, area, sector, driver, size, rounding = cells
    by_growth, by_elasticity = np.zeros(growth.shape), np.zeros(elasticity.size)
    by_spread, by_noise, value = np.zeros(spread.size), 0.0, 0.0
    scales, tails = 1.0, 1.0
    for i in range(deviation.size):
        r, s = area[i], sector[i]
        scale = _scale(spread[s], noise.item(), size[i], rounding[i])
        inverse = 1.0 / scale
        z = (deviation[i] - growth[r, s] - elasticity[s] * driver[i]) * inverse
        tail = 1.0 + z * z / law.TAIL
        scales, tails = scales * scale, tails * tail
        if i % LOG_EVERY == LOG_EVERY - 1 or i == deviation.size - 1:
            value -= np.log(scales) + (law.TAIL + 1.0) / 2.0 * np.log(tails)
            scales, tails = 1.0, 1.0
        pull = (law.TAIL + 1.0) / law.TAIL * z / tail * inverse
        by_growth[r, s] += pull
        by_elasticity[s] += pull * driver[i]
        by_scale = (pull * z - inverse) * inverse  # over the scale itself
        by_spread[s] += by_scale * spread[s]
        by_noise += by_scale * noise.item() / size[i]
    return value, by_growth, by_elasticity, by_spread, by_noise


def _outputs(*arguments: Any) -> Arrays:
    value, by_growth, by_elasticity, by_spread, by_noise = _density(
        arguments[:MOVED], arguments[MOVED:]
    )
    return np.asarray(value), by_growth, by_elasticity, by_spread, np.asarray(by_noise)


_code = code_of(sys.modules[__name__], law)
_operation = LogDensity("cells of areas", _code, _outputs, (0, 2, 1, 1, 0))


def cell_likelihood(moved: Moved, cells: Cells) -> Any:
    """Log density of all cells without its constant, as a tensor."""
    return _operation(*moved, *cells)[0]

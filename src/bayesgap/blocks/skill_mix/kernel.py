"""Log density of changes within sectors (H1-H4) as one operation, with its gradient written out."""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np

from bayesgap.inference import parts
from bayesgap.inference.kernels import Arrays, LogDensity, code_of


class Moved(NamedTuple):
    """Scales (contrast), persistence, shift (break, contrast), noise, z (year, contrast)."""

    pace: Any
    lean: Any
    step: Any
    common: Any
    scatter: Any
    persistence: Any
    shift: Any
    noise: Any
    z: Any


class Seen(NamedTuple):
    """Changes (year, industry, contrast), inverse persons a year more, breaks (break, year)."""

    change: Any
    inverse: Any
    falls: Any


class Room(NamedTuple):
    """Arrays (year) that are filled for one series after another: no series asks for new ones.

    Eliminated changes and ones, pivots, variances and covariances; and slopes by each.
    """

    x: Any
    one: Any
    pivot: Any
    variance: Any
    shared: Any
    by_x: Any
    by_one: Any
    by_pivot: Any
    by_shared: Any


_step = numba.njit(parts.ar1_step, error_model="numpy")


@numba.njit(error_model="numpy")
def _path(z: Any, rho: float, common: float) -> Any:
    """Common departures by year (H2)."""
    found = np.empty(z.size)
    found[0] = common * z[0] / (1.0 - rho**2) ** 0.5
    for t in range(1, z.size):
        found[t] = _step(found[t - 1], rho, common * z[t])
    return found


@numba.njit(error_model="numpy")
def _path_slopes(by_path: Any, z: Any, path: Any, rho: float, common: float) -> Arrays:
    """Slopes by z, persistence and common."""
    by_z, by_rho, by_common, along = np.empty(z.size), 0.0, 0.0, 0.0
    for t in range(z.size - 1, 0, -1):
        along = along * rho + by_path[t]
        by_z[t] = along * common
        by_common += along * z[t]
        by_rho += along * path[t - 1]
    first, root = along * rho + by_path[0], (1.0 - rho**2) ** 0.5
    by_z[0] = first * common / root
    by_common += first * z[0] / root
    return by_z, by_rho + first * path[0] * rho / root**2, by_common


@numba.njit(error_model="numpy")
def _eliminate(room: Room) -> tuple[float, float, float, float]:
    """Eliminate a series in place; sums of x^2 / pivot, x / pivot, 1 / pivot, and log pivots."""
    x, one, pivot = room.x, room.one, room.pivot
    squares, along, ones, logs = 0.0, 0.0, 0.0, 0.0
    for t in range(x.size):
        pivot[t], one[t] = room.variance[t], 1.0
        if t > 0:
            part = room.shared[t - 1] / pivot[t - 1]
            pivot[t] -= part * room.shared[t - 1]
            x[t] -= part * x[t - 1]
            one[t] -= part * one[t - 1]
        inverse = 1.0 / pivot[t]
        squares += x[t] * x[t] * inverse
        along += x[t] * one[t] * inverse
        ones += one[t] * one[t] * inverse
        logs += np.log(pivot[t])
    return squares, along, ones, logs


@numba.njit(error_model="numpy")
def _back(room: Room, pull: float, by_ones: float) -> None:
    """Slopes by changes (`by_x`), variances (`by_pivot`) and covariances of an eliminated series.

    `pull` is the lasting part's mean, `by_ones` the slope by the sum of 1 / pivot.
    """
    for t in range(room.x.size - 1, -1, -1):
        x, one, inverse = room.x[t], room.one[t], 1.0 / room.pivot[t]
        by_x, by_one = (pull * one - x) * inverse, (pull * x + 2.0 * by_ones * one) * inverse
        by_pivot = (0.5 * x * x - pull * x * one - by_ones * one * one) * inverse**2 - 0.5 * inverse
        if t < room.x.size - 1:
            shared, more = room.shared[t], room.by_pivot[t + 1]
            part = shared * inverse
            by_part = -room.by_x[t + 1] * x - room.by_one[t + 1] * one - more * shared
            by_x -= part * room.by_x[t + 1]
            by_one -= part * room.by_one[t + 1]
            room.by_shared[t] = by_part * inverse - more * part
            by_pivot -= by_part * part * inverse
        room.by_x[t], room.by_one[t], room.by_pivot[t] = by_x, by_one, by_pivot


@numba.njit(error_model="numpy")
def _series(room: Room, lean: float) -> tuple[float, float]:
    """Log density of one series without its constant, lean integrated out; its slope by lean."""
    squares, along, ones, logs = _eliminate(room)
    inflated = 1.0 + lean**2 * ones
    pull = lean**2 * along / inflated
    by_inflated = -0.5 * (pull * along + 1.0) / inflated
    _back(room, pull, lean**2 * by_inflated)
    value = -0.5 * (squares - pull * along + logs + np.log(inflated))
    return value, lean * along**2 / inflated + 2.0 * lean * ones * by_inflated


@numba.njit(error_model="numpy")
def _density(moved: Moved, seen: Seen) -> tuple[float, Moved]:
    """Log density of all series without its constant, and its slopes by every member of `Moved`."""
    rho, noise, value = moved.persistence.item(), moved.noise.item(), 0.0
    by_pace, by_lean, by_step = np.zeros(moved.pace.size), moved.lean * 0.0, moved.step * 0.0
    by_common, by_scatter, by_rho = moved.common * 0.0, moved.scatter * 0.0, 0.0
    by_shift, by_noise, by_z = np.zeros(moved.shift.shape), 0.0, np.zeros(moved.z.shape)
    years, fell, inverse = len(moved.z), seen.falls.sum(0), seen.inverse
    rows = np.empty((9, years))
    room = Room(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7], rows[8])
    for k in range(moved.pace.size):
        z = np.ascontiguousarray(moved.z[:, k])
        path = _path(z, rho, moved.common[k])
        shift = np.ascontiguousarray(moved.shift[:, k])
        mean, by_mean = moved.pace[k] + path + shift @ seen.falls, np.zeros(years)
        for c in range(seen.change.shape[1]):
            for t in range(years):
                room.x[t] = seen.change[t, c, k] - mean[t]
                errors = noise**2 * (inverse[t, c, k] + inverse[t + 1, c, k])
                breaks = moved.scatter[k] ** 2 * fell[t]
                room.variance[t] = moved.step[k] ** 2 + breaks + errors
                room.shared[t] = -(noise**2) * inverse[t + 1, c, k]
            density, slope = _series(room, moved.lean[k])
            value, by_lean[k] = value + density, by_lean[k] + slope
            for t in range(years):
                by = room.by_pivot[t]
                by_mean[t] -= room.by_x[t]
                by_step[k] += 2.0 * moved.step[k] * by
                by_scatter[k] += 2.0 * moved.scatter[k] * by * fell[t]
                by_noise += 2.0 * noise * by * (inverse[t, c, k] + inverse[t + 1, c, k])
                if t < years - 1:
                    by_noise -= 2.0 * noise * room.by_shared[t] * inverse[t + 1, c, k]
        by_pace[k] = by_mean.sum()
        by_shift[:, k] = seen.falls @ by_mean
        by_z[:, k], more, by_common[k] = _path_slopes(by_mean, z, path, rho, moved.common[k])
        by_rho += more
    last = np.asarray(by_rho), by_shift, np.asarray(by_noise), by_z
    return value, Moved(by_pace, by_lean, by_step, by_common, by_scatter, *last)


def _outputs(
    pace: Any,
    lean: Any,
    step: Any,
    common: Any,
    scatter: Any,
    persistence: Any,
    shift: Any,
    noise: Any,
    z: Any,
    change: Any,
    inverse: Any,
    falls: Any,
) -> Arrays:
    moved = Moved(pace, lean, step, common, scatter, persistence, shift, noise, z)
    value, by = _density(moved, Seen(change, inverse, falls))
    return (
        np.asarray(value),
        by.pace,
        by.lean,
        by.step,
        by.common,
        by.scatter,
        by.persistence,
        by.shift,
        by.noise,
        by.z,
    )


_code = code_of(sys.modules[__name__], parts)
_operation = LogDensity("changes within sectors", _code, _outputs, (0, 1, 1, 1, 1, 1, 0, 2, 0, 2))


def change_likelihood(moved: Moved, seen: Seen) -> Any:
    """Log density of all changes without its constant, as a tensor."""
    return _operation(*moved, *seen)[0]

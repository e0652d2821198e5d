"""Expected logits of all stocks (E3, E4, E6, E7) as one operation, with its gradient written out.

The laws are those of `education_law`, compiled cell by cell. A general-purpose gradient of the
same sums makes hundreds of functions to compile, and costs two to four times the time at each
point (docs/adr/0042). `tests/unit/test_education.py` holds both to the laws on arrays.
"""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np
import pytensor

from bayesgap.submodels import education_law as law
from bayesgap.submodels.education_cells import Cells
from bayesgap.submodels.kernels import Arrays, Operation, code_of

CHOICES = 4


class Moved(NamedTuple):
    """What the expected logits of stocks follow from; all are differentiated.

    nation (choice, row of birth), levels and slopes (line, 2), gain (2), splits (place, 2),
    offset (2), done (row of age, choice), told (stock): see `education_cells.Cells`.
    """

    nation: Any
    levels: Any
    slopes: Any
    gain: Any
    splits: Any
    offset: Any
    done: Any
    told: Any


class Fixed(NamedTuple):
    """Where cells stand. Many share a row: one of choices 1 and 2, one of the splits 3 and 4.

    born, line, time, late (row of choices); born_split, place, immigrant, constant (row of
    splits, 2); row, split, age, weight (cell); first (stock + 1), the first cell of each stock.
    """

    born: Any
    line: Any
    time: Any
    late: Any
    born_split: Any
    place: Any
    immigrant: Any
    constant: Any
    row: Any
    split: Any
    age: Any
    weight: Any
    first: Any


def fixed(cells: Cells) -> Fixed:
    """Rows and cells as shared variables, from cells as arrays."""
    rows = (cells.born, cells.line, cells.time, cells.late)
    splits = (cells.born_split, cells.place, cells.immigrant, *cells.constant)
    chosen, row = _distinct(rows)
    split_chosen, split = _distinct(splits)
    sizes = np.concatenate([np.full(number, each) for number, each in cells.blocks])
    arrays = Fixed(
        *(values[chosen] for values in rows),
        *(values[split_chosen] for values in splits[:3]),
        cells.constant.T[split_chosen],
        row,
        split,
        cells.age,
        cells.weight,
        np.concatenate([[0], np.cumsum(sizes)]),
    )
    return Fixed(
        *(
            pytensor.shared(np.ascontiguousarray(value), name=f"cells__{name}", shape=value.shape)
            for name, value in arrays._asdict().items()
        )
    )


def _distinct(columns: Arrays) -> Arrays:
    """Places (row) of the distinct rows of `columns`, and the row of each cell."""
    return np.unique(np.stack(columns), axis=1, return_index=True, return_inverse=True)[1:]


_regional = numba.njit(law.regional, error_model="numpy")
_stages = numba.njit(law.stages, error_model="numpy")
_odds = numba.njit(law.stock_odds, error_model="numpy")


@numba.njit(error_model="numpy")
def _share(logit: float) -> float:
    return 1.0 / (1.0 + np.exp(-logit))


@numba.njit(error_model="numpy")
def _forward(moved: Arrays, at: Arrays) -> Arrays:
    """Logits (choice, stock); for the gradient: shares of rows and splits, totals (stock, 4)."""
    nation, levels, slopes, gain, splits, offset, done, told = moved
    born, line, time, late, born_split, place, immigrant, constant, row, split = at[:10]
    age, weight, first = at[10:]
    shares, others = np.empty((born.size, 2)), np.empty((born_split.size, 2))
    for i in range(born.size):
        for k in range(2):
            level, slope = levels[line[i], k], slopes[line[i], k]
            value = _regional(nation[k, born[i]], level, slope, time[i], gain[k], late[i])
            shares[i, k] = _share(value)
    for i in range(born_split.size):
        for k in range(2):
            value = nation[2 + k, born_split[i]] + constant[i, k] + splits[place[i], k]
            value += offset[k] * immigrant[i]
            others[i, k] = _share(value if k else -value)
    stocks = first.size - 1
    logits, totals = np.empty((CHOICES, stocks)), np.zeros((stocks, CHOICES))
    for stock in range(stocks):
        t = totals[stock]
        for i in range(first[stock], first[stock + 1]):
            p, q, d, w = shares[row[i]], others[split[i]], done[age[i]], weight[i]
            part = _stages(p[0], p[1], q[0], q[1], d[0], d[1], d[2], d[3])
            t[0] += w * part.finished
            t[1] += w * part.tertiary
            t[2] += w * part.vocational
            t[3] += w * part.long
        odds = _odds(law.Reached(t[0], t[1], t[2], t[1] - t[2], t[3]), told[stock])
        for k in range(CHOICES):
            logits[k, stock] = np.log(odds[k])
    return logits, shares, others, totals


@numba.njit(error_model="numpy")
def _by_totals(g: Any, t: Any, told: float) -> Arrays:
    """Slopes by the four totals of a stock, and by `told`, from those of its logits."""
    finished, vocational, long = t[0], t[2], t[3]
    academic = t[1] - vocational
    high = academic + told * vocational
    rest, short = finished - high, academic - long
    by_finished = g[0] / (finished * (1.0 - finished)) - g[1] / rest
    by_high = g[1] / high + g[1] / rest
    by_academic = by_high + g[2] / academic - g[3] / short
    by_vocational = by_high * told - g[2] / vocational - by_academic
    return by_finished, by_academic, by_vocational, g[3] / long + g[3] / short, by_high * vocational


@numba.njit(error_model="numpy")
def _by_shares(p: Any, q: Any, d: Any, by: Arrays) -> Arrays:
    """Slopes by the shares and by the completed parts of a cell, from those of its stages."""
    finished = p[0] * d[0]
    tertiary = finished * p[1] * d[1]
    academic = tertiary - tertiary * q[0] * d[2]
    by_academic = by[3] * q[1] * d[3]
    by_vocational = by[2] - by_academic
    by_tertiary = by[1] + by_academic + by_vocational * q[0] * d[2]
    by_finished = by[0] + by_tertiary * p[1] * d[1]
    shares = (by_finished * d[0], by_tertiary * finished * d[1])
    others = (by_vocational * tertiary * d[2], by[3] * academic * d[3])
    parts = (by_finished * p[0], by_tertiary * finished * p[1], by_vocational * tertiary * q[0])
    return shares, others, (*parts, by[3] * academic * q[1])


@numba.njit(error_model="numpy")
def _backward(moved: Arrays, at: Arrays, kept: Arrays, slope: Any) -> Arrays:
    """Slopes by every member of `Moved`, from those by the logits (choice, stock)."""
    done, told = moved[6:]
    row, split, age, weight, first = at[8:]
    _, shares, others, totals = kept
    by_rows, by_splits = np.zeros(shares.shape), np.zeros(others.shape)
    by_done, by_told = np.zeros(done.shape), np.zeros(told.size)
    g = np.ascontiguousarray(slope.T)
    for stock in range(first.size - 1):
        by = _by_totals(g[stock], totals[stock], told[stock])
        by_told[stock] = by[4]
        for i in range(first[stock], first[stock + 1]):
            w, p, q = weight[i], shares[row[i]], others[split[i]]
            stages = (w * by[0], w * by[1], w * by[2], w * by[3])
            of_row, of_split, of_parts = _by_shares(p, q, done[age[i]], stages)
            for k in range(2):
                by_rows[row[i], k] += of_row[k]
                by_splits[split[i], k] += of_split[k]
            for k in range(CHOICES):
                by_done[age[i], k] += of_parts[k]
    by_rows *= shares * (1.0 - shares)
    by_splits *= others * (1.0 - others)
    return (*_by_rows(moved, at, by_rows, by_splits), by_done, by_told)


@numba.njit(error_model="numpy")
def _by_rows(moved: Arrays, at: Arrays, by_rows: Any, by_splits: Any) -> Arrays:
    """Slopes by nation, levels, slopes, gain, splits and offset, from those by logits of rows."""
    nation, levels, slopes, _, splits = moved[:5]
    born, line, time, late, born_split, place, immigrant = at[:7]
    by_nation, by_gain, by_offset = np.zeros(nation.shape), np.zeros(2), np.zeros(2)
    by_levels, by_slopes = np.zeros(levels.shape), np.zeros(slopes.shape)
    by_places = np.zeros(splits.shape)
    for i in range(born.size):
        for k in range(2):
            s = by_rows[i, k]
            by_nation[k, born[i]] += s
            by_levels[line[i], k] += s
            by_slopes[line[i], k] += s * time[i]
            by_gain[k] += s * late[i]
    for i in range(born_split.size):
        for k in range(2):
            s = by_splits[i, k] if k else -by_splits[i, k]
            by_nation[2 + k, born_split[i]] += s
            by_places[place[i], k] += s
            by_offset[k] += s * immigrant[i]
    return by_nation, by_levels, by_slopes, by_gain, by_places, by_offset


MOVED = len(Moved._fields)
INPUTS = MOVED + len(Fixed._fields)


def _value(*arguments: Any) -> Arrays:
    return _forward(arguments[:MOVED], arguments[MOVED:])


def _slopes(*arguments: Any) -> Arrays:
    kept = arguments[INPUTS:-1]
    return _backward(arguments[:MOVED], arguments[MOVED:INPUTS], kept, arguments[-1])


_operation = Operation(
    "stock logits", code_of(sys.modules[__name__], law), _value, _slopes, (2, 2, 2, 2), MOVED
)


def stock_logits(moved: Moved, at: Fixed) -> Any:
    """Expected logits (choice, stock) of all stocks, as a tensor."""
    return _operation(*moved, *at)[0]

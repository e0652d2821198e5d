"""Expected logits of all stocks (E3, E4, E6, E7) as one operation, with its gradient written out.

The laws are those of `education_law`, compiled cell by cell. A general-purpose gradient of the
same sums makes hundreds of functions to compile, and costs two to four times the time at each
point (docs/adr/0042). `tests/blocks/education/test_education.py` holds both to the laws on arrays.
"""

import sys
from typing import Any, NamedTuple

import numba
import numpy as np
import pytensor

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.cells import Cells
from bayesgap.inference.kernels import Arrays, Operation, code_of

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

    born, pair, gain (row of choices): what each follows from; line, time (pair); late (gain);
    born_split, side (row of splits); place, immigrant (side), constant (side, 2);
    row, split, age, weight (cell); first (stock + 1), the first cell of each stock.
    """

    born: Any
    pair: Any
    gain: Any
    line: Any
    time: Any
    late: Any
    born_split: Any
    side: Any
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
    pairs, pair = _distinct((cells.line, cells.time))
    gains, gain = _distinct((cells.late,))
    sides, side = _distinct((cells.place, cells.immigrant, *cells.constant))
    rows, row = _distinct((cells.born, pair, gain))
    splits, split = _distinct((cells.born_split, side))
    sizes = np.concatenate([np.full(number, each) for number, each in cells.blocks])
    arrays = Fixed(
        *(cells.born[rows], pair[rows], gain[rows]),
        *(cells.line[pairs], cells.time[pairs], cells.late[gains]),
        *(cells.born_split[splits], side[splits]),
        *(cells.place[sides], cells.immigrant[sides], cells.constant.T[sides]),
        *(row, split, cells.age, cells.weight),
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
def _against(moved: Arrays, at: Arrays) -> Arrays:
    """Odds against each choice, factor by factor: exponentials of sums are slow where many share.

    By born (2, row of birth), pair, gain (each, 2); of splits by born, side. The third choice is
    told by its complement.
    """
    nation, levels, slopes, gain, splits, offset = moved[:6]
    _, _, _, line, time, late, _, _, place, immigrant, constant = at[:11]
    births = np.exp(-nation)
    births[2] = 1.0 / births[2]
    pairs, gains = np.empty((line.size, 2)), np.empty((late.size, 2))
    sides = np.empty((place.size, 2))
    for k in range(2):
        for i in range(line.size):
            level, slope = levels[line[i], k], slopes[line[i], k]
            pairs[i, k] = np.exp(-_regional(0.0, level, slope, time[i], 0.0, 0.0))
        for i in range(late.size):
            gains[i, k] = np.exp(-_regional(0.0, 0.0, 0.0, 0.0, gain[k], late[i]))
        for i in range(place.size):
            value = constant[i, k] + splits[place[i], k] + offset[k] * immigrant[i]
            sides[i, k] = np.exp(-value if k else value)
    return births, pairs, gains, sides


@numba.njit(error_model="numpy")
def _shares(moved: Arrays, at: Arrays) -> Arrays:
    """Shares of choices 1 and 2 (row, 2), and of the splits 3 and 4 (row of splits, 2)."""
    born, pair, gain, _, _, _, born_split, side = at[:8]
    births, pairs, gains, sides = _against(moved, at)
    shares, others = np.empty((born.size, 2)), np.empty((born_split.size, 2))
    for i in range(born.size):
        for k in range(2):
            odds = births[k, born[i]] * pairs[pair[i], k] * gains[gain[i], k]
            shares[i, k] = 1.0 / (1.0 + odds)
    for i in range(born_split.size):
        for k in range(2):
            others[i, k] = 1.0 / (1.0 + births[2 + k, born_split[i]] * sides[side[i], k])
    return shares, others


@numba.njit(error_model="numpy")
def _forward(moved: Arrays, at: Arrays) -> Arrays:
    """Logits (choice, stock); for the gradient: shares of rows and splits, totals (stock, 4)."""
    done, told = moved[6:]
    row, split, age, weight, first = at[11:]
    shares, others = _shares(moved, at)
    stocks = first.size - 1
    logits, totals = np.empty((CHOICES, stocks)), np.zeros((stocks, CHOICES))
    for stock in range(stocks):
        t = totals[stock]
        for i in range(first[stock], first[stock + 1]):
            p, q, d, w = row[i], split[i], age[i], weight[i]
            part = _stages(
                shares[p, 0], shares[p, 1], others[q, 0], others[q, 1],
                done[d, 0], done[d, 1], done[d, 2], done[d, 3],
            )  # fmt: skip
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
def _by_shares(p: Arrays, q: Arrays, d: Arrays, by: Arrays) -> Arrays:
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
    row, split, age, weight, first = at[11:]
    _, shares, others, totals = kept
    by_rows, by_splits = np.zeros(shares.shape), np.zeros(others.shape)
    by_done, by_told = np.zeros(done.shape), np.zeros(told.size)
    g = np.ascontiguousarray(slope.T)
    for stock in range(first.size - 1):
        by = _by_totals(g[stock], totals[stock], told[stock])
        by_told[stock] = by[4]
        for i in range(first[stock], first[stock + 1]):
            # Numbers, not rows of arrays: each row would be counted in and out.
            w, p, q, d = weight[i], row[i], split[i], age[i]
            of_row, of_split, of_parts = _by_shares(
                (shares[p, 0], shares[p, 1]),
                (others[q, 0], others[q, 1]),
                (done[d, 0], done[d, 1], done[d, 2], done[d, 3]),
                (w * by[0], w * by[1], w * by[2], w * by[3]),
            )
            for k in range(2):
                by_rows[p, k] += of_row[k]
                by_splits[q, k] += of_split[k]
            for k in range(CHOICES):
                by_done[d, k] += of_parts[k]
    by_rows *= shares * (1.0 - shares)
    by_splits *= others * (1.0 - others)
    return (*_by_rows(moved, at, by_rows, by_splits), by_done, by_told)


@numba.njit(error_model="numpy")
def _by_rows(moved: Arrays, at: Arrays, by_rows: Any, by_splits: Any) -> Arrays:
    """Slopes by nation, levels, slopes, gain, splits and offset, from those by logits of rows."""
    nation, levels, slopes, _, splits = moved[:5]
    born, pair, gain, line, time, late, born_split, side, place, immigrant = at[:10]
    by_nation, by_gain, by_offset = np.zeros(nation.shape), np.zeros(2), np.zeros(2)
    by_levels, by_slopes = np.zeros(levels.shape), np.zeros(slopes.shape)
    by_pairs, by_gains = np.zeros((line.size, 2)), np.zeros((late.size, 2))
    by_sides, by_places = np.zeros((place.size, 2)), np.zeros(splits.shape)
    for i in range(born.size):
        for k in range(2):
            s = by_rows[i, k]
            by_nation[k, born[i]] += s
            by_pairs[pair[i], k] += s
            by_gains[gain[i], k] += s
    for i in range(born_split.size):
        for k in range(2):
            s = by_splits[i, k] if k else -by_splits[i, k]
            by_nation[2 + k, born_split[i]] += s
            by_sides[side[i], k] += s
    for k in range(2):
        for i in range(line.size):
            by_levels[line[i], k] += by_pairs[i, k]
            by_slopes[line[i], k] += by_pairs[i, k] * time[i]
        for i in range(late.size):
            by_gain[k] += by_gains[i, k] * late[i]
        for i in range(place.size):
            by_places[place[i], k] += by_sides[i, k]
            by_offset[k] += by_sides[i, k] * immigrant[i]
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

"""Laws of the education block: operators only, so tensors and arrays share them.

Equation numbers are those of `bayesgap.blocks.education.model`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytensor.tensor as pt

from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.panel import VOCATIONAL_FROM

CENTRE_COHORT = 1967.0  # mean birth year of those aged 30-66 in the stocks
LATE_FROM, LATE_DECADES = 32.0, 5.0  # late gains run from this age on, so long
DAMPING = 0.9  # a trend of the immigrants' education fades by a tenth a year after the data
MEAN_IMMIGRANTS = 0.17  # of residents 30-66, nation 2019: centres the offsets of immigrants
TAIL = 4.0  # degrees of freedom of the immigrants' share
TREND_CENTRE, SHARE_CENTRE = 2.5, 4  # years before the last stock at which trends are centred


class Reached(NamedTuple):
    """Shares of people that have reached each stage, of all people."""

    finished: Any
    tertiary: Any
    vocational: Any
    academic: Any
    long: Any


def exp(value: Any) -> Any:
    """Exponential of arrays, numbers and tensors."""
    return np.exp(value) if isinstance(value, np.ndarray | float) else pt.exp(value)


def log(value: Any) -> Any:
    """Natural logarithm of arrays, numbers and tensors."""
    return np.log(value) if isinstance(value, np.ndarray | float) else pt.log(value)


def expit(value: Any) -> Any:
    """Share from log-odds."""
    return 1.0 / (1.0 + exp(-value))


def completed(level: Any, spread: Any, error: Any) -> Any:
    """Part of a cohort's finishers that has finished by an age (E2)."""
    return exp(-exp(level + spread * error))


def reached(logits: Any, parts: Any) -> Reached:
    """Stages reached (E3) from four final logits and four completed parts."""
    signs = (1.0, 1.0, -1.0, 1.0)  # the third choice is told by its complement
    shares = [expit(sign * logit) for sign, logit in zip(signs, logits, strict=True)]
    return stages(*shares, *parts)


def stages(
    finishes: Any, goes_on: Any, not_academic: Any, stays: Any, p0: Any, p1: Any, p2: Any, p3: Any
) -> Reached:
    """Stages reached (E3) from the shares of four choices and their completed parts."""
    finished = finishes * p0
    tertiary = finished * goes_on * p1
    vocational = tertiary * not_academic * p2
    academic = tertiary - vocational
    return Reached(finished, tertiary, vocational, academic, academic * stays * p3)


def mixed(share: Any, first: Reached, second: Reached) -> Reached:
    """Mixture of two populations: `share` of the first, the rest of the second (E6)."""
    pairs = zip(first, second, strict=True)
    return Reached(*(share * one + (1.0 - share) * two for one, two in pairs))


def joined(values: Sequence[Any]) -> Any:
    """Arrays end to end along their first axis."""
    arrays = isinstance(values[-1], np.ndarray)
    return np.concatenate(list(values)) if arrays else pt.concatenate(list(values))


def stacked(values: Sequence[Any]) -> Any:
    """Numbers as a vector, or vectors as rows of a matrix."""
    arrays = isinstance(values[0], np.ndarray | np.generic | float)
    return np.stack(values) if arrays else pt.stack(list(values))


def stock_logits(total: Reached, told: Any) -> list[Any]:
    """Four observed logits of a stock (E7)."""
    return [log(odds) for odds in stock_odds(total, told)]


def stock_odds(total: Reached, told: Any) -> tuple[Any, Any, Any, Any]:
    """Odds of a stock's choices; `told` = 0 where vocational counts as secondary (E7)."""
    high = total.academic + told * total.vocational
    return (
        total.finished / (1.0 - total.finished),
        high / (total.finished - high),
        total.academic / total.vocational,
        total.long / (total.academic - total.long),
    )


def national_shape(
    mean: Any, spread: Any, error: Any, innovation: Any, step: Any, reach: Any
) -> Any:
    """Logits (logit, knot) of the nation's cohorts (E1)."""
    return mean + spread * error + (innovation[:, None] * step) @ reach


def late(age: Any) -> Floats:
    """Decades of late gain by an age (E4): adult learning, selective mortality, arrivals."""
    return np.clip((np.asarray(age, dtype=float) - LATE_FROM) / 10.0, 0.0, LATE_DECADES)


def tilt(cohort: Any, last: int) -> Floats:
    """Decades since `CENTRE_COHORT`; constant for cohorts after the `last` seen (E4)."""
    return (np.minimum(np.asarray(cohort, dtype=float), last) - CENTRE_COHORT) / 10.0


def regional(shape: Any, level: Any, slope: Any, decades: Any, gain: Any, later: Any) -> Any:
    """Regional logit of a cohort: national shape, deviation (level, slope), late gain (E4)."""
    return shape + level + slope * decades + gain * later


def trend_time(year: Any, last: int) -> Floats:
    """Decades of trend of the immigrants' education, damped after the `last` stock (E5)."""
    years = np.asarray(year, dtype=float)
    ahead = np.maximum(years - last, 0.0)
    faded = DAMPING * (1.0 - DAMPING**ahead) / (1.0 - DAMPING)
    return (np.minimum(years, last) - (last - TREND_CENTRE) + faded) / 10.0


def share_time(year: Any, last: int) -> Any:
    """Years since the middle of the immigrants' shares, `SHARE_CENTRE` before the `last` (E8)."""
    return year - (last - SHARE_CENTRE)


def share_growth(growth: Any, decay: Any, years: Any) -> Any:
    """Expected yearly change of the log-odds of the immigrants' share (E8)."""
    return growth * exp(-decay * years)


def vocational_told(years: Any) -> Floats:
    """1 from the year that higher vocational is told apart."""
    return (np.asarray(years) >= VOCATIONAL_FROM).astype(float)

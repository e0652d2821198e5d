"""A statement such as 'between 18 and 22 %, 90 % sure' as a prior, by maximum entropy (PreliZ)."""

from typing import Any

import numpy as np
import preliz
from scipy import stats

from bayesgap.errors import StudyError

FAMILIES: dict[str, Any] = {
    "normal": preliz.Normal,
    "log_normal": preliz.LogNormal,
    "beta": preliz.Beta,
    "gamma": preliz.Gamma,
}


def elicited(family: str, low: float, high: float, sure: float) -> dict[str, float]:
    """Parameters of the widest distribution of `family` with probability `sure` in (low, high).

    A half-normal has one parameter: `low` must be 0, and `sure` lies below `high`.

    Raises
    ------
    StudyError
        Bounds that the family cannot have, or no distribution found.
    """
    if not low < high or not 0 < sure < 1:
        raise StudyError(
            "Bounds must be in order and the probability between 0 and 100 %; found "
            f"{low:g} to {high:g} with {sure:.0%}."
        )
    if family == "half_normal":
        return _half_normal(low, high, sure)
    _require_support(family, low, high)
    drawn = FAMILIES[family]()
    preliz.maxent(drawn, low, high, sure, plot=False)
    found = dict(zip(drawn.param_names, map(float, drawn.params), strict=True))
    reached = float(drawn.cdf(high) - drawn.cdf(low))
    if not np.isfinite(reached) or abs(reached - sure) > 0.01:
        raise StudyError(
            f"A {family} must be able to have {sure:.0%} between {low:g} and {high:g}; the nearest "
            f"found has {reached:.0%}. Name another --dist."
        )
    return found


def _require_support(family: str, low: float, high: float) -> None:
    inside = {"normal": True, "beta": low >= 0 and high <= 1}.get(family, low >= 0)
    if not inside:
        where = "0 and 1" if family == "beta" else "0 and infinity"
        raise StudyError(
            f"A {family} lies between {where}; found bounds {low:g} and {high:g}. Give per cent "
            "with --percent, or name another --dist."
        )


def _half_normal(low: float, high: float, sure: float) -> dict[str, float]:
    if low != 0:
        raise StudyError(
            f"A half_normal begins at 0, so that the lower bound must be 0; found {low:g}."
        )
    return {"sigma": high / float(stats.halfnorm.ppf(sure))}

"""Levels within sectors as the labour force survey saw them: the law of their yearly changes.

H1  logit[c,k,t]: of tertiary education, and of primary among those without it (k), in a sum of
    sectors c. The two are seen with independent errors, since counts of nested splits are
H2  change[c,k,t] = pace[k] + n[k,t] + lean[c,k] + step[k] z + u[t] - u[t-1]
    n[k,t] = persistence n[k,t-1] + common[k] z;  lean[c,k] ~ Normal(0, lean[k])
H3  u[c,k,t] ~ Normal(0, noise^2 inverse[c,k,t]), inverse = 1 / persons + 1 / other persons [1000]
H4  in the year of a break: change + shift[break,k] + scatter[k] z

Persons answer for two years, so that errors of neighbouring years are alike. The law takes them for
independent: the walk seems larger than it is, and drift ahead is somewhat too wide.

Walk, errors and breaks have a tridiagonal covariance, so that lean is integrated out in one pass.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bayesgap.inference.parts import ar1_step


class Sums(NamedTuple):
    """Products of eliminated changes x and of ones: all that a density needs (industry, k)."""

    squares: Any
    along: Any
    ones: Any
    pivots: list[Any]


def eliminated(change: Sequence[Any], variance: Sequence[Any], shared: Sequence[Any]) -> Sums:
    """Forward elimination of changes with a tridiagonal covariance.

    Parameters
    ----------
    change, variance : by year, arrays (..., industry, k)
    shared : covariance of each year with the next
    """
    pivots, x, one = [variance[0]], [change[0]], [1.0 + 0.0 * variance[0]]
    for t, off in enumerate(shared):
        share = off / pivots[t]
        pivots.append(variance[t + 1] - share * off)
        x.append(change[t + 1] - share * x[t])
        one.append(1.0 - share * one[t])
    rows = list(zip(x, one, pivots, strict=True))
    return Sums(
        sum(a * a / p for a, _, p in rows),
        sum(a * b / p for a, b, p in rows),
        sum(b * b / p for _, b, p in rows),
        pivots,
    )


def spread_of(
    step: Any, scatter: Any, noise: Any, inverse: Sequence[Any], breaks: Sequence[float]
) -> tuple[list[Any], list[Any]]:
    """Variances by year and covariances with the next (H2-H4).

    Parameters
    ----------
    inverse : by year from the year before the first change, (industry, k) [1 / 1000 persons]
    breaks : by year, 1 where a break falls and 0 elsewhere
    """
    seen = [noise**2 * value for value in inverse]
    variance = [
        step**2 + scatter**2 * there + before + after
        for there, before, after in zip(breaks, seen[:-1], seen[1:], strict=True)
    ]
    return variance, [-value for value in seen[1:-1]]


def lean_given(sums: Sums, lean: Any) -> tuple[Any, Any]:
    """Mean and variance of the lasting part of each series, given its changes (industry, k)."""
    inflated = 1.0 + lean**2 * sums.ones
    return lean**2 * sums.along / inflated, lean**2 / inflated


def squares_of(sums: Sums, lean: Any) -> tuple[Any, Any]:
    """Sum of squares, and the factor of the determinant, with lean integrated out."""
    inflated = 1.0 + lean**2 * sums.ones
    return sums.squares - lean**2 * sums.along**2 / inflated, inflated


def paths(z: Any, persistence: Any, common: Any, years: int) -> list[Any]:
    """Common departures n (H2) by year, stationary from the first, from standard normal z."""
    found = [common * z[0] / (1.0 - persistence**2) ** 0.5]
    for t in range(1, years):
        found.append(ar1_step(found[-1], persistence, common * z[t]))
    return found


def path_mean(z: Any, persistence: Any, common: Any, years: int) -> Any:
    """Mean over years of `paths` (k), from shocks z (year, k)."""
    passed = (1.0 - persistence ** np.arange(years, 0, -1)) / (1.0 - persistence)
    first = np.arange(years) == 0
    weight = passed * (first / (1.0 - persistence**2) ** 0.5 + ~first) / years
    return common * (weight[:, None] * z).sum(0)

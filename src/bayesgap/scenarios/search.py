"""How strong a measure, or which mix at least cost, closes the gap with a chosen probability.

Equations
---------
K1  one measure: smallest factor f with P(gap(f) <= 0) >= p, by bisection; f times the strength of
    the file, every draw with its own strength
K2  mix: least sum of cost[m] f[m] with the p quantile of gap(f) <= 0; draws of the gap are taken as
    linear in f about the last exact ones, solved, projected exactly, and so on until they agree

Factors act on strengths, not on results, and strengths keep to their bounds, so that a measure may
be unable to close the gap however much it is turned up. `limits.py` says how far that is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.optimize import minimize

from bayesgap.accounting.events.apply import Future, intervene, populate
from bayesgap.accounting.events.strengths import Drawn
from bayesgap.projection.propagate import chunks
from bayesgap.scenarios.effects import drawn_events, foresee
from bayesgap.scenarios.limits import MOST
from bayesgap.study.scenario_files import Measure
from bayesgap.study.study import Study

Floats = npt.NDArray[np.float64]
Gap = Callable[[Mapping[str, float]], Floats]
TOLERANCE = 0.01  # of the factor
ROUNDS = 8


@dataclass(frozen=True)
class Found:
    """Factors by measure, the probability that they reach, and the draws of the gap there."""

    factors: Mapping[str, float]
    probability: float
    cost: float
    gap: Floats

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the probability, draws taken as independent."""
        return float(np.sqrt(self.probability * (1 - self.probability) / self.gap.size))


def gap_of(
    futures: Sequence[Future],
    events: Sequence[Mapping[str, Sequence[Drawn]]],
    region: str,
    total: str,
) -> Gap:
    """Draws of a region's gap in the last year as a function of factors on measures."""

    def gap(factors: Mapping[str, float]) -> Floats:
        parts = []
        for future, drawn in zip(futures, events, strict=True):
            turned = [
                event._replace(factor=factors[name])
                for name, of in drawn.items()
                if factors.get(name, 0.0) > 0
                for event in of
            ]
            last = [future.years[-1]]
            outlook = intervene(future, turned, total, last, populate(future, turned))
            parts.append(outlook["gap"].sel(region=region).sum("education").to_numpy().ravel())
        return np.concatenate(parts).astype(float)

    return gap


def closed(gap: Floats) -> float:
    """Share of draws without a shortage."""
    return float((gap <= 0).mean())


def smallest(gap: Gap, name: str, probability: float, most: float = MOST) -> Found:
    """Smallest factor of one measure that closes the gap with `probability`: K1.

    If even `most` does not, the result's probability is below the one asked for.
    """
    low, high = 0.0, most
    draws = gap({name: high})
    if closed(draws) < probability:
        return Found({name: high}, closed(draws), high, draws)
    start = gap({name: 0.0})
    if closed(start) >= probability:
        return Found({name: 0.0}, closed(start), 0.0, start)
    while high - low > TOLERANCE * high:
        middle = (low + high) / 2
        tried = gap({name: middle})
        if closed(tried) >= probability:
            high, draws = middle, tried
        else:
            low = middle
    return Found({name: high}, closed(draws), high, draws)


def cheapest(
    gap: Gap, costs: Mapping[str, float], probability: float, most: Mapping[str, float]
) -> Found:
    """Mix of measures of least cost that closes the gap with `probability`: K2.

    Parameters
    ----------
    most : largest factor of each measure
    """
    names = list(costs)
    price = np.array([costs[name] for name in names])
    limits = np.array([most[name] for name in names])
    factors = np.minimum(1.0, limits)
    for _ in range(ROUNDS):
        here, slopes = linearised(gap, names, factors)
        found = solved(here, slopes, factors, price, probability, limits)
        step = float(np.max(np.abs(found - factors)))
        factors = found
        if step < TOLERANCE:
            break
    return on_ray(gap, names, factors, price, probability, limits)


def linearised(gap: Gap, names: Sequence[str], factors: Floats) -> tuple[Floats, Floats]:
    """Draws of the gap at `factors` (draw), and their slopes (measure, draw)."""
    here = gap(dict(zip(names, factors, strict=True)))
    slopes = np.empty((len(names), here.size))
    for place in range(len(names)):
        other = factors.copy()
        other[place] = factors[place] + 0.5 if factors[place] < 0.5 else factors[place] * 0.5
        there = gap(dict(zip(names, other, strict=True)))
        slopes[place] = (there - here) / (other[place] - factors[place])
    return here, slopes


def solved(
    here: Floats, slopes: Floats, start: Floats, price: Floats, probability: float, most: Floats
) -> Floats:
    """Cheapest factors under the linear gap."""
    scale = max(float(np.abs(here).mean()), 1.0)

    def room(factors: Floats) -> float:
        return -float(np.quantile(here + (factors - start) @ slopes, probability)) / scale

    bounds = [(0.0, high) for high in most]
    starts = [np.maximum(start, 0.1), *(np.diag(most) / 2 + 0.1)]
    tries = [
        minimize(
            lambda f: float(price @ f),
            np.minimum(first, most),
            method="COBYLA",
            bounds=bounds,
            constraints={"type": "ineq", "fun": room},
            options={"maxiter": 2000, "rhobeg": 0.5, "tol": 1e-4},
        )
        for first in starts
    ]
    good = [t for t in tries if room(np.clip(t.x, 0, most)) > -0.01] or tries
    best = min(good, key=lambda t: float(price @ t.x))
    return np.clip(best.x, 0.0, most)


def on_ray(
    gap: Gap, names: Sequence[str], factors: Floats, price: Floats, probability: float, most: Floats
) -> Found:
    """The mix scaled until it just closes the gap exactly."""
    largest = float(np.min(most / np.maximum(factors, 1e-9)))

    def scaled(of: Mapping[str, float]) -> Floats:
        return gap({name: f * of["mix"] for name, f in zip(names, factors, strict=True)})

    ray = smallest(scaled, "mix", probability, largest)
    final = {n: float(f * ray.factors["mix"]) for n, f in zip(names, factors, strict=True)}
    cost = float(price @ np.array(list(final.values())))
    return Found(final, ray.probability, cost, ray.gap)


def ready_to_search(
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    measures: Sequence[Measure],
    draws: int,
) -> tuple[list[Future], list[dict[str, list[Drawn]]]]:
    """Futures, small enough to keep all, and drawn events, of the first `draws` per chain."""
    futures: list[Future] = []
    events: list[dict[str, list[Drawn]]] = []
    for chunk, cut in chunks(posterior, draws):
        future = foresee(cut, panel, study, chunk)
        events.append(drawn_events(measures, future, study, chunk))
        futures.append(trimmed(future))
    return futures, events


def trimmed(future: Future) -> Future:
    """Future with the arrays of its first and last year only, to keep all chunks in memory."""
    ends = [future.years[0], future.years[-1]]

    def cut[Values: (xr.DataArray, xr.Dataset)](value: Values) -> Values:
        return value.sel(year=ends).copy(deep=True) if "year" in value.dims else value

    rates = future.rates._replace(
        education=cut(future.rates.education),
        participation=cut(future.rates.participation),
        commuting=cut(future.rates.commuting),
        skill_mix=cut(future.rates.skill_mix),
    )
    parts = future.main.parts._replace(
        residents=cut(future.main.parts.residents),
        available=cut(future.main.parts.available),
        wanted=cut(future.main.parts.wanted),
        jobs=cut(future.main.parts.jobs),
    )
    main = future.main._replace(
        people=cut(future.main.people),
        rate=cut(future.main.rate),
        arriving=cut(future.main.arriving),
        parts=parts,
    )
    return future._replace(rates=rates, main=main)

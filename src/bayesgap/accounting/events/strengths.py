"""Strengths of events, drawn once per draw, and their paths over years and regions.

The same measure has the same strengths in every scenario: their seed is the measure's name. Hence
a combination differs from its parts by what the parts do to each other, and by nothing else.
"""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal
from bayesgap.study.scenario import BOUNDS, Choice, Event
from bayesgap.study.scenario_files import Measure

Labels = Iterable[Any]


class Drawn(NamedTuple):
    """An event with its strengths (chain, draw), and a factor that a search turns."""

    event: Event
    strength: Mapping[str, xr.DataArray]
    factor: float = 1.0


def draw_measure(
    measure: Measure, seed: int, chunk: int, sample: Mapping[str, xr.DataArray]
) -> list[Drawn]:
    """Events of `measure` with drawn strengths; `sample` are the coordinates chain and draw."""
    coords = {name: values.to_numpy() for name, values in sample.items()}
    shape = tuple(values.size for values in coords.values())
    drawn: list[Drawn] = []
    for place, event in enumerate(measure.events):
        strength: dict[str, xr.DataArray] = {}
        for name, bound in type(event).bounds().items():
            key = zlib.crc32(f"{measure.name}/{place}/{name}".encode())
            rng = np.random.default_rng([seed, key, chunk])
            values = np.clip(sampled(getattr(event, name), shape, rng), *BOUNDS[bound])
            strength[name] = xr.DataArray(values.astype(np.float32), coords, tuple(coords))
        drawn.append(Drawn(event, strength))
    return drawn


def sampled(spread: object, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draws of a strength: a number is itself."""
    match spread:
        case Normal():
            return rng.normal(spread.mu, spread.sigma, shape)
        case HalfNormal():
            return np.abs(rng.normal(0.0, spread.sigma, shape))
        case LogNormal():
            return np.exp(rng.normal(spread.mu, spread.sigma, shape))
        case Beta():
            return rng.beta(spread.alpha, spread.beta, shape)
        case Gamma():
            return rng.gamma(spread.alpha, 1.0 / spread.beta, shape)
        case Choice():
            weights = np.array(spread.weights)
            return rng.choice(spread.values, shape, p=weights / weights.sum())
        case _:
            return np.full(shape, float(spread))  # type: ignore[arg-type]


def path(event: Event, years: Labels) -> np.ndarray:
    """Share of the whole effect in each year: a straight line from `start` to `full`."""
    return np.clip((np.asarray(years) - event.start) / (event.full - event.start), 0.0, 1.0)


def spread_out(drawn: Drawn, name: str, regions: Labels, years: Labels) -> xr.DataArray:
    """Strength `name` (chain, draw, region, year): times the path, 0 outside the event's regions.

    A search may turn the factor up; the strength still keeps to its bounds.
    """
    low, high = BOUNDS[type(drawn.event).bounds()[name]]
    turned = (drawn.strength[name] * drawn.factor).clip(low, high)
    return turned * reach(drawn.event, regions, years)


def reach(event: Event, regions: Labels, years: Labels) -> xr.DataArray:
    """Path of the event (region, year), 0 outside its regions."""
    inside = [not event.regions or region in event.regions for region in regions]
    values = np.outer(inside, path(event, years)).astype(np.float32)
    return xr.DataArray(values, {"region": list(regions), "year": list(years)}, ("region", "year"))

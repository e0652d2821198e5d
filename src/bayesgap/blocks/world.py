"""A made-up world of a block: paths that may be broken, how they are told, how they go on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Swings
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.study import Study

Paths = np.ndarray  # (place, year)
Drawn = dict[str, np.ndarray]  # by place: (horizon, sample)


class Law(NamedTuple):
    """Standard deviation (place) of own yearly deviations, their persistence, spread of the means.

    The spread is by year where means are of growth and paths its sum.
    """

    sd: np.ndarray
    persistence: float
    spread: float | np.ndarray


class SimulatedPaths(NamedTuple):
    """Paths by name over the years `seen` and those ahead, their laws, what a truth has besides.

    `told` gives, for paths that may be broken, the data by names of `pm.Data` and the panel from
    which a forecast begins; `forecast` the draws of each path by place, years after those seen.
    """

    truth: dict[str, Any]  # parameters by name
    places: Sequence[str]
    seen: int
    paths: dict[str, Paths]
    laws: dict[str, Law]
    besides: np.ndarray  # (year)
    told: Callable[[Mapping[str, Paths]], tuple[dict[str, np.ndarray], xr.Dataset]]
    forecast: Callable[
        [xr.Dataset, xr.Dataset, Sequence[int], np.random.Generator], dict[str, Drawn]
    ]


Maker = Callable[[xr.Dataset, Study, int, np.random.Generator], SimulatedPaths]


def in_cycle(panel: xr.Dataset, swings: Swings) -> xr.Dataset:
    """The panel with given swings of the business cycle, if it holds the cycle."""
    if "cycle_year" not in panel.dims:
        return panel
    cycle = [swings[int(year)] for year in panel["cycle_year"].values]
    return panel.assign(cycle=("cycle_year", cycle))


def by_place(drawn: xr.DataArray, place: str) -> Drawn:
    """Draws (horizon, sample) by name of the dimension `place`; `year` is the horizon."""
    flat = drawn.stack(sample=SAMPLE_DIMS).transpose(place, "year", "sample")
    return dict(zip(map(str, drawn[place].values), flat.to_numpy(), strict=True))


def completed(
    posterior: xr.Dataset, own: Mapping[str, tuple[str, ...]], **sizes: int
) -> xr.Dataset:
    """The posterior with zeros for what no data inform and no path asks; `own`: dimensions."""
    shape = {**posterior.sizes, **sizes}
    dims = {name: (*SAMPLE_DIMS, *more) for name, more in own.items()}
    return posterior.assign(
        {name: (every, np.zeros([shape[d] for d in every])) for name, every in dims.items()}
    )

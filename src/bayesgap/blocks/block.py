"""What is known of a block: one frozen record, read by all code that treats blocks alike.

A block's folder states its record in `__init__.py`; `registry.py` lists the records. What loads
PyMC is a function that imports it when it is called.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.outlook import Rates
from bayesgap.blocks.world import Maker
from bayesgap.inference.time_left import Cost
from bayesgap.study.study import Study

Place = tuple[int, ...]
Quantity = tuple[str, Place]
PanelBuilder = Callable[[Mapping[str, pd.DataFrame], Study], xr.Dataset]
Data = Mapping[str, np.ndarray]


class Observed(NamedTuple):
    """A table of data: its axis of time, and that whose members have scales of their own.

    Cells whose `variance` in the panel is that of `LEFT_OUT` are as seen in replicas too.
    """

    name: str
    time: int | None = None
    apart: int | None = None
    variance: str | None = None
    of: Callable[[xr.Dataset], np.ndarray] | None = None  # where the panel names it otherwise

    def seen(self, panel: xr.Dataset) -> np.ndarray:
        """The data as the block's model observes them (building it would take seconds)."""
        return panel[self.name].values if self.of is None else self.of(panel)


class Statement(NamedTuple):
    """A quantity about people: words with {low} and {high}, values, and what no one has seen."""

    block: str
    words: str
    values: Callable[[Rates], xr.DataArray]
    impossible: tuple[float, float]
    reason: str
    percent: bool = False


class Readers(NamedTuple):
    """What reads draws of a fitted block beside its panel.

    `left_out` gives log densities of one region's or year's data given all others; `residuals`
    yearly residuals (chain, draw, year) of the nation, by name of the series.
    """

    left_out: Callable[[xr.Dataset, xr.Dataset], Iterable[Any]] | None = None
    residuals: Callable[[xr.Dataset, xr.Dataset], Mapping[str, xr.DataArray]] | None = None


def no_readers() -> Readers:
    """Nothing reads the block's draws: it has neither regions nor years."""
    return Readers()


@dataclass(frozen=True)
class Calibration:
    """What simulation-based calibration looks at in a block, and how far its draws are thinned."""

    quantities: tuple[Quantity, ...] = ()
    thin: int | None = None  # the usual thinning if None
    thin_parts: Mapping[str, int] = field(
        default_factory=dict
    )  # of a part, by one of its variables
    panel: PanelBuilder | None = None  # the block's own if None


def as_it_is(panel: xr.Dataset, _: Data) -> xr.Dataset:
    """The panel of a block whose forecasts begin from no data that calibration makes up."""
    return panel


def none_above_zero() -> Mapping[str, float]:
    """No parameter of the block lies above a least value."""
    return {}


@dataclass(frozen=True)
class Block:
    """One stochastic block of the model.

    Parameters
    ----------
    name : as in `schema.BLOCKS` and in a study's `[priors.<name>]`
    panel : tables and study to the Dataset of observations
    law : module with `build` (the PyMC model) and `forecast`; loads PyMC
    cost : seconds of a fit, which the time left is worked out from
    simulate : (priors, panel, rng[, swings]) to a truth and data; None if truths are drawn from
        the model itself, and then `replay` makes the data
    replay : of a panel, a function (truth, rng) to data; None if `simulate` makes them from priors
        that are held at the truth
    cyclical : whether `simulate` takes the swings of a business cycle that blocks share
    retell : a panel whose history is made-up data, wherever a forecast begins from it
    observed : tables whose replicas health compares with the data
    statements : what the priors say about people, in plain words
    assumed : tables with spreads of their own that no data inform: centre and spread in the panel
    readers : what health reads the block's draws with; loads PyMC
    accept : least target acceptance that the block is sampled with, where a study asks for less:
        its tails are steep
    least : parameters whose prior is of what lies above a least value; may load PyMC
    calibration : what is calibrated
    world : maker of a made-up world whose rules may be broken; None if the block has no paths
    """

    name: str
    panel: PanelBuilder
    law: Callable[[], ModuleType]
    cost: Cost
    simulate: Callable[..., Any] | None = None
    replay: (
        Callable[[xr.Dataset], Callable[[Mapping[str, Any], np.random.Generator], Data]] | None
    ) = None
    cyclical: bool = False
    retell: Callable[[xr.Dataset, Data], xr.Dataset] = as_it_is
    observed: tuple[Observed, ...] = ()
    statements: tuple[Statement, ...] = ()
    assumed: Mapping[str, tuple[str | float, str | float]] = field(default_factory=dict)
    readers: Callable[[], Readers] = no_readers
    accept: float = 0.0
    least: Callable[[], Mapping[str, float]] = none_above_zero
    calibration: Calibration = Calibration()
    world: Maker | None = None

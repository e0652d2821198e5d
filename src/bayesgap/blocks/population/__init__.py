"""Population: people by age and region, births, deaths and migration."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import xarray as xr

from bayesgap.blocks.block import Block
from bayesgap.blocks.population.calibrated import CALIBRATION
from bayesgap.blocks.population.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.population.misspecified import population as world
from bayesgap.blocks.population.panel import build_population_panel
from bayesgap.blocks.population.simulate import retell, simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.population import model

    return model


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[Any]:
    """Log densities of one region or year given all others, by draw."""
    from bayesgap.blocks.population.left_out import left_out as law

    return law(posterior, panel)


def residuals(posterior: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals of the nation, by name of the series."""
    from bayesgap.blocks.population.residuals import residuals as law

    return law(posterior, panel)


BLOCK = Block(
    name="population",
    panel=build_population_panel,
    law=law,
    cost=Cost(3.5, 72, 22, 1.2),
    simulate=simulate,
    cyclical=True,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    residuals=residuals,
    left_out=left_out,
    calibration=CALIBRATION,
    world=world,
)

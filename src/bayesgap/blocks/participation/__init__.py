"""Participation: who of the residents is in the labour force."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import xarray as xr

from bayesgap.blocks.block import Block
from bayesgap.blocks.participation.calibrated import CALIBRATION
from bayesgap.blocks.participation.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.participation.misspecified import participation as world
from bayesgap.blocks.participation.panel import build_participation_panel
from bayesgap.blocks.participation.simulate import retell, simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.participation import model

    return model


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[Any]:
    """Log densities of one region or year given all others, by draw."""
    from bayesgap.blocks.participation.left_out import left_out as law

    return law(posterior, panel)


def residuals(posterior: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals of the nation, by name of the series."""
    from bayesgap.blocks.participation.residuals import residuals as law

    return law(posterior, panel)


BLOCK = Block(
    name="participation",
    panel=build_participation_panel,
    law=law,
    cost=Cost(2.5, 14, 2.4, 0.3),
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

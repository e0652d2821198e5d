"""Sectors: jobs by industry and region, and their growth."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import xarray as xr

from bayesgap.blocks.block import Block
from bayesgap.blocks.sectors.calibrated import CALIBRATION
from bayesgap.blocks.sectors.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.sectors.misspecified import sectors as world
from bayesgap.blocks.sectors.panel import build_sectors_panel
from bayesgap.blocks.sectors.simulate import retell, simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.sectors import model

    return model


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[Any]:
    """Log densities of one region or year given all others, by draw."""
    from bayesgap.blocks.sectors.left_out import left_out as law

    return law(posterior, panel)


def residuals(posterior: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals of the nation, by name of the series."""
    from bayesgap.blocks.sectors.residuals import residuals as law

    return law(posterior, panel)


BLOCK = Block(
    name="sectors",
    panel=build_sectors_panel,
    law=law,
    cost=Cost(3.5, 32, 16, 0.4),
    simulate=simulate,
    cyclical=True,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    assumed={"base_log": ("base_log", "base_sd")},
    residuals=residuals,
    left_out=left_out,
    calibration=CALIBRATION,
    world=world,
)

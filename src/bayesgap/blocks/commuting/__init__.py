"""Commuting: who of the residents works elsewhere."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import xarray as xr

from bayesgap.blocks.block import Block
from bayesgap.blocks.commuting.calibrated import CALIBRATION
from bayesgap.blocks.commuting.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.commuting.misspecified import commuting as world
from bayesgap.blocks.commuting.panel import build_commuting_panel
from bayesgap.blocks.commuting.simulate import retell, simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.commuting import model

    return model


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[Any]:
    """Log densities of one region or year given all others, by draw."""
    from bayesgap.blocks.commuting.left_out import left_out as law

    return law(posterior, panel)


def residuals(posterior: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals of the nation, by name of the series."""
    from bayesgap.blocks.commuting.residuals import residuals as law

    return law(posterior, panel)


BLOCK = Block(
    name="commuting",
    panel=build_commuting_panel,
    law=law,
    cost=Cost(3, 20, 2.2, 0.3),
    simulate=simulate,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    assumed={
        "out_contrast": ("out_contrast", "out_contrast_sd"),
        "in_contrast": ("in_contrast", "in_contrast_sd"),
    },
    residuals=residuals,
    left_out=left_out,
    calibration=CALIBRATION,
    world=world,
)

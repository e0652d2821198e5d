"""Sectors: jobs by industry and region, and their growth."""

from types import ModuleType

from bayesgap.blocks.block import Block, Readers
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


def readers() -> Readers:
    """What health reads draws with."""
    from bayesgap.blocks.sectors import left_out, residuals

    return Readers(left_out.left_out, residuals.residuals)


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
    readers=readers,
    calibration=CALIBRATION,
    world=world,
)

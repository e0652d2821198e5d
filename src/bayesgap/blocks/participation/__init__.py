"""Participation: who of the residents is in the labour force."""

from types import ModuleType

from bayesgap.blocks.block import Block, Readers
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


def readers() -> Readers:
    """What health reads draws with."""
    from bayesgap.blocks.participation import left_out, residuals

    return Readers(left_out.left_out, residuals.residuals)


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
    readers=readers,
    calibration=CALIBRATION,
    world=world,
)

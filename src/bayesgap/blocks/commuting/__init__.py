"""Commuting: who of the residents works elsewhere."""

from types import ModuleType

from bayesgap.blocks.block import Block, Readers
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


def readers() -> Readers:
    """What health reads draws with."""
    from bayesgap.blocks.commuting import left_out, residuals

    return Readers(left_out.left_out, residuals.residuals)


BLOCK = Block(
    name="commuting",
    panel=build_commuting_panel,
    law=law,
    cost=Cost(3, 20, 2.2, 0.3),
    simulate=simulate,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    readers=readers,
    calibration=CALIBRATION,
    world=world,
)

"""Imbalance: jobs that stand unfilled in the base year."""

from types import ModuleType

from bayesgap.blocks.block import Block
from bayesgap.blocks.imbalance.calibrated import CALIBRATION
from bayesgap.blocks.imbalance.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.imbalance.panel import build_imbalance_panel
from bayesgap.blocks.imbalance.simulate import simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.imbalance import model

    return model


BLOCK = Block(
    name="imbalance",
    panel=build_imbalance_panel,
    law=law,
    cost=Cost(1, 8, 4, 0.1),
    simulate=simulate,
    observed=OBSERVED,
    statements=STATEMENTS,
    calibration=CALIBRATION,
)

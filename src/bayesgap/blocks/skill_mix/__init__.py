"""Skill mix: education within sectors, and its drift."""

from types import ModuleType

from bayesgap.blocks.block import Block, Readers
from bayesgap.blocks.skill_mix.calibrated import CALIBRATION
from bayesgap.blocks.skill_mix.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.skill_mix.panel import build_skill_mix_panel
from bayesgap.blocks.skill_mix.simulate import retell, simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.skill_mix import model

    return model


def readers() -> Readers:
    """What health reads draws with."""
    from bayesgap.blocks.skill_mix import left_out

    return Readers(left_out.left_out)


BLOCK = Block(
    name="skill_mix",
    panel=build_skill_mix_panel,
    law=law,
    cost=Cost(1, 11, 3.5, 0.3),
    accept=0.9,
    simulate=simulate,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    assumed={"mix_error": (0.0, 1.0), "level_error": (0.0, 1.0)},
    readers=readers,
    calibration=CALIBRATION,
)

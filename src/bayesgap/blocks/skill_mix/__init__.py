"""Skill mix: education within sectors, and its drift."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import xarray as xr

from bayesgap.blocks.block import Block
from bayesgap.blocks.skill_mix.calibrated import CALIBRATION
from bayesgap.blocks.skill_mix.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.skill_mix.panel import build_skill_mix_panel
from bayesgap.blocks.skill_mix.simulate import simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.skill_mix import model

    return model


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[Any]:
    """Log densities of one region or year given all others, by draw."""
    from bayesgap.blocks.skill_mix.left_out import left_out as law

    return law(posterior, panel)


BLOCK = Block(
    name="skill_mix",
    panel=build_skill_mix_panel,
    law=law,
    cost=Cost(1, 11, 3.5, 0.3),
    simulate=simulate,
    observed=OBSERVED,
    statements=STATEMENTS,
    assumed={"mix_error": (0.0, 1.0)},
    left_out=left_out,
    calibration=CALIBRATION,
)

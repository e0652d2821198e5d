"""Education: levels and fields of residents, and of those who come."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from bayesgap.blocks.block import Block, Data, Readers
from bayesgap.blocks.education.calibrated import CALIBRATION
from bayesgap.blocks.education.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.education.misspecified import education as world
from bayesgap.blocks.education.panel import build_education_panel
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.education import model

    return model


def readers() -> Readers:
    """What health reads draws with."""
    from bayesgap.blocks.education import left_out

    return Readers(left_out.left_out)


def replay(panel: xr.Dataset) -> Callable[[Mapping[str, Any], np.random.Generator], Data]:
    """Maker of data for one panel, whose cells are built once."""
    from bayesgap.blocks.education.simulate import known_stocks, simulate

    known = known_stocks(panel)
    return lambda truth, rng: simulate(truth, panel, rng, known)


def retell(panel: xr.Dataset, data: Data) -> xr.Dataset:
    """The panel with made-up steps of the immigrants' share."""
    from bayesgap.blocks.education.simulate import retell as law

    return law(panel, data)


def least() -> dict[str, float]:
    """Misfit lies above a least value."""
    from bayesgap.blocks.education.model import LEAST_MISFIT

    return {"misfit": LEAST_MISFIT}


BLOCK = Block(
    name="education",
    panel=build_education_panel,
    law=law,
    cost=Cost(5, 86, 29, 2),
    accept=0.9,
    replay=replay,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    assumed={"field_deviation": (0.0, 1.0)},
    readers=readers,
    least=least,
    calibration=CALIBRATION,
    world=world,
)

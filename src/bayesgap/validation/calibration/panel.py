"""Panels whose shape calibration makes data of: a study's own, but where a block names another."""

from collections.abc import Mapping

import pandas as pd
import xarray as xr

from bayesgap.blocks.fitting import build_panel
from bayesgap.blocks.registry import BLOCKS
from bayesgap.study.study import Study


def calibration_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.DataTree:
    """Panels of every block, one child a block."""
    others = {name: block.calibration.panel for name, block in BLOCKS.items()}
    return build_panel(tables, study, {name: one for name, one in others.items() if one})

"""Panels whose shape calibration makes data of: a study's own, with stocks of every second year.

A run reads every stock of education. Truths from its priors include misfits that hardly change
from year to year; all years of such a stock tell them so sharply that a fit takes many minutes.
Years are those of the default study: a study with others is reduced to those that it has of them.
"""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import xarray as xr

from bayesgap.blocks.education.panel import (
    NATION_YEARS,
    RESIDENT_YEARS,
    STOCK_YEARS,
    VOCATIONAL_FROM,
    Years,
    build_education_panel,
)
from bayesgap.blocks.fitting import PANELS, Builders, build_panel
from bayesgap.study.study import Study

EVERY_SECOND = Years(
    stock=STOCK_YEARS[::2],
    nation=NATION_YEARS[::2],
    resident=range(VOCATIONAL_FROM, RESIDENT_YEARS[-1] + 1, 2),
)
REDUCED: Builders = {**PANELS, "education": partial(build_education_panel, read=EVERY_SECOND)}


def calibration_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.DataTree:
    """Panels of every block, one child a block; that of education is reduced."""
    return build_panel(tables, study, REDUCED)

"""Simulations of one block, or of the whole chain, by as many processes as are asked for."""

from collections.abc import Iterator, Sequence
from functools import partial

import pandas as pd
import xarray as xr

from bayesgap.inference.processes import each_of
from bayesgap.schema import BLOCKS
from bayesgap.study.study import Study
from bayesgap.validation.calibration.chain import one_country
from bayesgap.validation.calibration.simulation import one_simulation


def calibrate(
    panel: xr.DataTree, study: Study, block: str, numbers: Sequence[int], processes: int = 1
) -> Iterator[pd.DataFrame]:
    """Rows (`calibration.COLUMNS`) of each simulation as it is done, in no certain order."""
    if block == "chain":
        simulation = partial(one_country, {b: panel[b].to_dataset() for b in BLOCKS}, study)
    else:
        simulation = partial(one_simulation, panel[block].to_dataset(), study, block)
    yield from each_of(simulation, ((number,) for number in numbers), processes)

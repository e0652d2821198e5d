"""Seconds of a simulation of `bayesgap validate calibration`: data made up, and their fit.

One made-up country is a simulation of every block and of the chain. The first compiles, and is
not counted. One process, seconds of the clock.
"""

from collections.abc import Iterator

import pandas as pd

from bayesgap.validation.calibration.panel import calibration_panel
from bayesgap.validation.calibration.runs import calibrate
from benchmarks.blocks import study_and_tables
from benchmarks.rows import OURS, Row

SECTION = "calibration"
MEASURE = "a simulation"


def rows(name: str, number: int) -> Iterator[Row]:
    """Rows of `name`, a block or the chain, from `number` simulations after the first."""
    study, tables = study_and_tables()
    panel = calibration_panel(tables, study)
    every = calibrate(panel, study, name, range(number + 1))
    next(every)
    yield from figures(pd.concat(list(every)))


def figures(found: pd.DataFrame) -> Iterator[Row]:
    """Mean seconds by block, of rows as calibration keeps them."""
    each = found.drop_duplicates(["block", "simulation"]).groupby("block", sort=False)["seconds"]
    for block, seconds in each:
        note = f"mean of {len(seconds)}, {seconds.min():.1f} to {seconds.max():.1f} s"
        yield Row(SECTION, str(block), MEASURE, OURS, float(seconds.mean()), "s", note)

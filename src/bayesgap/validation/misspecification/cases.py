"""What intervals are worth when the world does not keep the model's law.

Equations
---------
X1  truth ~ prior;  paths ~ law(truth) over the years seen and `AHEAD` more;  then one rule broken
X2  draws ~ posterior(paths of the years seen);  forecast by the block;  held against the paths
X3  coverage, bias in widths, and width over that where no rule is broken, by rule and horizon

Blocks are those whose data and forecasts are paths of places, regions or sectors. Of education it
is the immigrants' share alone: its stocks follow cohorts. Skill mix is none: its data are changes
with heavy tails by law, and what it forecasts is mostly assumed. Nor is imbalance, which is of one
year. Sizes of the breaks were fixed before anything was run; those of population once more, when
they turned out to be hidden under a year's noise.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.blocks.world import Maker
from bayesgap.inference.processes import each_of
from bayesgap.study.blocks import block_seed
from bayesgap.study.study import Study
from bayesgap.validation.calibration.simulation import fitted_to
from bayesgap.validation.misspecification.rules import RULES
from bayesgap.validation.misspecification.version import misfit_version

AHEAD = 10
HORIZONS = (1, 5, 10)
LEVELS = (0.8, 0.95)
COLUMNS = ("block", "version", "rule", "simulation", "path", "region", "horizon", "truth", "median",
           "low_80", "high_80", "low_95", "high_95")  # fmt: skip


def misfit_cases(
    panel: xr.Dataset,
    study: Study,
    block: str,
    wanted: Sequence[tuple[str, int]],
    processes: int = 1,
) -> Iterator[pd.DataFrame]:
    """Rows (`COLUMNS`) of each rule and simulation of `wanted` as it is done."""
    yield from each_of(partial(one_case, panel, study, block), wanted, processes)


def one_case(panel: xr.Dataset, study: Study, block: str, rule: str, number: int) -> pd.DataFrame:
    """X1 and X2 once; every rule breaks the same world."""
    entropy, sampler = map(int, block_seed(study.seed + number, block, 1).generate_state(2))
    rng = np.random.default_rng(entropy)
    made = world_of(block)(panel, study, AHEAD, rng)
    paths = {
        name: RULES[rule](path, made.seen, made.laws[name], rng)
        for name, path in made.paths.items()
    }
    given, told = made.told(paths)
    posterior = fitted_to(given, panel, study, block, sampler)["posterior"].to_dataset()
    later = [made.seen - 1 + h for h in HORIZONS]
    version, rows = misfit_version(block, study), []
    for name, drawn in made.forecast(posterior, told, HORIZONS, rng).items():
        for place, draws in drawn.items():
            truths = (paths[name][made.places.index(place)] + made.besides)[later]
            rows += [
                (block, version, rule, number, name, place, h, value, *_summary(one))
                for h, value, one in zip(HORIZONS, truths, draws, strict=True)
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _summary(draws: np.ndarray) -> tuple[float, ...]:
    """Median, and the ends of the intervals of `LEVELS`."""
    ends = [(1 - level) / 2 + side * level for level in LEVELS for side in (0, 1)]
    return tuple(float(v) for v in np.quantile(draws, [0.5, *ends]))


def world_of(block: str) -> Maker:
    """Maker of the made-up world of `block`.

    Raises
    ------
    ValueError
        The block has none: its data are no paths.
    """
    world = block_of(block).world
    if world is None:
        raise ValueError(f"The block {block} has no made-up world; its data are no paths.")
    return world

"""Weights without one year or region, against the block fitted again without it."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.fitting import fit_block
from bayesgap.blocks.registry import block_of
from bayesgap.health.weights import shift_error, smoothed
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Sampling, Study

SAMPLING = Sampling(chains=4, draws=500, tune=600, target_accept=0.95)


def fitted(block: str, panel: xr.Dataset, study: Study) -> xr.Dataset:
    priors = block_priors(study, block)
    tree = fit_block(block, panel, priors, study.options, SAMPLING, study.seed)
    return tree["posterior"].to_dataset()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block", "dim", "out", "names"),
    [
        ("skill_mix", "change_year", 2024, ("change_mean", "change_region")),
        ("commuting", "region", "Hallingdal", ("size", "innovation", "out_region", "in_mean")),
        ("participation", "region", "Hallingdal", ("region_size", "region_innovation")),
        ("education", "region", "Horten", ("region_offset", "region_level_spread", "misfit")),
    ],
)
def test_weights_say_what_a_fit_without_it_says(
    tables: dict[str, pd.DataFrame], study: Study, block: str, dim: str, out: object, names: tuple
) -> None:
    panel = block_of(block).panel(tables, study)
    draws = fitted(block, panel, study)
    again = fitted(block, panel.sel({dim: panel[dim] != out}), study)
    every = block_of(block).readers().left_out(draws, panel)
    [one] = [one for one in every if one.name == str(out)]
    weights = smoothed(-one.log)
    assert weights.good
    moved = []
    for name in names:
        own, other = (
            d[name].transpose(*SAMPLE_DIMS, ...).to_numpy().reshape(2000, -1)
            for d in (draws, again)
        )
        sd = own.std(0)
        moved += list((other.mean(0) - own.mean(0)) / sd)
        error = np.hypot(shift_error(weights.values), 2 / np.sqrt(1000))  # draws are correlated
        away = (np.average(own, axis=0, weights=weights.values) - other.mean(0)) / sd
        assert np.abs(away).max() < 4 * error
    assert np.abs(moved).max() > 0.15  # there was something to tell

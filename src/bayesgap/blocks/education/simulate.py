"""Made-up stocks of the education block: its own expected logits, with misfit drawn on top.

Calibration asks whether the sampler finds the posterior of the law, so the law is the model's own;
that the law says what it should is asked by a test whose data share no code with it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from bayesgap.blocks.education import fields_simulate, stocks
from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.cells import Cells, Observations, build_cells, build_observations
from bayesgap.blocks.education.panel import last_stock


class Known(NamedTuple):
    """What all data made for a panel share."""

    cells: Cells
    assumed: stocks.Assumed
    seen: Observations


def known_stocks(panel: xr.Dataset) -> Known:
    """Cells, assumed shapes and observations of a panel."""
    return Known(build_cells(panel), stocks.build_assumed(panel), build_observations(panel))


def simulate(
    truth: Mapping[str, Any],
    panel: xr.Dataset,
    rng: np.random.Generator,
    known: Known | None = None,
) -> dict[str, np.ndarray]:
    """Data, by their names in the model, that follow from parameters (E7-E9)."""
    cells, assumed, seen = known or known_stocks(panel)
    mean = stocks.stock_means(cells, assumed, seen, truth)
    kept = seen.later * truth["persistence"][seen.source] ** seen.years
    fresh = truth["misfit"][seen.series] * np.sqrt(1.0 - kept**2) * rng.standard_normal(kept.size)
    off = np.zeros(kept.size)
    for i in range(kept.size):  # an observation's predecessor comes before it
        off[i] = kept[i] * off[seen.previous[i]] + fresh[i]
    return {
        "observations__value": mean + off,
        "share_step_observed": _share_steps(truth, panel, rng),
        **fields_simulate.simulate(truth, panel, rng),
    }


def _share_steps(
    truth: Mapping[str, Any], panel: xr.Dataset, rng: np.random.Generator
) -> np.ndarray:
    """Yearly changes (share_step, region) of the immigrants' share, in log-odds."""
    years = law.share_time(panel["share_year"].values[1:, None], last_stock(panel))
    growth = law.share_growth(truth["share_growth_region"], truth["share_decay"], years)
    expected = growth + truth["share_shock_year"][:, None]
    return expected + truth["share_noise"] * rng.standard_t(law.TAIL, expected.shape)


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up steps of the immigrants' share, which a forecast begins from."""
    start = panel["immigrant_share_logit"].transpose("share_year", "region")
    steps = np.cumsum(data["share_step_observed"], axis=0)
    path = np.concatenate([start.values[:1], start.values[:1] + steps])
    return panel.assign(immigrant_share_logit=(start.dims, path))

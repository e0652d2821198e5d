"""Sectors: the nation's growth with its cycle, areas about it, and two kinds of sums (G1-G6)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import NONE, Simulated, Swings, Truth, swing, truth_of
from bayesgap.study.priors import BlockPriors

TAIL = 4
BY_SECTOR = ("elasticity", "innovation", "cycle_load", "area_scale", "deviation_scale")


def simulate(
    priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator, swings: Swings = NONE
) -> Simulated:
    """Truth, and growth of the nation, of areas' cells, of residents and of workplaces."""
    sectors = panel.sizes["sector"]
    truth = truth_of(priors, rng, dict.fromkeys(BY_SECTOR, sectors))
    truth["growth"] = rng.normal(truth["growth_mean"], truth["growth_scale"], sectors)
    targets = rng.standard_normal((panel.sizes["target"], sectors)) * truth["area_scale"]
    truth["target_growth"] = targets
    data = {
        "national_growth": _nation(truth, panel, rng, swings),
        "deviation_data": _areas(truth, panel, rng),
        "residence_data": _residence(truth, panel, rng),
        "workplace_data": _workplace(truth, panel, rng),
    }
    return Simulated(truth, data)


def _nation(
    truth: Truth, panel: xr.Dataset, rng: np.random.Generator, swings: Swings
) -> np.ndarray:
    """Growth (growth_year, sector); the law is given the first year after a gap, as observed."""
    years, out = panel["growth_year"].values, panel["national_growth"].values.copy()
    mean = truth["growth"] + truth["elasticity"] * panel["national_driver"].values
    for t in range(1, years.size):
        if years[t] - years[t - 1] > 1:
            continue
        own = truth["innovation"] * rng.standard_normal(mean.shape[1])
        shock = truth["cycle_load"] * swing(swings, int(years[t]), rng) + own
        out[t] = mean[t] + truth["persistence"] * (out[t - 1] - mean[t - 1]) + shock
    return out


def _areas(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Deviations (cell) of single sectors and years; some areas are sums of targets."""
    whole = (panel["area_part"].values * truth["target_growth"]).sum(0)
    own = rng.standard_normal((panel.sizes["area"], whole.size)) * truth["area_scale"]
    growth = np.where((panel["summed"].values == 1)[:, None], whole, own)
    area, sector = (panel[name].values for name in ("cell_area", "cell_sector"))
    scale = np.sqrt(
        _scale(truth, sector, panel["cell_size"].values) ** 2 + panel["cell_rounding"].values
    )
    mean = growth[area, sector] + truth["elasticity"][sector] * panel["cell_driver"].values
    return mean + scale * rng.standard_t(TAIL, mean.size)


def _residence(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Growth (row) of residents by one industry or all."""
    mean = _summed(truth, panel, "residence")
    scale = np.hypot(panel["residence_se"].values, truth["home_noise"])
    return mean + scale * rng.standard_normal(mean.size)


def _workplace(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Growth (place) of all jobs of a target in a year."""
    mean = _summed(truth, panel, "workplace")
    target = panel["workplace_target"].values
    share = panel["share"].values[target]
    jobs = share * panel["workplace_total"].values[target, None]
    cell = share * _scale(truth, np.arange(share.shape[1]), jobs)
    scale = np.sqrt(truth["common_scale"] ** 2 + (cell**2).sum(1))
    return mean + scale * rng.standard_normal(mean.size)


def _summed(truth: Truth, panel: xr.Dataset, kind: str) -> np.ndarray:
    target = panel[f"{kind}_target"].values
    share = panel["share"].values[target]
    weight = panel["residence_weight"].values if kind == "residence" else share
    growth = truth["target_growth"][target]
    growth = growth + truth["elasticity"] * panel[f"{kind}_driver"].values
    return (weight * growth).sum(1) + panel[f"{kind}_offset"].values


def _scale(truth: Truth, sector: np.ndarray, persons: np.ndarray) -> np.ndarray:
    return np.sqrt(truth["deviation_scale"][sector] ** 2 + truth["size_noise"] ** 2 / persons)


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up growth of the last year, which a forecast begins from."""
    return panel.assign(last_growth=("sector", data["national_growth"][-1]))

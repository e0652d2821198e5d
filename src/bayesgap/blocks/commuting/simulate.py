"""Commuting: means, and paths of their own and in common that fade (K1-K2)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, stationary, truth_of
from bayesgap.study.priors import BlockPriors

PAIRS: tuple[str, ...] = ("persistence", "innovation", "common", "size")  # one a direction


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth, and log-odds or logs (region, stock_year) of both directions."""
    truth = truth_of(priors, rng, dict.fromkeys(PAIRS, 2))
    regions, years = panel.sizes["region"], panel.sizes["stock_year"]
    data = {}
    for d, name in enumerate(("out", "in")):
        rho = truth["persistence"][d]
        effect = rng.normal(truth[f"{name}_mean"], truth[f"{name}_region"], (regions, 1))
        own = truth["innovation"][d] * np.exp(-truth["size"][d] * panel["size"].values)
        together = stationary(rho, truth["common"][d], years, rng)
        data[f"{name}_observed"] = effect + together + stationary(rho, own, years, rng, (regions,))
    return Simulated(truth, data)


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up paths, which a forecast begins from."""
    dims = ("region", "stock_year")
    return panel.assign(out_logit=(dims, data["out_observed"]), in_log=(dims, data["in_observed"]))

"""Commuting: means, paths of their own and in common that fade, printed contrasts (K1-K6)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, Truth, stationary, truth_of
from bayesgap.study.priors import BlockPriors

PAIRS: tuple[str, ...] = ("persistence", "innovation", "common", "size")  # one a direction


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth, and log-odds or logs (region, stock_year) of both directions."""
    levels, figures = panel.sizes["level"], panel["printed_group"].values
    sizes = dict.fromkeys(PAIRS, 2) | {
        "contrast": (2, levels),
        "contrast_away": (2, panel.sizes["target"], levels),
        "printed_level": int(figures.max(initial=-1)) + 1,
        "printed_error": figures.size,
    }
    truth = truth_of(priors, rng, sizes)
    regions, years = panel.sizes["region"], panel.sizes["stock_year"]
    data = {}
    for d, name in enumerate(("out", "in")):
        rho = truth["persistence"][d]
        effect = rng.normal(truth[f"{name}_mean"], truth[f"{name}_region"], (regions, 1))
        own = truth["innovation"][d] * np.exp(-truth["size"][d] * panel["size"].values)
        together = stationary(rho, truth["common"][d], years, rng)
        data[f"{name}_observed"] = effect + together + stationary(rho, own, years, rng, (regions,))
    return Simulated(truth, data | {"printed": _printed(truth, panel, rng)})


def _printed(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """What a report would print of levels (figure), rounded and with an error of its own."""
    out = []
    for f, sd in enumerate(panel["printed_sd"].values):
        place = (panel[f"printed_{name}"].values[f] for name in ("group", "direction", "target"))
        group, way, target = map(int, place)
        level = int(panel["printed_level"].values[f])
        own = truth["contrast"][way][level] + truth["contrast_away"][way][target][level]
        off = truth["printed_error"][f] + rng.normal(0.0, sd)
        out.append(truth["printed_level"][group] + own + off)
    return np.array(out)


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up paths, which a forecast begins from."""
    dims = ("region", "stock_year")
    return panel.assign(out_logit=(dims, data["out_observed"]), in_log=(dims, data["in_observed"]))

"""Made-up figures of fields within levels (F1-F5), with NumPy alone: group by group."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from bayesgap.blocks.education.fields_panel import FIELD_LEVELS, GROUP_LEVEL

ENTERING_SD = 0.25
FIGURES = ("employed", "recent", "entering", "immigrant", "slope", "own")
Made = dict[str, np.ndarray]


def simulate(truth: Mapping[str, Any], panel: xr.Dataset, rng: np.random.Generator) -> Made:
    """Figures by their names in the model, where the panel has one."""
    names = [f"field_{name}" for name in FIGURES]
    told = [name for name in names if np.isfinite(panel[name].values).any()]
    if not told:
        return {}
    stock = parts(truth["field_share"])
    recent = parts(truth["field_share"] + truth["field_entry"])
    ratios = np.exp(truth["field_immigrant"])
    member = panel["field_member"].values
    residents = truth["field_share"] - panel["field_active"].values
    own = [parts(residents + truth["field_region"] * z) for z in truth["field_deviation"]]
    cells = [(row * stock * ratios).sum() / (row * stock).sum() for row in member]
    mean = {
        "field_employed": np.log(stock),
        "field_recent": np.log(recent),
        "field_entering": np.log(truth["field_entry_rate"]),
        "field_immigrant": np.log(cells),
        "field_slope": np.zeros(panel.sizes["field_contrast"]),
        "field_own": np.log(own),
    }
    error = {name: panel[f"{name}_sd"].values for name in mean if f"{name}_sd" in panel}
    error["field_entering"] = ENTERING_SD
    error["field_slope"] = slope_errors(truth, panel, stock, recent)
    out = {}
    for name in told:
        drawn = mean[name] + error[name] * rng.standard_normal(mean[name].shape)
        out[f"{name}_seen"] = drawn[np.isfinite(panel[name].values)]
    return out


def parts(logs: np.ndarray) -> np.ndarray:
    """Shares of each level."""
    weight, level = np.exp(logs), np.array(GROUP_LEVEL)
    return np.array([w / weight[level == own].sum() for w, own in zip(weight, level, strict=True)])


def slope_errors(
    truth: Mapping[str, Any], panel: xr.Dataset, stock: np.ndarray, recent: np.ndarray
) -> np.ndarray:
    """Standard deviation of each past yearly slope."""
    level, out = np.array(GROUP_LEVEL), []
    for number in range(panel.sizes["field_contrast"]):
        at = panel.isel(field_contrast=number)
        inside = level == FIELD_LEVELS[int(at["field_slope_level"])]
        apart = recent[inside] / stock[inside] - 1.0
        choice = float(at["field_slope_rate"]) ** 2 * (np.mean(apart**2) + truth["field_lean"] ** 2)
        drift = truth["field_drift"] ** 2 / float(at["field_slope_years"])
        out.append(np.sqrt(choice + drift + float(at["field_slope_sd"]) ** 2))
    return np.array(out)

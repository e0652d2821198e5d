"""Participation: a nation with a break in its register, and regions about it (L2-L4)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import NONE, Simulated, Swings, stationary, swing, truth_of
from bayesgap.study.priors import BlockPriors

TAIL = 4


def simulate(
    priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator, swings: Swings = NONE
) -> Simulated:
    """Truth, national shifts (nation_year) and regional excess (region, stock_year)."""
    levels, ages = panel.sizes["level"], 5
    sizes = {"profile_error": levels, "unemployment_error": levels, "profile_bend": (ages, levels)}
    truth = truth_of(priors, rng, sizes)
    before = panel["before_break"].values
    later = panel["nation_year"].values[1:]
    known = np.isin(later, panel["cycle_year"].values)
    rho, sigma, part = (
        truth[n] for n in ("national_persistence", "national_innovation", "cycle_part")
    )
    level = truth["national_mean"] - truth["break_step"] * before
    # The law is given the first year: it is as observed, whatever the truth.
    away, cycle = [panel["national_shift"].values[0] - level[0]], []
    for year, seen in zip(later, known, strict=True):
        jobs = swing(swings, int(year), rng) if seen else 0.0
        own = np.sqrt(1 - seen * part**2) * rng.standard_t(TAIL)
        away.append(rho * away[-1] + sigma * (part * jobs + own))
        cycle.append(jobs)
    nation = level + np.array(away)
    regions, years = panel.sizes["region"], panel.sizes["stock_year"]
    own = truth["region_innovation"] * np.exp(-truth["region_size"] * panel["size"].values)
    excess = rng.normal(0.0, truth["region_scale"], (regions, 1))
    excess = excess + stationary(truth["region_persistence"], own, years, rng, (regions,))
    data = {
        "national_shift": nation,
        "excess": excess,
        "cycle": np.array(cycle),
        "cycle_known": known.astype(float),
    }
    return Simulated(truth, data)


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up data wherever a forecast begins from them."""
    nation = xr.DataArray(data["national_shift"], {"nation_year": panel["nation_year"]})
    shift = data["excess"] + nation.sel(nation_year=panel["stock_year"].values).values
    return panel.assign(national_shift=nation, shift=(("region", "stock_year"), shift))

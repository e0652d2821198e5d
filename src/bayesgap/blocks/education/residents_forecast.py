"""Published stocks of six levels, ages 16 and over, after the last one: E2-E8, misfit and all.

Completion and the immigrants' ages stay as they are at the last working age, as in the fit.
"""

import numpy as np
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.forecast import (
    Draws,
    Place,
    age_offset,
    completion,
    immigrant_odds,
    level_shares,
    region_walks,
)
from bayesgap.blocks.education.panel import last_stock
from bayesgap.blocks.education.stocks_forecast import stock_logits, with_misfit
from bayesgap.schema import LEVELS, WORKING_AGES

SOURCE = "resident"


def forecast_residents(
    posterior: xr.Dataset, panel: xr.Dataset, persons: xr.DataArray, rng: np.random.Generator
) -> xr.DataArray:
    """Drawn shares (sample, region, level, horizon) of all residents, horizon 0 left out.

    Parameters
    ----------
    posterior : of the sampled block
    panel : of `build_education_panel`; targets are the regions with six levels, which are known
        in the year of the last stock
    persons : residents (region, horizon, age) of ages 16 and over [person]; the first horizon is 0
    rng : source of the future innovations
    """
    p = Draws(posterior)
    horizons = [int(h) for h in persons["horizon"].values]
    ages, last = persons["age"].values, last_stock(panel)
    at = np.minimum(ages, WORKING_AGES[-1]) - WORKING_AGES[0]
    path = np.arange(last, last + max(horizons) + 1)
    odds = immigrant_odds(p, panel, path, rng)
    parts = [part[at] for part in completion(p, panel)]
    rows, known = list(panel["region"].values), list(panel["resident_region"].values)
    out = np.empty((p.size, panel.sizes["target"], len(LEVELS), len(horizons) - 1))
    for number, region in enumerate(panel["target"].values):
        split = p["resident_split"][:, known.index(region)]
        here = Place(rows.index(region), split, region_walks(p, panel, path, rng))
        tilted, logits = age_offset(p, panel, number)[at], []
        for horizon in horizons:
            share = law.expit(odds[:, number, horizon] + tilted)
            levels = level_shares(p, panel, here, last + horizon, share, parts, ages)
            weight = persons.sel(region=region, horizon=horizon).values[None]
            logits.append(stock_logits(levels, weight, 1.0))
        seen = panel["resident_logit"].sel(resident_region=region, resident_year=last).values
        ahead = with_misfit(p, SOURCE, np.stack(logits, axis=-1), seen, horizons, rng)
        out[:, number] = _levels(ahead[..., 1:])
    coords = {"region": panel["target"].values, "level": list(LEVELS), "horizon": horizons[1:]}
    return xr.DataArray(out, coords=coords, dims=("sample", *coords))


def _levels(logits: Floats) -> Floats:
    """Shares (sample, level, horizon) from logits (sample, logit, horizon)."""
    finished = law.expit(logits[:, 0])
    high = finished * law.expit(logits[:, 1])
    academic = high * law.expit(logits[:, 2])
    long = academic * law.expit(logits[:, 3])
    parts = [1.0 - finished, finished - high, high - academic, academic - long, long]
    return np.stack(parts, axis=1)

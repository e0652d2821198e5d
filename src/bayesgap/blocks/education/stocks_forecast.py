"""Published stocks of ages 30-66 in the years after the last one, drawn by the education block.

Shares of levels at single ages are the block's own forecast (E2-E6, E8); a stock is their sum, and
the misfit of the last stock goes on as its AR(1) says (E7). A forecast of education needs no
misfit: a forecast that is held against a register does.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.cells import SERIES, SOURCES
from bayesgap.blocks.education.forecast import (
    Draws,
    age_offset,
    completion,
    immigrant_odds,
    level_shares,
    region_walks,
    target_place,
)
from bayesgap.blocks.education.panel import (
    LOGITS,
    STOCK_GROUPS,
    STOCK_LEVELS,
    last_stock,
)
from bayesgap.inference.parts import ar1_step
from bayesgap.schema import WORKING_AGES

BACKGROUNDS = {"stock": 0.0, "immigrant": 1.0}  # series of each: part of immigrants in it


def forecast_stocks(
    posterior: xr.Dataset, panel: xr.Dataset, persons: xr.DataArray, rng: np.random.Generator
) -> xr.DataArray:
    """Drawn shares (sample, group, region, level, horizon) of stocks, horizon 0 left out.

    Parameters
    ----------
    posterior : of `stocks_fast.fit_stocks`, or of the sampled block
    panel : of `build_education_panel`; every region is a target
    persons : residents (region, horizon, age) of ages 30-66 [person]; the first horizon is 0
    rng : source of the future innovations
    """
    p = Draws(posterior)
    horizons = [int(h) for h in persons["horizon"].values]
    last = last_stock(panel)
    path = np.arange(last, last + max(horizons) + 1)
    odds, parts = immigrant_odds(p, panel, path, rng), completion(p, panel)
    out = np.empty(
        (p.size, len(STOCK_GROUPS), panel.sizes["target"], len(STOCK_LEVELS), len(horizons) - 1)
    )
    for number, region in enumerate(panel["target"].values):
        mix, logits = law.expit(odds[:, number, horizons]), []
        here = target_place(p, panel, number, region_walks(p, panel, path, rng))
        tilted = age_offset(p, panel, number)
        for horizon in horizons:
            shares = [
                level_shares(p, panel, here, last + horizon, part, parts)
                for part in BACKGROUNDS.values()
            ]
            immigrants = law.expit(odds[:, number, horizon] + tilted).T
            logits.append(
                _stock_logits(p, shares, immigrants, persons.sel(region=region, horizon=horizon))
            )
        seen, expected = _last(panel, region), np.stack(logits, axis=-1)
        ahead = [
            with_misfit(p, source, expected[:, place], seen[place], horizons, rng)
            for place, source in enumerate(BACKGROUNDS)
        ]
        out[:, :, number] = _levels(np.stack(ahead, axis=1), mix)[..., 1:]
    return xr.DataArray(
        out,
        coords={
            "group": list(STOCK_GROUPS),
            "region": panel["target"].values,
            "level": list(STOCK_LEVELS),
            "horizon": horizons[1:],
        },
        dims=("sample", "group", "region", "level", "horizon"),
    )


def _stock_logits(
    p: Draws, shares: Sequence[Floats], immigrants: Floats, persons: xr.DataArray
) -> Floats:
    """Two logits of the stock of each background (sample, background, choice)."""
    at = np.searchsorted(WORKING_AGES, persons["age"].values)
    logits = [
        stock_logits(levels[:, at], part[:, at] * persons.values, p["vocational_counted"])[:, :2]
        for levels, part in zip(shares, (1.0 - immigrants, immigrants), strict=True)
    ]
    return np.stack(logits, axis=1)


def stock_logits(levels: Floats, weight: Floats, told: Floats | float) -> Floats:
    """Four logits (sample, logit) of a stock from levels (sample, age, level) and weights of ages.

    `told` is the part of higher vocational that counts as tertiary.
    """
    total = (levels * weight[..., None]).sum(1) / weight.sum(1)[:, None]
    stages = law.Reached(
        1.0 - total[:, 0], total[:, 2:].sum(1), total[:, 2], total[:, 3:].sum(1), total[:, 4]
    )
    return np.stack(law.stock_logits(stages, told), axis=1)


def _last(panel: xr.Dataset, region: str) -> Floats:
    """Observed logits (background, choice) of the last stock, NaN where it was not told."""
    rows = []
    for source in BACKGROUNDS:
        years = panel[f"{source}_year"].values
        known = last_stock(panel) in years
        seen = panel[f"{source}_logit"].sel(region=region)
        rows.append(seen.sel({f"{source}_year": last_stock(panel)}) if known else [np.nan, np.nan])
    return np.array(rows, dtype=float)


def with_misfit(
    p: Draws,
    source: str,
    logits: Floats,
    last: Floats,
    horizons: Sequence[int],
    rng: np.random.Generator,
) -> Floats:
    """Logits (sample, logit, horizon) of published stocks of a source: E7 from the last one."""
    out = logits.copy()
    rho = p["persistence"][:, SOURCES.index(source), None]
    scale = p["misfit"][:, [SERIES.index(f"{source}:{k}") for k in LOGITS[: logits.shape[1]]]]
    unknown = scale * rng.standard_normal(scale.shape)
    off = np.where(np.isnan(last), unknown, last - logits[:, :, 0])
    for step, gap in enumerate(np.diff(horizons), start=1):
        kept = rho**gap
        fresh = scale * np.sqrt(1.0 - kept**2) * rng.standard_normal(scale.shape)
        off = ar1_step(off, kept, fresh)
        out[:, :, step] += off
    return out


def _levels(logits: Floats, immigrants: Floats) -> Floats:
    """Shares (sample, group, level, horizon) of all residents and of those without immigrants."""
    finished, tertiary = law.expit(logits[:, :, 0]), law.expit(logits[:, :, 1])
    high = finished * tertiary
    own = np.stack([1.0 - finished, finished - high, high], axis=2)
    part = immigrants[:, None]
    everybody = part * own[:, 1] + (1.0 - part) * own[:, 0]
    return np.stack([everybody, own[:, 0]], axis=1)

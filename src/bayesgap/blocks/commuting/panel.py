"""Panel of the commuting block: who works where, and assumed contrasts between levels.

Definitions
-----------
D1  out[r,t] = residents in work who work outside the region / residents in work (log-odds)
D2  in[r,t] = workers of the region who live outside / residents in work (log)
D3  level_weight[r,l]: rough level composition of residents in work, used only to split D1 and D2
D4  size[r]: log of residents in work over their geometric mean, last year

A pooling region without flows teaches nothing here and is left out.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import LEVELS
from bayesgap.study.study import Study

TERTIARY_SPLIT = (0.07, 0.62, 0.31)  # vocational, bachelor, master: SSB 09429, employed, rounded
EMPLOYED_ODDS = (0.65, 1.0, 1.15)  # employment of primary, upper secondary, tertiary: relative


def build_commuting_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Observed commuting of every region and assumed contrasts between levels.

    Returns
    -------
    Dataset with out_logit, in_log (region, stock_year), size (region), level_weight (region,
    level), out_contrast, in_contrast and their sd (level)
    """
    matrix = tables["commuting"].set_index(["home", "work", "year"])["employed"].to_xarray()
    known = set(matrix["home"].values) & set(matrix["work"].values)
    regions = [r for r in study.regions if r in study.targets or r in known]
    matrix = matrix.fillna(0.0)
    residents = matrix.sum("work").sel(home=regions).rename(home="region")
    workers = matrix.sum("home").sel(work=regions).rename(work="region")
    stay = xr.concat(
        [matrix.sel(home=r, work=r, drop=True) for r in regions], pd.Index(regions, name="region")
    )
    out = (residents - stay) / residents
    panel = xr.Dataset(
        {
            "out_logit": np.log(out / (1 - out)).rename(year="stock_year"),
            "in_log": np.log((workers - stay) / residents).rename(year="stock_year"),
            "size": log_size(residents.isel(year=-1)),
            "level_weight": level_weights(tables["education_residents_30_66"], regions),
        }
    ).assign_coords(target=list(study.targets))
    seeds = tables["commuting_levels"].set_index(["direction", "level"])
    for direction in ("out", "in"):
        rows = seeds.loc[direction].loc[list(LEVELS)]
        panel[f"{direction}_contrast"] = ("level", rows["value"].to_numpy(dtype=float))
        panel[f"{direction}_contrast_sd"] = ("level", rows["sd"].to_numpy(dtype=float))
    return panel


def log_size(persons: xr.DataArray) -> xr.DataArray:
    """Log of persons (region) over their geometric mean."""
    share = persons.drop_vars("year") / persons.mean()
    return share.copy(data=np.log(share.values) - np.log(share.values).mean())


def level_weights(frame: pd.DataFrame, regions: list[str]) -> xr.DataArray:
    """Shares of levels among residents in work (region, level), last stock of ages 30-66 (D3)."""
    last = frame[(frame["background"] == "all") & (frame["year"] == frame["year"].max())]
    wide = last.pivot_table(index="region", columns="level", values="persons").loc[regions]
    low, middle, high = EMPLOYED_ODDS
    tertiary = wide["tertiary"] * high
    parts = [(wide["primary"] + wide["none"]) * low, wide["upper_secondary"] * middle]
    parts += [tertiary * share for share in TERTIARY_SPLIT]
    counts = np.stack([part.to_numpy(dtype=float) for part in parts], axis=-1)
    return xr.DataArray(
        counts / counts.sum(-1, keepdims=True),
        dims=("region", "level"),
        coords={"region": regions, "level": list(LEVELS)},
    )

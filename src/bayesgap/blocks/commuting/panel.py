"""Panel of the commuting block: who works where, and what a report printed by level.

Definitions
-----------
D1  out[r,t] = residents in work who work outside the region / residents in work (log-odds)
D2  in[r,t] = workers of the region who live outside / residents in work (log)
D3  level_weight[r,l]: levels of residents in work, used only to split D1 and D2: residents of 30-66
    by level, last stock, times the nation's share in work of that level
D4  size[r]: log of residents in work over their geometric mean, last year
D5  figures: shares that a report printed of a level (log-odds out, logs in), with the error of
    rounding; a range of shares of several levels is a figure of each, anywhere within it

A pooling region without flows teaches nothing here and is left out. A study without a report has no
figures.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.levels import national_levels, regional_levels
from bayesgap.schema import LEVELS
from bayesgap.study.study import Study

PRINTED = r"^commute_(?P<direction>out|in)_share_"
DIRECTIONS = ("out", "in")
REGISTER = "education_fields_national"


def build_commuting_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Observed commuting of every region, and figures by level.

    Returns
    -------
    Dataset with out_logit, in_log (region, stock_year), size (region), level_weight (region,
    level), and figures as in `printed_figures`
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
            "level_weight": level_weights(tables, regions),
        }
    ).assign_coords(target=list(study.targets))
    return panel.merge(printed_figures(tables, study.targets))


def printed_figures(tables: Mapping[str, pd.DataFrame], targets: tuple[str, ...]) -> xr.Dataset:
    """Shares by level that a report printed (D5).

    Returns
    -------
    Dataset with printed, printed_sd and the places printed_target, printed_direction,
    printed_level, printed_group (figure); a group is the figures of one region and direction
    """
    frame = tables.get("report_figures", pd.DataFrame(columns=["id", "region", "group"]))
    of = frame["id"].astype(str).str.extract(PRINTED)["direction"]
    frame = frame.assign(direction=of)[of.notna() & frame["region"].isin(targets)]
    frame = frame.assign(level=[_levels(group) for group in frame["group"]]).explode("level")
    place = frame["region"].map(targets.index).to_numpy(dtype=int)
    way = frame["direction"].map(DIRECTIONS.index).to_numpy(dtype=int)
    value = frame.get("value", pd.Series(dtype=float)).to_numpy(dtype=float)
    rounding = frame.get("half_width", pd.Series(dtype=float)).to_numpy(dtype=float) / np.sqrt(3)
    rest = np.where(way == DIRECTIONS.index("out"), 1 - value, 1.0)
    columns = {
        "printed": np.log(value / rest),
        "printed_sd": rounding / (value * rest),
        "printed_target": place,
        "printed_direction": way,
        "printed_level": frame["level"].map(LEVELS.index).to_numpy(dtype=int),
        "printed_group": np.unique(len(DIRECTIONS) * place + way, return_inverse=True)[1],
    }
    return xr.Dataset({name: ("figure", values) for name, values in columns.items()})


def _levels(group: str) -> list[str]:
    """Levels that a figure's group names."""
    return group.replace("below_master", "+".join(LEVELS[:-1])).split("+")


def log_size(persons: xr.DataArray) -> xr.DataArray:
    """Log of persons (region) over their geometric mean."""
    share = persons.drop_vars("year") / persons.mean()
    return share.copy(data=np.log(share.values) - np.log(share.values).mean())


def level_weights(tables: Mapping[str, pd.DataFrame], regions: list[str]) -> xr.DataArray:
    """Shares of levels among residents in work (region, level), last stock of ages 30-66 (D3)."""
    rate = in_work(tables)
    living = regional_levels(
        tables["education_residents_30_66"], regions, national_levels(tables)[2:]
    )
    counts = living * rate
    return xr.DataArray(
        counts / counts.sum(-1, keepdims=True),
        dims=("region", "level"),
        coords={"region": regions, "level": list(LEVELS)},
    )


def in_work(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Share in work of the nation's residents of a level (level); alike where no table tells."""
    frame = tables.get(REGISTER)
    if frame is None or frame.empty:
        return np.ones(len(LEVELS))
    last = frame[frame["year"] == frame["year"].max()]
    level = last["education"].str.partition(":")[0]
    sums = last.groupby(level)[["persons", "employed"]].sum().reindex(list(LEVELS))
    return (sums["employed"] / sums["persons"]).to_numpy(dtype=float)

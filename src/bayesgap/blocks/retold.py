"""Panels of blocks with a made-up history in place of the one that was seen."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Swings


def retold(
    block: str, panel: xr.Dataset, data: Mapping[str, np.ndarray], swings: Swings
) -> xr.Dataset:
    """The panel with the made-up history wherever a forecast begins from it."""
    if "cycle_year" in panel.dims:
        cycle = [swings[int(year)] for year in panel["cycle_year"].values]
        panel = panel.assign(cycle=("cycle_year", cycle))
    match block:
        case "population":
            series = ("national_rate", "mortality_index", "national_log_child_ratio")
            new = {name: ("nation_year", data[name]) for name in series}
            score = (("component", "region", "transition"), data["score"])
            return panel.assign({**new, "score": score})
        case "education":
            start = panel["immigrant_share_logit"].transpose("share_year", "region")
            steps = np.cumsum(data["share_step_observed"], axis=0)
            path = np.concatenate([start.values[:1], start.values[:1] + steps])
            return panel.assign(immigrant_share_logit=(start.dims, path))
        case "participation":
            nation = xr.DataArray(data["national_shift"], {"nation_year": panel["nation_year"]})
            shift = data["excess"] + nation.sel(nation_year=panel["stock_year"].values).values
            return panel.assign(national_shift=nation, shift=(("region", "stock_year"), shift))
        case "commuting":
            dims = ("region", "stock_year")
            return panel.assign(
                out_logit=(dims, data["out_observed"]), in_log=(dims, data["in_observed"])
            )
        case "sectors":
            return panel.assign(last_growth=("sector", data["national_growth"][-1]))
    return panel

"""What a year of the nation's participation does that its own law (L3) does not explain."""

import xarray as xr

from bayesgap.inference.residuals import innovations


def residuals(p: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals (chain, draw, year) of the nation's participation."""
    level = panel["national_shift"] + p["break_step"] * panel["before_break"]
    path = (level - p["national_mean"]).rename(nation_year="year")
    found = innovations(path, p["national_persistence"])
    return {"participation": found}

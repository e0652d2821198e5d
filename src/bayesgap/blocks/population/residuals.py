"""What a year of the nation's migration does that its own law (P7) does not explain."""

import xarray as xr

from bayesgap.inference.residuals import innovations


def residuals(p: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals (chain, draw, year) of the nation's migration."""
    rate = panel["national_rate"].rename(nation_year="year")
    found = innovations(rate - p["national_mean"], p["national_persistence"])
    return {"migration": found}

"""What a year of commuting does that its own law (A2) does not explain, mean over regions."""

import xarray as xr

from bayesgap.inference.residuals import innovations


def residuals(p: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals (chain, draw, year) of both directions."""
    return {
        "commuting out": _direction(p, panel, "out", "out_logit"),
        "commuting in": _direction(p, panel, "in", "in_log"),
    }


def _direction(p: xr.Dataset, panel: xr.Dataset, direction: str, observed: str) -> xr.DataArray:
    level = panel[observed].mean("region").reset_coords(drop=True)
    path = (level - p[f"{direction}_mean"]).rename(stock_year="year")
    return innovations(path, p["persistence"].sel(direction=direction, drop=True))

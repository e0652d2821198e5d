"""What a year does to the nation's jobs that their own law (G1-G2) does not explain."""

import numpy as np
import xarray as xr


def residuals(p: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    """Yearly residuals (chain, draw, year) of the nation's jobs."""
    growth = panel["national_growth"] - p["growth"] - p["elasticity"] * panel["national_driver"]
    jobs = np.exp(panel["base_log"]).sum("target")
    found = (growth * jobs / jobs.sum()).sum("sector").rename(growth_year="year")
    return {"jobs": found}

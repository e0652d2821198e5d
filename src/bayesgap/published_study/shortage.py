"""Chapter 3.1: today's shortage as a distribution.

Equation
--------
T1  unfilled[r,s] = sum_e unfilled[r,e] filled[r,s,e] / filled[r,e]: within an education group jobs
    stand open in proportion to the filled ones, as the run's demand assumes
"""

import pandas as pd
import xarray as xr

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.labour_market import public_by_sector
from bayesgap.published_study.result import Result


def unfilled_by_sector(base: xr.Dataset) -> xr.DataArray:
    """Unfilled jobs (..., region, sector) of T1."""
    filled = base["filled"]
    weight = filled / filled.sum("sector").clip(min=1e-6)
    return xr.dot(weight, base["unfilled"], dim="education")


def shortage_today(material: ChapterInputs) -> Result:
    """Unfilled jobs by region: all, in the public sector, in health and care, and in both."""
    sectors = unfilled_by_sector(material.base)
    public = sectors * public_by_sector(material)
    care = {"sector": "86-88"}
    parts = {
        "all": sectors.sum("sector"),
        "public": public.sum("sector"),
        "health and care": sectors.sel(care, drop=True),
        "public health and care": public.sel(care, drop=True),
    }
    draws = xr.concat(list(parts.values()), pd.Index(list(parts), name="part"))
    note = (
        "Nav's survey of 2025 (the total), its survey of 2017 and the vacancies of June 2025 to "
        "January 2026 (the occupations) enter the likelihood of the imbalance block; the split "
        "over regions, and public employers' share of a sector, are assumed."
    )
    return Result(draws.rename("unfilled jobs"), "person", "run", note, ("shortage_nav_buskerud",))

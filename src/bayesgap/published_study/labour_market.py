"""Chapter 2.1 and 2.2: sectors of the region against the county, education against the country.

Equations
---------
L1  share[r,s] = jobs[r,s] / sum_s jobs[r,s] at the base year
L2  region[e] - nation[e] = structure[e] + other[e], exactly, in every draw:
    structure[e] = sum_s (w[r,s] - w[n,s]) m[n,s,e]    sectors' weights w, the nation's mix m
    other[e]     = sum_s w[r,s] (m[r,s,e] - m[n,s,e])  education within sectors
"""

import pandas as pd
import xarray as xr

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.result import Result
from bayesgap.schema import SECTORS

STRUCTURE, OTHER, TOTAL = "industry structure", "other causes", "difference"


def sector_shares(material: ChapterInputs) -> Result:
    """Figure 2-1: share of the employed in each sector, every region beside Buskerud (L1)."""
    jobs = material.outlook["employment"].sel(year=material.study.base_year, drop=True)
    share = (jobs / jobs.sum("sector")).rename("share of employed")
    note = "Sector by workplace is reconciled, not observed; the report counts limited companies."
    return Result(share, "share", "run", note)


def public_shares(material: ChapterInputs) -> Result:
    """Public employers' share of all employed, from assumed shares within sectors."""
    shares = sector_shares(material).draws
    public = (shares * public_by_sector(material)).sum("sector")
    note = (
        "Shares within sectors are assumed: SSB counts owners by region (13472), not by sector, "
        "and no open copy holds these regions; in Vestfold and Telemark 33 % had a public employer "
        "in 2021."
    )
    return Result(public.rename("public share of employed"), "share", "assumed", note)


def public_by_sector(material: ChapterInputs) -> xr.DataArray:
    """Assumed public share (chain, draw, sector) of each sector; the small ones share a draw."""
    priors = material.priors["public_share"]
    names = [sector if sector in priors else "other" for sector in SECTORS]
    drawn = {name: material.assumed("public_share", name) for name in dict.fromkeys(names)}
    index = pd.Index(list(SECTORS), name="sector")
    return xr.concat([drawn[name] for name in names], index).transpose(..., "sector")


def education_against_country(material: ChapterInputs) -> Result:
    """Figure 2-2: deviation of each education group from the nation's share, in two parts (L2)."""
    jobs = material.base["filled"]
    parts = shift_share(jobs, material.base["mix"], national_weights(material))
    note = (
        "Employed at workplaces; the report counts residents. The nation's mix is an estimate from "
        "the labour force survey, PIAAC and registers."
    )
    return Result((100 * parts).rename("deviation from Norway"), "pp", "run", note)


def national_weights(material: ChapterInputs) -> xr.DataArray:
    """Sectors' shares (sector) of the nation's employed in the last year up to the base year."""
    table = material.tables["employment_national"]
    table = table[(table["concept"] == "workplace") & table["sector"].isin(list(SECTORS))]
    last = table[table["year"] <= material.study.base_year]["year"].max()
    employed = table[table["year"] == last].set_index("sector")["employed"].loc[list(SECTORS)]
    weights = employed.to_numpy(dtype=float)
    return xr.DataArray(weights / weights.sum(), dims="sector", coords={"sector": list(SECTORS)})


def shift_share(jobs: xr.DataArray, mix: xr.DataArray, weights: xr.DataArray) -> xr.DataArray:
    """Deviation of education shares from the nation's, split by L2.

    Parameters
    ----------
    jobs : (..., region, sector, education) [person]
    mix : (..., sector, education), the nation's, sums to 1 over education
    weights : (sector), the nation's, sums to 1

    Returns
    -------
    (..., region, education, cause); the third cause is the sum of the first two
    """
    own = jobs.sum("education")
    weight = own / own.sum("sector")
    structure = xr.dot(weight - weights, mix, dim="sector")
    within = jobs / own.where(own > 0, 1.0)
    other = xr.dot(weight, within - mix, dim="sector")
    causes = [structure, other, structure + other]
    names = xr.DataArray([STRUCTURE, OTHER, TOTAL], dims="cause", name="cause")
    return xr.concat(causes, names).transpose(..., "cause")

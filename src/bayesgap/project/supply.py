"""Residents in the labour force and at work, by education, at home and at the workplace.

Equations
---------
S1  labour_force[l] = sum_a P[a] level_share[a,l] expit(participation[a,l] + shift + older)
S2  employed_residence = labour_force (1 - unemployment)
S3  employed_workplace = employed_residence (1 - out + in), out and in per resident in work
S4  by education: level times field share within level
S5  outside = sum_{a=20..65} P[a] (1 - labour force rate - study share), never below 0 at an age
"""

import numpy as np
import xarray as xr

from bayesgap import schema

OLDER = 62
OUTSIDE_AGES = slice(20, 65)


def residents(
    population: xr.DataArray,
    education: xr.Dataset,
    participation: xr.Dataset,
    commuting: xr.Dataset,
) -> xr.Dataset:
    """Labour force, employed and unemployed of one chunk of draws.

    Parameters
    ----------
    population : (chain, draw, region, year, age) [person], those of 1 January after each year
    education : level_share (..., region, year, age, level), field_share (..., region, year,
        education)
    participation : participation_logit (..., age, level), participation_shift (..., region, year),
        older_shift (..., year), unemployment_rate (..., level), study_share (..., age)
    commuting : out_commuting_share, in_commuting_ratio (..., region, year, level)

    Returns
    -------
    Dataset of persons (chain, draw, region, year, education): labour_force, unemployed,
    employed_residence, employed_workplace, out_commuters, in_commuters; and outside
    (chain, draw, region, year)
    """
    people = population.sel(age=list(schema.WORKING_AGES)).astype(np.float32)
    at_level = people * education["level_share"]
    active = at_level * labour_force_rate(participation)
    force = active.sum("age")
    idle = force * participation["unemployment_rate"]
    at_work = force - idle
    field = education["field_share"]
    by_level = {
        "labour_force": force,
        "unemployed": idle,
        "employed_residence": at_work,
        "out_commuters": at_work * commuting["out_commuting_share"],
        "in_commuters": at_work * commuting["in_commuting_ratio"],
    }
    by_level["employed_workplace"] = at_work - by_level["out_commuters"] + by_level["in_commuters"]
    out = {name: by_education(people, field) for name, people in by_level.items()}
    return xr.Dataset(out).assign(outside=outside(people, active, participation["study_share"]))


def labour_force_rate(participation: xr.Dataset) -> xr.DataArray:
    """Share in the labour force (chain, draw, region, year, age, level): S1."""
    logit = participation["participation_logit"] + participation["participation_shift"]
    older = (participation["age"] >= OLDER).astype(np.float32)
    logit = (logit + older * participation["older_shift"]).astype(np.float32)
    return logit.copy(data=1.0 / (1.0 + np.exp(-logit.to_numpy())))


def by_education(by_level: xr.DataArray, field_share: xr.DataArray) -> xr.DataArray:
    """Split levels into education groups (S4); the level is a coordinate of the group."""
    level = xr.DataArray(list(schema.EDUCATION_LEVEL), dims="education")
    spread = by_level.sel(level=level).drop_vars("level")
    groups = spread.assign_coords(education=list(schema.EDUCATION)) * field_share.drop_vars(
        ["level", "field"], errors="ignore"
    )
    return groups.transpose(*schema.SAMPLE_DIMS, "region", "year", "education")


def outside(people: xr.DataArray, active: xr.DataArray, study_share: xr.DataArray) -> xr.DataArray:
    """Persons aged 20-65 neither in the labour force nor only in education (S5)."""
    rest = people - active.sum("level") - people * study_share
    return rest.sel(age=OUTSIDE_AGES).clip(min=0).sum("age")

"""Residents in the labour force and at work, by education, at home and at the workplace.

Equations
---------
S1  labour_force[l] = sum_a P[a] level_share[a,l] expit(participation[a,l] + shift + older)
S2  employed_residence = labour_force (1 - unemployment)
S3  employed_workplace = employed_residence (1 - out + in), out and in per resident in work
S4  by education: level times field share within level
S5  outside = sum_{a=20..65} P[a] (1 - labour force rate - study share), never below 0 at an age
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap import schema

OLDER = 62
OUTSIDE_AGES = slice(20, 65)


ORDER = (*schema.SAMPLE_DIMS, "region", "year", "age", "level")


def labour_force_rate(participation: xr.Dataset) -> xr.DataArray:
    """Share in the labour force (chain, draw, region, year, age, level): S1."""
    older = (participation["age"] >= OLDER).astype(np.float32) * participation["older_shift"]
    shift = (participation["participation_shift"] + older).transpose(*ORDER[:-1])
    logit = shift.astype(np.float32) + participation["participation_logit"]
    logit = logit.transpose(*ORDER).astype(np.float32, copy=False)
    return logit.copy(data=1.0 / (1.0 + np.exp(-logit.to_numpy())))


def flows_by_level(
    force: xr.DataArray,
    participation: xr.Dataset,
    commuting: xr.Dataset,
    arriving: xr.DataArray | None = None,
) -> dict[str, xr.DataArray]:
    """S2 and S3 by level; in-commuters follow those in work, unless `arriving` says how many."""
    idle = force * participation["unemployment_rate"]
    at_work = force - idle
    leaving = at_work * commuting["out_commuting_share"]
    into = at_work * commuting["in_commuting_ratio"] if arriving is None else arriving
    return {
        "labour_force": force,
        "unemployed": idle,
        "employed_residence": at_work,
        "out_commuters": leaving,
        "in_commuters": into,
        "employed_workplace": at_work - leaving + into,
    }


def by_groups(flows: Mapping[str, xr.DataArray], field_share: xr.DataArray) -> xr.Dataset:
    """Flows by education (chain, draw, region, year, education) [person]: S4."""
    return xr.Dataset({name: by_education(of, field_share) for name, of in flows.items()})


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

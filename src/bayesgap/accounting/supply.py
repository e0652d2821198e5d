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
from bayesgap.accounting.layout import Floats, in_order, samples_last, with_labels

OLDER = 62
OUTSIDE_AGES = slice(20, 65)


ORDER = (*schema.SAMPLE_DIMS, "region", "year", "age", "level")
BY_AGE = ("region", "year", "age")
BY_LEVEL = ("region", "year", "level")
CELLS = ("region", "year", "level", "age")


def labour_force_rate(participation: xr.Dataset) -> xr.DataArray:
    """Share in the labour force (chain, draw, region, year, age, level): S1."""
    older = (participation["age"] >= OLDER).astype(np.float32) * participation["older_shift"]
    moved = (participation["participation_shift"] + older).astype(np.float32)
    logit = samples_last(participation["participation_logit"], CELLS[2:])
    shift = samples_last(moved, BY_AGE)
    rate = np.empty((*shift.shape[:2], *logit.shape), np.float32)
    for place in np.ndindex(*shift.shape[:2]):
        _expit(np.add(shift[place], logit, out=rate[place]))
    return with_labels(rate, CELLS, participation).transpose(*ORDER)


def _expit(values: Floats) -> None:
    """Shares from log-odds, in place."""
    np.exp(np.negative(values, out=values), out=values)
    values += 1.0
    np.divide(1.0, values, out=values)


def labour_force(
    people: xr.DataArray, share: xr.DataArray, rate: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Persons in the labour force by level, and by age: S1 summed over ages, and over levels.

    Parameters
    ----------
    people : (chain, draw, region, year, age) [person]
    share, rate : (chain, draw, region, year, age, level) of the level, and in the labour force

    Returns
    -------
    (chain, draw, region, year, level) and (chain, draw, region, year, age) [person]
    """
    people, share, rate = xr.align(people, share, rate, join="inner", copy=False)
    persons = samples_last(people, BY_AGE)
    shares, rates = samples_last(share, CELLS), samples_last(rate, CELLS)
    kind = np.result_type(persons, shares, rates)
    by_level = np.empty((*shares.shape[:3], shares.shape[-1]), kind)
    by_age = np.empty(persons.shape, kind)
    for place in np.ndindex(*persons.shape[:2]):
        active = persons[place] * shares[place] * rates[place]
        active.sum(axis=1, out=by_level[place])
        active.sum(axis=0, out=by_age[place])
    force = in_order(with_labels(by_level, BY_LEVEL, share), BY_LEVEL)
    return force, with_labels(by_age, BY_AGE, people)


def over_ages(cells: xr.DataArray) -> xr.DataArray:
    """Sum (chain, draw, region, year, level) of (..., age, level), added age by age."""
    summed = samples_last(cells, CELLS).sum(axis=CELLS.index("age"))
    return in_order(with_labels(summed, BY_LEVEL, cells), BY_LEVEL)


def over_levels(cells: xr.DataArray) -> xr.DataArray:
    """Sum (chain, draw, region, year, age) of (..., age, level), added level by level."""
    summed = samples_last(cells, CELLS).sum(axis=CELLS.index("level"))
    return with_labels(summed, BY_AGE, cells)


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
    """Persons aged 20-65 neither in the labour force nor only in education (S5).

    Parameters
    ----------
    people, active : (chain, draw, region, year, age) [person], all and those in the labour force
    study_share : (chain, draw, age) of all people
    """
    rest = people - active - people * study_share
    idle = in_order(rest.sel(age=OUTSIDE_AGES), BY_AGE).clip(min=0)
    return idle.sum("age", skipna=False)

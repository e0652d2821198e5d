"""Panel of the skill-mix block: the national mix, how levels have moved, and regions' registers.

Definitions
-----------
D1  change[l,t] = yearly change of log(share of level l / share of bachelor) among residents aged
    16+, nation and regions with six levels, from 2017 (higher vocational is told apart from 2016);
    none where the tables end before that
D2  history[c,k,t] = yearly change of the logit of tertiary education, and of the log odds of
    primary against upper secondary, in a sum of sectors; history_inverse = 1 / persons + 1 /
    persons of the other side in each year of the survey [1 / 1000]
D3  register[r,s,e] = log share of a group in a sector of a region's workplaces, last year of its
    register, half a person where nobody is; variance = 1 / persons + register error
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.skill_mix.mix import members_of
from bayesgap.data.sector_sums import SECTOR_SUMS
from bayesgap.schema import EDUCATION, EDUCATION_LEVEL, LEVELS, SECTORS
from bayesgap.study.study import Study

FIRST = 2016
BASE = "bachelor"
MOVING = ("higher_vocational", "master")
CONTRASTS = ("tertiary", "primary")
BREAKS = (2014, 2021)  # levels of the labour force survey, and its questionnaire
HISTORY, REGISTER = "sector_levels_national", "employed_sector_education"
REGISTER_SD = 0.05  # registers disagree by so much about a group: level unknown, borders of fields


def build_skill_mix_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Dataset with mix_log, mix_sd (sector, education), mix_level, mix_level_sd (sector, level).

    Logs of shares in the sector and in it of levels, with errors within the level and of levels;
    and what D1-D3 define.
    """
    mix = tables["skill_mix"].set_index(["sector", "education"])
    value, spread, level_sd = (
        mix[name].unstack().loc[list(SECTORS), list(EDUCATION)].to_numpy(dtype=float)
        for name in ("value", "sd", "level_sd")
    )
    first = [EDUCATION_LEVEL.index(level) for level in LEVELS]  # all groups of a level say the same
    return xr.Dataset(
        {
            "mix_log": (("sector", "education"), np.log(value)),
            "mix_sd": (("sector", "education"), spread),
            "mix_level": (("sector", "level"), np.log(value @ members_of(EDUCATION, LEVELS))),
            "mix_level_sd": (("sector", "level"), level_sd[:, first]),
            "change": changes(tables["education_residents_16plus"]),
            **history(tables.get(HISTORY)),
            **registers(tables.get(REGISTER), study.targets),
        },
        coords={"sector": list(SECTORS), "education": list(EDUCATION), "level": list(LEVELS)},
    ).assign_coords(target=list(study.targets))


def changes(frame: pd.DataFrame) -> xr.DataArray:
    """D1 (place, change_year, moving)."""
    places = sorted(frame["region"].unique())
    frame = frame[frame["year"] >= FIRST]
    wide = frame.pivot_table(index=["region", "year"], columns="level", values="persons")
    wide = wide.reindex(columns=[*MOVING, BASE])
    logs = np.log(wide[list(MOVING)]).sub(np.log(wide[BASE]), axis=0)
    change = logs.groupby("region").diff().dropna().to_xarray().to_dataarray("moving")
    renamed = change.reindex(region=places).rename(region="place", year="change_year")
    return renamed.transpose("place", "change_year", "moving")


def history(frame: pd.DataFrame | None) -> dict[str, xr.DataArray]:
    """D2, and the years of change that a break falls in; empty where there is no survey."""
    dims, names = ("industry", "contrast"), list(SECTOR_SUMS)
    if frame is None or frame["year"].nunique() < 2:
        names, years = [], np.empty(0, dtype=int)
        logit = inverse = np.empty((0, len(CONTRASTS), 0))
    else:
        wide = frame.pivot_table(index=["industry", "year"], columns="level", values="employed")
        persons = (wide / 1000.0).to_xarray().sel(industry=names)
        years = persons["year"].values
        tertiary, middle, low = (
            persons[name].values for name in ("tertiary", "upper_secondary", "primary")
        )
        rest = middle + low
        logit = np.stack([np.log(tertiary / rest), np.log(low / middle)], 1)
        inverse = np.stack([1 / tertiary + 1 / rest, 1 / low + 1 / middle], 1)
    own = {"industry": names, "contrast": list(CONTRASTS)}
    later = {"history_year": years[1:]}
    fell = np.equal.outer(BREAKS, years[1:]).astype(float)
    return {
        "history": xr.DataArray(np.diff(logit), own | later, (*dims, "history_year")),
        "history_inverse": xr.DataArray(
            inverse, own | {"survey_year": years}, (*dims, "survey_year")
        ),
        "break_falls": xr.DataArray(
            fell, {"break": list(BREAKS)} | later, ("break", "history_year")
        ),
    }


def registers(frame: pd.DataFrame | None, targets: tuple[str, ...]) -> dict[str, xr.DataArray]:
    """D3 (register_region, sector, education); no variables where no region has a register."""
    if frame is None or frame.empty:
        return {}
    frame = frame[frame["region"].isin(targets)]
    frame = frame[frame["year"] == frame.groupby("region")["year"].transform("max")]
    frame = frame.assign(education=group_of(frame["level"], frame["field"]))
    counted = frame.groupby(["region", "sector", "education"])["employed"].sum()
    names = [name for name in targets if name in set(frame["region"])]
    every = pd.MultiIndex.from_product(
        [names, list(SECTORS), list(EDUCATION)], names=["register_region", "sector", "education"]
    )
    persons = counted.rename_axis(every.names).reindex(every).fillna(0.0).to_xarray()
    persons = persons.sel(register_region=names, sector=list(SECTORS), education=list(EDUCATION))
    persons = persons.clip(min=0.5).astype(float)
    known = persons.copy(data=np.log(persons / persons.sum("education")))
    return {"register": known, "register_variance": 1.0 / persons + REGISTER_SD**2}


def group_of(level: pd.Series, field: pd.Series) -> pd.Series:
    """Education group of a level and a field; levels without fields take any."""
    joined = level + ":" + field
    return joined.where(joined.isin(EDUCATION), level)

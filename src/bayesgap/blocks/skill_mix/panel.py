"""Panel of the skill-mix block: the reconciled national mix and how levels have moved.

Definition
----------
D1  change[l,t] = yearly change of log(share of level l / share of upper secondary) among residents
    aged 16+, nation and regions with six levels, from 2017 (higher vocational is told apart from
    2016); none where the tables end before that
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import EDUCATION, LEVELS, SECTORS
from bayesgap.study.study import Study

FIRST = 2016
MOVING = tuple(level for level in LEVELS if level != "upper_secondary")


def build_skill_mix_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Dataset with mix_log, mix_sd (sector, education) and change (place, change_year, moving)."""
    mix = tables["skill_mix"].set_index(["sector", "education"])
    value = mix["value"].unstack().loc[list(SECTORS), list(EDUCATION)].to_numpy(dtype=float)
    spread = mix["sd"].unstack().loc[list(SECTORS), list(EDUCATION)].to_numpy(dtype=float)
    frame = tables["education_residents_16plus"]
    places = sorted(frame["region"].unique())
    frame = frame[frame["year"] >= FIRST]
    wide = frame.pivot_table(index=["region", "year"], columns="level", values="persons")
    wide = wide.reindex(columns=list(LEVELS))
    logs = np.log(wide[list(MOVING)]).sub(np.log(wide["upper_secondary"]), axis=0)
    change = logs.groupby("region").diff().dropna().to_xarray().to_dataarray("moving")
    change = change.reindex(region=places)
    return xr.Dataset(
        {
            "mix_log": (("sector", "education"), np.log(value)),
            "mix_sd": (("sector", "education"), spread),
            "change": change.rename(region="place", year="change_year").transpose(
                "place", "change_year", "moving"
            ),
        },
        coords={"sector": list(SECTORS), "education": list(EDUCATION)},
    ).assign_coords(target=list(study.targets))

"""Panel of the imbalance block: unfilled jobs by survey, and by education through occupations.

Definition
----------
D1  count[e] = sum over occupations of the county's survey shortage times the assumed part that
    asks for education e, plus the nation's composition with the weight of `NATION_COUNT` jobs
D2  without a survey of the study's county, the nation's composition alone counts, and the total is
    the nation's times the targets' part of its employed
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import EDUCATION
from bayesgap.study.study import Study

ROUNDING = 25.0  # the survey's estimates come in steps of 25 and 50: effective count per job
NATION_COUNT = 40.0
NATION = "norge"  # as the survey calls it


def build_imbalance_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Dataset with log_unfilled, the county count (education) and region_share (target)."""
    survey = tables["nav_shortage_2017"]
    county = by_education(survey[survey["region"] != NATION], tables["occupation_education"])
    nation = by_education(survey[survey["region"] == NATION], tables["occupation_education"])
    status = tables["employment_status"]
    last = status[status["year"] == status["year"].max()]
    work = last[last["measure"] == "employed_by_workplace"].set_index("region")["persons"]
    share = work.loc[list(study.targets)].to_numpy(dtype=float)
    return xr.Dataset(
        {
            "log_unfilled": float(np.log(unfilled_jobs(tables, share.sum()))),
            "count": (
                "education",
                county / ROUNDING + NATION_COUNT * nation / nation.sum(),
            ),
            "region_share": ("target", share / share.sum()),
        },
        coords={"education": list(EDUCATION), "target": list(study.targets)},
    )


def unfilled_jobs(tables: Mapping[str, pd.DataFrame], employed: float) -> float:
    """Unfilled jobs of the targets' county: the survey's total, or the nation's share (D2)."""
    survey = tables["nav_shortage_2017"]
    if (survey["region"] != NATION).any() and "report_figures" in tables:
        figures = tables["report_figures"].set_index("id")["value"].astype(float)
        return float(figures["shortage_nav_buskerud"])
    nation = tables["employment_national"].query("concept == 'workplace'")
    everyone = nation[nation["year"] == survey["year"].max()]["employed"].sum()
    jobs = survey.loc[survey["region"] == NATION, "shortage_estimate"].sum()
    return float(jobs * employed / everyone)


def by_education(survey: pd.DataFrame, mapping: pd.DataFrame) -> np.ndarray:
    """Survey shortage of occupations by education (education); every occupation is mapped."""
    parts = mapping.assign(prefix=mapping["prefix"].astype(str))
    out = dict.fromkeys(EDUCATION, 0.0)
    for code, jobs in zip(
        survey["occupation_code"].astype(str), survey["shortage_estimate"], strict=True
    ):
        rows = parts[parts["prefix"] == code[:2]]
        rows = rows if len(rows) else parts[parts["prefix"] == code[:1]]
        for group, share in zip(rows["education"], rows["value"], strict=True):
            out[group] += float(jobs) * float(share)
    return np.array(list(out.values()))

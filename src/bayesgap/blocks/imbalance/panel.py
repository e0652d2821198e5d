"""Panel of the imbalance block: unfilled jobs by survey, vacancies by month, and occupations.

Definitions
-----------
D1  occupations are the heads of occupation codes that the table of education tells apart; a code of
    the survey belongs to its longest head
D2  survey[place, o] counts steps of the survey's printed estimates (25 in a county, 50 in the
    nation): an estimate that is printed so tells no more than a count of that many steps
D3  without a survey of the study's county, the nation's composition alone counts, and the total is
    the nation's times the targets' part of its employed
D4  vacancies[place, month, g] are advertised vacancies by Nav's occupation groups; a county's count
    only where the survey names it, and without the table there are no months
D5  Nav's groups hold the occupations that their names say (`NAV_GROUPS`): Nav's own list of codes
    was not found, so a job on the wrong side of a border is part of the discrepancy that U4
    estimates
D6  advertised_ratio: log of the nation's vacancies of a mean month over its surveyed shortage

Job seekers by occupation are not read: they are registered by the occupation they want, a tenth by
none, while the unemployed that the gap subtracts come by education from the labour force survey.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import EDUCATION
from bayesgap.study.study import Study

STEPS = {"county": 25.0, "nation": 50.0}
NATION = "norge"  # as the survey calls it
# Nav's group: heads of the occupation codes in it; the longest head decides
NAV_GROUPS = {
    "Ledere": ("1",),
    "Ingeniør- og ikt-fag": ("21", "25", "31", "35"),
    "Undervisning": ("23",),
    "Akademiske yrker": ("2", "24", "26", "34"),
    "Helse, pleie og omsorg": ("22", "32", "53", "532"),
    "Barne- og ungdomsarbeid": ("2342", "531"),
    "Meglere og konsulenter": ("3", "33"),
    "Kontorarbeid": ("4",),
    "Butikk- og salgsarbeid": ("52",),
    "Jordbruk, skogbruk og fiske": ("6",),
    "Bygg og anlegg": ("71", "741"),
    "Industriarbeid": ("7", "8", "72", "73", "74", "75", "81", "82"),
    "Reiseliv og transport": ("51", "511", "512", "513", "83"),
    "Serviceyrker og annet arbeid": ("5", "54", "9"),
}
UNSTATED = "Ingen yrkesbakgrunn eller uoppgitt"


def build_imbalance_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Dataset of the survey, vacancies, occupations' education and the targets' jobs (D1-D6)."""
    survey = tables["nav_shortage_2017"]
    mapping = tables["occupation_education"].assign(
        prefix=lambda table: table["prefix"].astype(str)
    )
    heads = sorted(mapping["prefix"].unique())
    nation = survey["region"] == NATION
    status = tables["employment_status"]
    last = status[status["year"] == status["year"].max()]
    work = last[last["measure"] == "employed_by_workplace"].set_index("region")["persons"]
    jobs = work.loc[list(study.targets)].to_numpy(dtype=float)
    parts = {
        "survey_county": ("occupation", steps(survey[~nation], heads, "county")),
        "survey_nation": ("occupation", steps(survey[nation], heads, "nation")),
        "log_unfilled": float(np.log(unfilled_jobs(tables, jobs.sum()))),
        "region_share": ("target", jobs / jobs.sum()),
        **of_occupations(mapping, heads),
        **vacancies(tables),
    }
    coords = {
        "occupation": heads,
        "group": list(NAV_GROUPS),
        "education": list(EDUCATION),
        "target": list(study.targets),
    }
    return xr.Dataset(parts, coords)


def head_of(code: str, heads: list[str]) -> str:
    """The longest of `heads` that an occupation's code begins with (D1)."""
    return max((head for head in heads if code.startswith(head)), key=len)


def steps(survey: pd.DataFrame, heads: list[str], place: str) -> np.ndarray:
    """Survey estimates (occupation) in steps of the printed figures (D2)."""
    head = [head_of(str(code), heads) for code in survey["occupation_code"]]
    jobs = survey["shortage_estimate"].astype(float).groupby(np.array(head)).sum()
    return np.round(jobs.reindex(heads, fill_value=0.0).to_numpy() / STEPS[place])


def of_occupations(mapping: pd.DataFrame, heads: list[str]) -> dict[str, tuple]:
    """Education of each occupation, the count that its spread is worth, its jobs and its group."""
    first = mapping.groupby("prefix")[["count", "persons"]].first().loc[heads]
    share = mapping.pivot_table(index="prefix", columns="education", values="value")
    share = share.reindex(index=heads, columns=list(EDUCATION)).fillna(0.0).to_numpy()
    every = [head for inside in NAV_GROUPS.values() for head in inside]
    group = [head_of(head, every) for head in heads]
    place = [next(k for k, inside in enumerate(NAV_GROUPS.values()) if g in inside) for g in group]
    jobs = first["persons"].to_numpy(dtype=float)
    return {
        "asked": (("occupation", "education"), share / share.sum(1, keepdims=True)),
        "asked_count": ("occupation", first["count"].to_numpy(dtype=float)),
        "log_jobs": ("occupation", np.log(jobs / jobs.sum())),
        "group_of": ("occupation", np.array(place)),
    }


def vacancies(tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple | float]:
    """Vacancies of the nation and the county by month and group, and their mean months (D4, D6)."""
    survey = tables["nav_shortage_2017"]
    table = tables.get("vacancies_by_occupation", pd.DataFrame({"region": []}))
    known = table[table["region"].isin(survey["region"].unique())]
    out: dict[str, tuple | float] = {}
    for place, rows in (
        ("nation", known[known["region"] == NATION]),
        ("county", known[known["region"] != NATION]),
    ):
        counts = monthly(rows)
        total = counts.sum(1)
        out[f"vacancies_{place}"] = ((f"month_{place}", "group"), counts)
        out[f"log_vacancies_{place}"] = float(np.log(total.mean())) if len(total) else np.nan
    jobs = survey.loc[survey["region"] == NATION, "shortage_estimate"].sum()
    out["advertised_ratio"] = out["log_vacancies_nation"] - float(np.log(jobs))  # type: ignore[operator]
    return out


def monthly(rows: pd.DataFrame) -> np.ndarray:
    """Vacancies (month, group); those without a stated occupation are left out."""
    if rows.empty:
        return np.zeros((0, len(NAV_GROUPS)))
    wide = rows.pivot_table(
        index=["year", "month"], columns="occupation_group", values="vacancies", aggfunc="sum"
    )
    return wide.reindex(columns=list(NAV_GROUPS)).fillna(0.0).to_numpy(dtype=float)


def unfilled_jobs(tables: Mapping[str, pd.DataFrame], employed: float) -> float:
    """Unfilled jobs of the targets' county: the survey's total, or the nation's share (D3)."""
    survey = tables["nav_shortage_2017"]
    if (survey["region"] != NATION).any() and "report_figures" in tables:
        figures = tables["report_figures"].set_index("id")["value"].astype(float)
        return float(figures["shortage_nav_buskerud"])
    nation = tables["employment_national"].query("concept == 'workplace'")
    everyone = nation[nation["year"] == survey["year"].max()]["employed"].sum()
    jobs = survey.loc[survey["region"] == NATION, "shortage_estimate"].sum()
    return float(jobs * employed / everyone)

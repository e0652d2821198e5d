"""Write docs/data.md: what is observed, published and assumed about each education group.

Usage: python scripts/write_data_page.py
Nothing is typed: each cell is the `status` of the rows that speak of the group in the tables of a
question. Run it after a table has changed.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bayesgap.data.tables import read_tables
from bayesgap.present.labels import part_label
from bayesgap.present.markdown import table
from bayesgap.schema import EDUCATION, EDUCATION_FIELD, EDUCATION_LEVEL
from bayesgap.schema import LEVELS as EDUCATION_LEVELS
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

COMMUTING = "the study's shares by level"
PAGE = Path(__file__).parents[1] / "docs" / "data.md"
# side: question: tables that answer it, those that are there
QUESTIONS = {
    "Supply": {
        "residents": ("education_residents_30_66", "education_residents_16plus"),
        "fields, nation": ("education_fields_national",),
        "fields, region": ("education_fields",),
        "in the labour force": ("participation_national",),
        "unemployed": ("unemployment_national",),
        "commuting": (COMMUTING,),
    },
    "Demand": {
        "levels in sectors, nation": ("sector_levels_national", "sector_levels_piaac"),
        "fields in sectors, nation": ("sector_fields_piaac",),
        "mix of sectors, nation": ("skill_mix",),
        "mix of sectors, region": ("employed_sector_education",),
        "education of the jobs unfilled": ("occupation_education",),
    },
}
ASSUMED = {  # what stands in for an optional table
    "education_fields": "assumed: `priors.education.field_region`",
    "employed_sector_education": "assumed: the nation's mix, bent to the region's residents",
}
COARSE = {  # fields as the survey of adults tells them
    "health_care": "health_welfare",
    "construction": "building_trades",
    "electrical_mechanical": "electrical_trades",
    "social_humanities": "humanities_languages_arts",
    "business_admin": "social_business_law",
    "science_engineering": "engineering_manufacturing_construction",
    "ict": "science_maths_computing",
    "other": "services",
}
WIDER = {"higher_vocational": "tertiary", "bachelor": "tertiary", "master": "tertiary"}
HEAD = """# What is known about each education group

*Observed* is official statistics, *published* a figure of the published study or an official
projection, *assumed* what nobody published, with a spread that says how little is known. In
brackets stands what a figure is about where it is not the group itself: its level, a coarser field,
or all of tertiary education. No open figure holds fields of education for the four regions, neither
of residents nor of jobs: a study that brings them reads them. What is fitted to several figures,
such as the mix of sectors, counts as assumed; each of its rows says what it rests on. Written by
`scripts/write_data_page.py` from the tables' own `status`.
"""


def about(frame: pd.DataFrame, group: str) -> tuple[pd.DataFrame, str]:
    """Rows that speak of a group, and what they are about if it is more than the group."""
    place = EDUCATION.index(group)
    level, field = EDUCATION_LEVEL[place], EDUCATION_FIELD[place]
    if "education" in frame:
        return frame[frame["education"] == group], ""
    if "level" in frame and "field" in frame:
        own = frame[frame["level"] == level]
        exact = own[own["field"] == field]
        wider = own[own["field"] == COARSE.get(field)]
        return (exact, "") if len(exact) else (wider, "coarser field")
    if "level" in frame:
        whole = "" if level == group else "level"
        own = frame[frame["level"] == level]
        if own.empty and level in WIDER:
            return frame[frame["level"] == WIDER[level]], WIDER[level]
        return own, whole
    return frame[frame["field"] == field], "field"


def standing(tables: Mapping[str, pd.DataFrame], names: tuple[str, ...], group: str) -> str:
    """Statuses of the rows about a group in some tables; a dash where there are none."""
    said = []
    for name in names:
        rows, wider = about(tables[name], group) if name in tables else (pd.DataFrame(), "")
        if len(rows):
            status = " and ".join(sorted(rows["status"].unique()))
            said.append(f"{status} ({wider})" if wider else status)
        elif name in ASSUMED and name not in tables:
            said.append("assumed" if ":" in group or name != "education_fields" else "-")
    return "; ".join(dict.fromkeys(said)) or "-"


def page(tables: Mapping[str, pd.DataFrame]) -> str:
    """The page's text."""
    lines = [HEAD]
    for side, questions in QUESTIONS.items():
        known = {
            q: tuple(n for n in names if n in tables or n in ASSUMED)
            for q, names in questions.items()
        }
        heads = " | ".join(["group", *known])
        rows = [
            [part_label(group), *(standing(tables, names, group) for names in known.values())]
            for group in EDUCATION
        ]
        lines += [f"## {side}", "", *table(heads, rows), ""]
        for question, names in known.items():
            of = ", ".join(told(tables, name) for name in names)
            lines.append(f"- {question}: {of}")
        lines.append("")
    return "\n".join(lines)


def told(tables: Mapping[str, pd.DataFrame], name: str) -> str:
    """A table with its source, or what stands in for it."""
    if name in tables:
        return f"`{name}` ({_source(tables[name])})"
    return f"none; `{name}` where a study has it ({ASSUMED[name]})"


def commuting(figures: pd.DataFrame) -> pd.DataFrame:
    """The study's shares of commuters by level, a row each level that a figure speaks of."""
    rows = figures[figures["id"].str.startswith("commute_") & figures["id"].str.contains("share")]
    groups = rows["group"].replace({"below_master": "+".join(EDUCATION_LEVELS[:-1])})
    each = rows.assign(level=groups.str.split("+")).explode("level")
    return each[each["level"].isin(EDUCATION_LEVELS)]


def _source(frame: pd.DataFrame) -> str:
    """The commonest source of a table's rows, to the first comma or bracket."""
    source = str(frame["source"].mode().iloc[0])
    return source.split(";")[0].split(" (")[0].split(",")[0]


if __name__ == "__main__":
    study = load_study(default_study())
    read = read_tables(resolve_data(default_study(), study))
    PAGE.write_text(page(read | {COMMUTING: commuting(read["report_figures"])}), encoding="utf-8")

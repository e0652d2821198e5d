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
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

PAGE = Path(__file__).parents[1] / "docs" / "data.md"
# side: question: tables that answer it, those that are there
QUESTIONS = {
    "Supply": {
        "residents": ("education_residents_30_66", "education_residents_16plus"),
        "fields": ("education_fields_national", "education_field_shares"),
        "in the labour force": ("participation_national", "participation_profile"),
        "unemployed": ("unemployment_national", "unemployment"),
        "commuting": ("commuting_levels",),
    },
    "Demand": {
        "mix of sectors": ("sector_education_national", "skill_mix"),
        "levels in sectors": ("sector_levels_national", "skill_mix_levels"),
        "fields in sectors": ("sector_fields_national", "skill_mix_fields"),
        "who holds the jobs that stand unfilled": ("occupation_education",),
    },
}
WIDER = {"higher_vocational": "tertiary", "bachelor": "tertiary", "master": "tertiary"}
HEAD = """# What is known about each education group

*Observed* is official statistics, *published* a figure of the published study or an official
projection, *assumed* what nobody published, with a spread that says how little is known. In
brackets stands what a figure is about where it is not the group itself: its level, its field, or
all of tertiary education. Figures are the nation's where `data/README.md` says so; no
open figure holds fields of education for the four regions, neither of residents nor of jobs.
Written by `scripts/write_data_page.py` from the tables' own `status`.
"""


def about(frame: pd.DataFrame, group: str) -> tuple[pd.DataFrame, str]:
    """Rows that speak of a group, and what they are about if it is more than the group."""
    place = EDUCATION.index(group)
    level, field = EDUCATION_LEVEL[place], EDUCATION_FIELD[place]
    if "education" in frame:
        return frame[frame["education"] == group], ""
    if "level" in frame and "field" in frame:
        return frame[(frame["level"] == level) & (frame["field"] == field)], ""
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
    return "; ".join(dict.fromkeys(said)) or "-"


def page(tables: Mapping[str, pd.DataFrame]) -> str:
    """The page's text."""
    lines = [HEAD]
    for side, questions in QUESTIONS.items():
        known = {q: [n for n in names if n in tables] for q, names in questions.items()}
        known = {q: tuple(names) for q, names in known.items() if names}
        heads = " | ".join(["group", *known])
        rows = [
            [part_label(group), *(standing(tables, names, group) for names in known.values())]
            for group in EDUCATION
        ]
        lines += [f"## {side}", "", *table(heads, rows), ""]
        for question, names in known.items():
            of = ", ".join(f"`{name}` ({_source(tables[name])})" for name in names)
            lines.append(f"- {question}: {of}")
        lines.append("")
    return "\n".join(lines)


def _source(frame: pd.DataFrame) -> str:
    """The commonest source of a table's rows, to the first comma or bracket."""
    source = str(frame["source"].mode().iloc[0])
    return source.split(";")[0].split(" (")[0].split(",")[0]


if __name__ == "__main__":
    study = load_study(default_study())
    PAGE.write_text(page(read_tables(resolve_data(default_study(), study))), encoding="utf-8")

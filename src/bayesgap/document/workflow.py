"""From a run folder to its report: what is read, and the form that is written."""

from pathlib import Path
from typing import Any, Literal

import pandas as pd

from bayesgap.data.manifest import NAME, companion, read_manifest
from bayesgap.data.tables import read_tables
from bayesgap.document.content import build_document
from bayesgap.document.docx import docx_report
from bayesgap.document.evidence import read_evidence
from bayesgap.document.facts import Facts
from bayesgap.document.html import html_report, pdf_report
from bayesgap.errors import BayesgapError
from bayesgap.present.odds import Language
from bayesgap.published_study.answers import INDEX, Answers, read_answers
from bayesgap.runs.run import CHAPTERS, SENSITIVITY, Run, read_soundly
from bayesgap.runs.store import write_whole
from bayesgap.runs.tables import same_tables
from bayesgap.study.bundle import evidence_folder

Form = Literal["html", "pdf", "docx"]


def write_report(run: Run, language: Language, form: Form, path: Path) -> list[str]:
    """Write the report of a run to `path`, whole or not at all.

    Returns
    -------
    Commands that would fill chapters which now say that they are empty
    """
    facts = read_facts(run)
    document = build_document(facts, language)
    path.parent.mkdir(parents=True, exist_ok=True)

    def write(partial: Path) -> None:
        if form == "docx":
            docx_report(document, partial)
        elif form == "pdf":
            pdf_report(document, partial)
        else:
            partial.write_text(html_report(document), encoding="utf-8")

    write_whole(path, write)
    return lacking(facts)


def read_facts(run: Run) -> Facts:
    """A run as the report reads it; scenarios one at a time, since they are large."""
    found = run.json("health.json")
    changes, titles = {}, {}
    for name in run.scenario_names:
        effect = run.effect(name)
        changes[name] = effect["gap"].sel(year=[run.study.horizon]).sum("education")
        titles[name] = str(effect.attrs.get("title", name))
    return Facts(
        run.id,
        run.study,
        run.health,
        run.rows,
        run.outlook.load(),
        changes,
        titles,
        found.get("contraction", ()),
        found.get("residual_correlation", ()),
        answers=_answers(run),
        uncertainty=_table(run, "uncertainty.csv", "uncertainty"),
        moves=_table(run, "moves.csv", "sensitivity"),
        evidence=read_evidence(evidence_folder(), run.study),
        **_published(run),
    )


def _answers(run: Run) -> Answers | None:
    folder = run.analysis(CHAPTERS, "chapters")
    if folder is None:
        return None
    with read_soundly(folder / INDEX):
        return read_answers(folder)


def _table(run: Run, name: str, command: str) -> pd.DataFrame | None:
    """A table of the run, if `command` has written it."""
    path = run.analysis(f"{SENSITIVITY}/{name}", command)
    if path is None:
        return None
    with read_soundly(path):
        return pd.read_csv(path)


def _published(run: Run) -> dict[str, Any]:
    """Published figures and sources, where the tables that the run read are still at hand."""
    folder = same_tables(run)
    if folder is None:
        return {}
    try:
        figures = read_tables(folder).get("report_figures")
        sources = read_manifest(folder).tables if companion(folder, NAME).exists() else None
    except BayesgapError:
        return {}
    return {"published": figures, "sources": sources}


def lacking(facts: Facts) -> list[str]:
    """Commands that would fill chapters which now say that they are empty."""
    parts = {
        "run --scenarios all": facts.changes or None,
        "chapters": facts.answers,
        "uncertainty": facts.uncertainty,
        "sensitivity": facts.moves,
    }
    return [f"bayesgap {name}" for name, part in parts.items() if part is None]

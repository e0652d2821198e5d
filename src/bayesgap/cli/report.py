"""Command that writes a run's report for people: report."""

import signal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayesgap.cli.common import Debug, RunArgument, app, place_of
from bayesgap.errors import BayesgapError
from bayesgap.runs.run import CHAPTERS, SENSITIVITY, open_run

if TYPE_CHECKING:
    import pandas as pd

    from bayesgap.document.facts import Facts
    from bayesgap.runs.run import Run


class Language(StrEnum):
    """Language of the report."""

    nb = "nb"
    en = "en"


class Format(StrEnum):
    """Form of the report."""

    html = "html"
    pdf = "pdf"
    docx = "docx"


@app.command()
def report(
    run: RunArgument = None,
    lang: Annotated[Language, typer.Option(help="Norwegian bokmål or English.")] = Language.nb,
    format: Annotated[Format, typer.Option(help="One HTML file, tagged PDF, or Word.")] = (
        Format.html
    ),
    out: Annotated[
        Path | None, typer.Option(help="File to write; `report_LANG.FORMAT` in the run if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the report: the answer in words with odds, then every table with its intervals."""
    folder = open_run(run)

    from bayesgap.document.content import build_document
    from bayesgap.document.docx import docx_report
    from bayesgap.document.html import html_report, pdf_report
    from bayesgap.runs.store import write_whole

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves no half-written report
    facts = _facts(folder)
    document = build_document(facts, lang.value)
    path = place_of(folder, out, f"report_{lang}.{format}")
    path.parent.mkdir(parents=True, exist_ok=True)

    def write(partial: Path) -> None:
        if format is Format.docx:
            docx_report(document, partial)
        elif format is Format.pdf:
            pdf_report(document, partial)
        else:
            partial.write_text(html_report(document), encoding="utf-8")

    write_whole(path, write)
    typer.echo(f"Health: {document.verdict}.")
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    if lacking := _lacking(facts):
        typer.echo(f"Not in it, since the run does not hold them: {', '.join(lacking)}.")


def _facts(folder: "Run") -> "Facts":
    """A run as the report reads it; scenarios one at a time, since they are large."""
    from bayesgap.document.evidence import read_evidence
    from bayesgap.document.facts import Facts
    from bayesgap.published_study.answers import read_answers
    from bayesgap.study.bundle import evidence_folder

    study, told = folder.study, folder.json("health.json")
    changes, titles = {}, {}
    for name in folder.scenario_names:
        effect = folder.effect(name)
        changes[name] = effect["gap"].sel(year=[study.horizon]).sum("education")
        titles[name] = str(effect.attrs.get("title", name))
    return Facts(
        folder.id,
        study,
        folder.health,
        folder.rows,
        folder.outlook.load(),
        changes,
        titles,
        told.get("contraction", ()),
        told.get("residual_correlation", ()),
        answers=read_answers(folder.path / CHAPTERS),
        uncertainty=_rows(folder.path / SENSITIVITY / "uncertainty.csv"),
        moves=_rows(folder.path / SENSITIVITY / "moves.csv"),
        evidence=read_evidence(evidence_folder(), study),
        **_tables(folder),
    )


def _rows(path: Path) -> "pd.DataFrame | None":
    """A table of the run, if a command has written it."""
    import pandas as pd

    return pd.read_csv(path) if path.is_file() else None


def _lacking(facts: "Facts") -> list[str]:
    """Commands that would fill chapters which now say that they are empty."""
    parts = {
        "run --scenarios all": facts.changes or None,
        "chapters": facts.answers,
        "uncertainty": facts.uncertainty,
        "sensitivity": facts.moves,
    }
    return [f"bayesgap {name}" for name, part in parts.items() if part is None]


def _tables(folder: "Run") -> dict[str, Any]:
    """Published figures and sources, where the tables that the run read are still at hand."""
    from bayesgap.data.manifest import NAME, companion, read_manifest
    from bayesgap.data.tables import read_tables, tables_hash
    from bayesgap.study.bundle import resolve_data

    try:
        data = resolve_data(folder.path / "study.toml", folder.study)
        if tables_hash(data) != folder.provenance["data_hash"]:
            return {}
        tables = read_tables(data)
        sources = read_manifest(data).tables if companion(data, NAME).exists() else None
    except BayesgapError:
        return {}
    return {"published": tables.get("report_figures"), "sources": sources}

"""Command that writes a run's report for people: report."""

import signal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import FORMS, Debug, RunArgument, app, place_of
from bayesgap.errors import RunError
from bayesgap.runs.run import open_run


class Language(StrEnum):
    """Language of the report."""

    nb = "nb"
    en = "en"


class Format(StrEnum):
    """Form of the report."""

    html = "html"
    pdf = "pdf"
    docx = "docx"


@app.command(rich_help_panel=FORMS)
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
    """Write the report: the answer in words with odds, then every table with its intervals.

    Example: bayesgap report --lang nb --format pdf
    """
    folder = open_run(run)
    path = place_of(folder, out, f"report_{lang}.{format}")
    if path.is_dir():
        raise RunError(f"--out must name a file; {path} is a folder.")

    from bayesgap.document.workflow import write_report

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves no half-written report
    lacking = write_report(folder, lang.value, format.value, path)
    typer.echo(f"Health: {folder.health.verdict}.")
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    if lacking:
        typer.echo(f"Not in it, since the run does not hold them: {', '.join(lacking)}.")

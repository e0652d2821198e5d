"""Command on the published study itself: report-mode."""

from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug, app, embedded


@app.command("report-mode")
def report_mode(
    out: Annotated[
        Path | None, typer.Option(help="Markdown file to write; standard output if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Reproduce the published study's arithmetic, and say where its figures disagree."""
    from bayesgap.data.tables import read_tables
    from bayesgap.report.report_mode import arithmetic_page, outcomes
    from bayesgap.spec.report_mode import load_report_mode, report_mode_file

    mode = load_report_mode(report_mode_file())
    figures = read_tables(embedded()[0])["report_figures"]
    page = arithmetic_page(outcomes(figures, mode), mode)
    if out is None:
        typer.echo(page, nl=False)
    else:
        out.write_text(page, encoding="utf-8")

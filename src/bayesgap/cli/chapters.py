"""Command on the report's chapters: every analysis of the study, from a finished run."""

from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import (
    FORMS,
    Debug,
    RunArgument,
    app,
    file_to_write,
    new_folder,
    place_of,
)
from bayesgap.runs.run import CHAPTERS, open_run


@app.command(rich_help_panel=FORMS)
def chapters(
    run: RunArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; `chapters` in the run if none.")
    ] = None,
    own: Annotated[
        Path | None, typer.Option(help="Folder of your own tables (data/README.md, optional).")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Region of the figures; the first if none.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write the page here too.", callback=file_to_write)
    ] = None,
    debug: Debug = False,
) -> None:
    """Answer every figure of the report: a table, a picture and a comparison of each.

    Example: bayesgap chapters
    """
    from bayesgap.study.study import focus_region

    folder = open_run(run)
    focus = focus_region(folder.study, region)

    from bayesgap.published_study.workflow import PAGE, answer_chapters
    from bayesgap.runs.store import write_folder

    where = new_folder(place_of(folder, out, CHAPTERS), PAGE, "bayesgap chapters")
    found = answer_chapters(folder, focus, own)
    write_folder(folder, str(where), found.fill)
    if page is not None:
        page.write_text(found.page, encoding="utf-8")
    typer.echo(f"Health: {found.verdict}.")
    typer.echo(f"{found.answered} of {len(found.rows)} published figures answered: {where / PAGE}")

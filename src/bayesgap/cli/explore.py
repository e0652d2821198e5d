"""Command that makes a page to explore a run: explore."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import FORMS, Debug, RunArgument, app, place_of
from bayesgap.runs.run import open_run

if TYPE_CHECKING:
    from bayesgap.runs.run import Run

PAGE = "explorer.html"


@app.command(rich_help_panel=FORMS)
def explore(
    run: RunArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; `explorer.html` in the run if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write one offline page to explore a run: every region, group, year and scenario.

    Example: bayesgap explore
    """
    folder = open_run(run)
    path = _place(folder, out)

    from bayesgap.explorer.workflow import write_explorer

    write_explorer(folder, path)
    typer.echo(f"Health: {folder.health.verdict}.")
    typer.echo(f"{path} ({path.stat().st_size / 1e6:.2f} MB): open it in a browser.")


def _place(run: "Run", out: Path | None) -> Path:
    """Path of the page; the folder must be there."""
    from bayesgap.errors import RunError

    path = place_of(run, out, PAGE)
    if path.is_dir() or not path.parent.is_dir():
        raise RunError(f"--out must name a file in a folder that exists; found {path}.")
    return path

"""Command that makes a page to explore a run: explore."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, health_of, place_of, run_folder

if TYPE_CHECKING:
    import xarray as xr

    from bayesgap.runs.store import Run

PAGE = "explorer.html"


@app.command()
def explore(
    run: RunArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; `explorer.html` in the run if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write one offline page to explore a run: every region, group, year and scenario."""
    folder = run_folder(run)
    path = _place(folder, out)

    from bayesgap.explorer.content import Facts, page_content
    from bayesgap.explorer.page import explorer_page
    from bayesgap.runs.store import (
        read_json,
        read_outlook,
        read_summary,
        run_study_spec,
        write_whole,
    )

    created = str(read_json(folder, "provenance.json")["provenance"]["created"])
    summary, study = read_summary(folder), run_study_spec(folder)
    health = health_of(folder)
    facts = Facts(folder.id, created, study, summary, health)
    names = [str(name) for name in summary["scenario"].unique() if name != "main"]
    content, pack = page_content(facts, read_outlook(folder), _effects(folder, names))
    page = explorer_page(content, pack)
    write_whole(path, lambda partial: partial.write_text(page, encoding="utf-8"))
    typer.echo(f"Health: {health.verdict}.")
    typer.echo(f"{path} ({path.stat().st_size / 1e6:.2f} MB): open it in a browser.")


def _effects(run: "Run", names: list[str]) -> Iterator[tuple[str, "xr.Dataset"]]:
    """Effects of scenarios, read one at a time."""
    from bayesgap.runs.scenarios import read_effect

    for name in names:
        yield name, read_effect(run, name)


def _place(run: "Run", out: Path | None) -> Path:
    """Path of the page; the folder must be there."""
    from bayesgap.errors import RunError

    path = place_of(run, out, PAGE)
    if path.is_dir() or not path.parent.is_dir():
        raise RunError(f"--out must name a file in a folder that exists; found {path}.")
    return path

"""Command on what other priors would do to the gap: sensitivity."""

import time
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap import schema
from bayesgap.cli.common import TRUST, Debug, RunArgument, app, file_to_write
from bayesgap.cli.uncertainty import years_of
from bayesgap.errors import StudyError
from bayesgap.runs.run import SENSITIVITY, open_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bayesgap.runs.run import Run
    from bayesgap.study.study import Study

WholePage = Annotated[
    Path | None,
    typer.Option(help="Write the whole page, with `uncertainty`, here.", callback=file_to_write),
]


@app.command(rich_help_panel=TRUST)
def sensitivity(
    run: RunArgument = None,
    priors: Annotated[
        str,
        typer.Option(help="`all`, or names with commas: block.prior, prior sets, .toml files."),
    ] = "all",
    region: Annotated[str | None, typer.Option(help="One region; their sum if none.")] = None,
    quantity: Annotated[
        str, typer.Option(help="`all`, a level or an education group, of the gap.")
    ] = "all",
    large: Annotated[
        bool, typer.Option("--large", help="Fit large blocks again too, where weights fail.")
    ] = False,
    processes: Annotated[
        int, typer.Option(min=1, show_default="all cores", help="Processes of this machine.")
    ] = cpu_count() or 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (extra `cluster`).")
    ] = None,
    page: WholePage = None,
    chunks: Annotated[
        int | None, typer.Option(min=1, help="Chunks of draws for `uncertainty` on the page.")
    ] = None,
    refits: Annotated[
        int, typer.Option(help="For the page: refits with assumed inputs told, and of each look.")
    ] = 0,
    only: Annotated[
        str | None,
        typer.Option(
            help="Make only these sections of a page anew: power, checks, or power,checks."
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Tell how other priors would move the gap; a stopped call goes on where it was.

    Example: bayesgap sensitivity --priors wide,sectors.elasticity
    """
    start = time.perf_counter()
    folder = open_run(run)
    study = folder.study
    where = region_of(study, region, quantity)
    require_words(study, priors.split(","), only)

    from bayesgap.present.health_text import verdict_line
    from bayesgap.present.markdown_text import as_columns
    from bayesgap.sensitivity.page import replace_section, write_page
    from bayesgap.sensitivity.sweep import sweep
    from bayesgap.sensitivity.workflow import Question, findings, sections

    question = Question(folder, where, large, processes, chunks, refits)
    rows = sweep(folder, priors.split(","), large, processes, scheduler)
    typer.echo(f"{verdict_line(folder.health)}\nRun {folder.id}.\n")
    if only is not None:
        for lines in sections(question, rows, only.split(",")):
            typer.echo(as_columns("\n".join(lines)) + "\n")
            if page is not None:
                replace_section(page, lines)
                typer.echo(f"Page: {page}")
        return
    _show(folder, rows, where, quantity)
    if page is not None:
        write_page(page, findings(question, rows, years_of(study, None), start))
        typer.echo(f"Page: {page}")


def _show(folder: "Run", rows: "pd.DataFrame", region: str, quantity: str) -> None:
    """Print the priors that move one gap most, and draw them."""
    from bayesgap.present.markdown_text import as_columns
    from bayesgap.sensitivity import tables as report
    from bayesgap.sensitivity.figures import moves_picture, save

    chosen, year = report.ranked(rows, region, quantity), folder.study.horizon
    typer.echo(f"Gap of {region}, {quantity}, {year}: {report.counted(chosen)}.\n")
    typer.echo(as_columns("\n".join(report.moves_table(chosen))))
    picture = folder.path / SENSITIVITY / "sensitivity.svg"
    save(picture, lambda: moves_picture(chosen, region, year))
    typer.echo(f"\nPicture: {picture}\nEvery quantity: {folder.path / SENSITIVITY / 'moves.csv'}")


def region_of(study: "Study", region: str | None, quantity: str) -> str:
    """Region asked for, or the sum of all; StudyError for an unknown region or quantity."""
    where = region or study.total
    if where not in (*study.targets, study.total):
        raise StudyError(f"--region must be one of {[*study.targets, study.total]}; found {where}.")
    if quantity not in schema.GAP_PARTS:
        known = ", ".join(schema.GAP_PARTS)
        raise StudyError(f"--quantity must be one of {known}; found {quantity}.")
    return where


def require_words(study: "Study", priors: "Sequence[str]", only: str | None) -> None:
    """StudyError for an unknown prior, prior set or section, before anything is loaded."""
    from bayesgap.sensitivity.variants import variants_of

    variants_of(study.priors, priors)
    unknown = sorted({*(only or "power").split(",")} - {"power", "checks"})
    if unknown:
        raise StudyError(f"--only must name power, checks or both; found {', '.join(unknown)}.")

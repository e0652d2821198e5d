"""Command on the whole chain from a past year: validate transfer."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug
from bayesgap.cli.validate import validate
from bayesgap.runs.run import open_run

REMARKS = "transfer.md"  # beside a study: what its author has to say


@validate.command()
def transfer(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study.")],
    origin: Annotated[int, typer.Option(help="The year after which nothing is known.")],
    own: Annotated[
        Path | None, typer.Option(help="Folder of optional tables: employed_by_education.csv.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder of the run (kept, so that a stopped one goes on).")
    ] = Path("validation"),
    docs: Annotated[
        Path | None, typer.Option(help="Folder of page, tables and pictures; OUT if none.")
    ] = None,
    draws: Annotated[int | None, typer.Option(min=4, help="Draws per chain.")] = None,
    tune: Annotated[int | None, typer.Option(min=4, help="Steps before them.")] = None,
    debug: Debug = False,
) -> None:
    """Run a study as of a past year, and score what has been counted since."""
    from bayesgap.study.bundle import resolve_data
    from bayesgap.study.study import load_study, with_overrides

    wanted = with_overrides(load_study(study), draws, None)
    folder = resolve_data(study, wanted)

    from bayesgap.data.tables import read_tables
    from bayesgap.pipeline import run_tables
    from bayesgap.present.progress import Reporter
    from bayesgap.published_study.optional import read_optional
    from bayesgap.validation.transfer.workflow import as_of, write_scores

    if tune is not None:
        sampling = wanted.sampling.model_copy(update={"tune": tune})
        wanted = wanted.model_copy(update={"sampling": sampling})
    extra, progress = read_optional(own) if own else {}, Reporter(sys.stderr)
    past = as_of(wanted, read_tables(folder), extra, origin)
    run = open_run(run_tables(past.study, past.tables, past.data_hash, out, progress))
    with progress.stage("scores"):
        page = write_scores(run, wanted, past, study.parent / REMARKS, docs or out)
    typer.echo(f"{page}")

"""Commands on laws that do not hold: validate misfits."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug, embedded, file_to_write
from bayesgap.cli.validate import validate
from bayesgap.errors import StudyError


@validate.command()
def misfits(
    block: Annotated[
        list[str] | None, typer.Option(help="Blocks whose rules to break; all that can if none.")
    ] = None,
    simulations: Annotated[int, typer.Option(min=2, help="Simulations of each rule.")] = 100,
    processes: Annotated[int, typer.Option(min=1, help="Processes that fit at once.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder of the cases (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    results: Annotated[
        Path | None,
        typer.Option(help="Folder of the table, whose other blocks stay; OUT if none."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Markdown page to write.", callback=file_to_write)
    ] = None,
    debug: Debug = False,
) -> None:
    """Break rules of a law in made-up regions, and see what its intervals are worth then."""
    from bayesgap.validation.misspecification import MADE_UP

    chosen = block or list(MADE_UP)
    if unknown := sorted(set(chosen) - set(MADE_UP)):
        raise StudyError(f"--block must be of {sorted(MADE_UP)}; found {unknown}.")

    from bayesgap.data.tables import read_tables
    from bayesgap.present.progress import Reporter
    from bayesgap.validation.misspecification import workflow as of

    folder, study = embedded()
    tables, progress = read_tables(folder), Reporter(sys.stderr)
    found = of.block_tables(tables, study, chosen, simulations, processes, out, progress)
    table = of.write_table(found, study, results or out)
    typer.echo(of.shown(table, study))
    if page is not None:
        of.write_page(page, table)

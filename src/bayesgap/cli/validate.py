"""Commands that test the intervals: validate sbc."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bayesgap import schema
from bayesgap.cli.common import TRUST, Debug, app, file_to_write
from bayesgap.errors import StudyError

validate = typer.Typer(help="Test the intervals: calibration, broken rules, backtests, transfers.")
app.add_typer(validate, name="validate", rich_help_panel=TRUST)


@validate.command()
def sbc(
    study: Annotated[
        Path | None, typer.Argument(metavar="STUDY.toml", help="A study; the embedded one if none.")
    ] = None,
    block: Annotated[
        list[str] | None, typer.Option(help="Blocks to calibrate, or `chain`; all if none.")
    ] = None,
    simulations: Annotated[int, typer.Option(min=20, help="Simulations of each block.")] = 200,
    processes: Annotated[int, typer.Option(min=1, help="Processes that fit at once.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder of the ranks (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    results: Annotated[
        Path | None, typer.Option(help="Folder of the table and the picture; OUT if none.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Markdown page to write.", callback=file_to_write)
    ] = None,
    debug: Debug = False,
) -> None:
    """Draw truths from the priors, fit the data that they make, and see where the truths rank."""
    from bayesgap.study.bundle import default_study, resolve_data
    from bayesgap.study.study import load_study

    every = ["chain", *schema.BLOCKS]  # the chain answers for its blocks too
    chosen = block or every
    if unknown := sorted(set(chosen) - set(every)):
        raise StudyError(f"--block must be of {sorted(every)}; found {unknown}.")
    path = study or default_study()
    wanted = load_study(path)
    data = resolve_data(path, wanted)

    from bayesgap.data.tables import read_tables
    from bayesgap.health.evidence import CALIBRATION
    from bayesgap.present.progress import Reporter
    from bayesgap.validation.calibration.workflow import rank_rows, write_page, write_verdicts

    progress, into = Reporter(sys.stderr), results or out
    rows = rank_rows(read_tables(data), wanted, chosen, simulations, processes, out, progress)
    with progress.stage("bands"):
        table = write_verdicts(rows, wanted, into)
    for row in table[~table["inside"]].to_dict("records"):
        typer.echo(f"FAIL  {row['block']}: ranks of {row['quantity']} leave their band.")
    inside = int(table["inside"].sum())
    typer.echo(f"{inside} of {len(table)} quantities inside their band: {into / CALIBRATION}")
    if page is not None:
        write_page(page, table, into)

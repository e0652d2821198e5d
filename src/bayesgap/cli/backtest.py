"""Commands on forecasts from old data: validate backtest."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug, embedded
from bayesgap.cli.validate import validate


@validate.command()
def backtest(
    realdata: Annotated[Path, typer.Option(help="Folder of the whole country's statistics.")],
    out: Annotated[
        Path, typer.Option(help="Folder of finished origins (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    docs: Annotated[
        Path | None, typer.Option(help="Folder of page, tables and pictures; OUT if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Forecast from old data, against what came and beside baselines."""
    from bayesgap.data.tables import read_tables
    from bayesgap.present.progress import Reporter
    from bayesgap.validation.backtest import workflow as of

    data, study = embedded()
    progress = Reporter(sys.stderr)
    cases, facts = of.backtest(realdata, read_tables(data), study, out, progress)
    with progress.stage("scores"):
        page = of.write_results(cases, facts, study.seed, docs or out)
    typer.echo(f"{page}")

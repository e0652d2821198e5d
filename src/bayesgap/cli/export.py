"""Command that writes a run's figures and draws for other programs: export."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import FORMS, Debug, RunArgument, app, new_folder, place_of
from bayesgap.runs.run import MAIN, open_run


class Form(StrEnum):
    """What `export` writes."""

    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"
    netcdf = "netcdf"
    hub = "hub"
    zarr = "zarr"


@app.command(rich_help_panel=FORMS)
def export(
    run: RunArgument = None,
    to: Annotated[
        Form, typer.Option(help="Figures with all bands; hub: hubverse form; zarr: the draws.")
    ] = Form.csv,
    scenario: Annotated[str, typer.Option(help="Scenario of the draws (zarr).")] = "main",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; `export/FORM` in the run if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Export figures with 50/80/95 % bands in every row and a data dictionary, or all draws.

    Example: bayesgap export --to xlsx
    """
    folder = open_run(run)
    if to is Form.zarr and scenario != MAIN:
        folder.effect_store(scenario)

    from bayesgap.document.export import README, export_run

    where = new_folder(place_of(folder, out, f"export/{to}"), README, "bayesgap export")
    export_run(folder, to.value, scenario, where)
    typer.echo(f"Health: {folder.health.verdict}.")
    for path in sorted(p for p in where.rglob("*") if p.is_file() and ".zarr" not in str(p)):
        typer.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")

"""Command that writes a run's figures and draws for other programs: export."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, new_folder, place_of
from bayesgap.runs.run import MAIN, open_run

README = "README.md"


class Form(StrEnum):
    """What `export` writes."""

    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"
    netcdf = "netcdf"
    hub = "hub"
    zarr = "zarr"


@app.command()
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
    """Export figures with 50/80/95 % bands in every row and a data dictionary, or all draws."""
    folder = open_run(run)
    if to is Form.zarr and scenario != MAIN:
        folder.scenario_path(scenario)

    from bayesgap.document.export import About, readme, write_export
    from bayesgap.runs.scenarios import read_scenario
    from bayesgap.runs.store import write_folder, write_outlook

    health = folder.health
    about = About(folder.id, folder.study.title, health, folder.provenance)
    where = new_folder(place_of(folder, out, f"export/{to}"), README, "bayesgap export")
    form = to.value
    if form == "zarr":
        draws = read_scenario(folder, scenario).assign_attrs(about.attributes())

        def fill(path: Path) -> None:
            write_outlook(folder, draws, str(path / "draws.zarr"))
            told = readme(about, [f"draws.zarr (every draw of {scenario}; xarray.open_zarr)"])
            (path / README).write_text(told, encoding="utf-8")
    else:

        def fill(path: Path) -> None:
            write_export(path, folder.rows, about, form)

    write_folder(folder, str(where), fill)
    typer.echo(f"Health: {health.verdict}.")
    for path in sorted(p for p in where.rglob("*") if p.is_file() and ".zarr" not in str(p)):
        typer.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB")

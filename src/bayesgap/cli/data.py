"""Commands on input tables: data check, data reconcile."""

from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug, app, embedded

data_app = typer.Typer(no_args_is_help=True, help="The input tables.")
app.add_typer(data_app, name="data")

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="Tables; the embedded ones if none.")
]


@data_app.command()
def check(folder: FolderArgument = None, debug: Debug = False) -> None:
    """Say everything that is wrong with a folder of input tables; exit code 2 if anything is."""
    from bayesgap.data.tables import read_tables

    where = folder or embedded()[0]
    tables = read_tables(where)
    rows = sum(len(table) for table in tables.values())
    typer.echo(f"{where}: {len(tables)} tables, {rows} rows, no problem found.")


@data_app.command()
def reconcile(
    folder: FolderArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; into FOLDER itself if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Make the assumed base tables anew: fitted to the observed margins, with their spread."""
    from bayesgap.data.reconcile import write_reconciled
    from bayesgap.data.reconcile_mix import write_skill_mix
    from bayesgap.data.tables import read_tables

    tables_folder, study = embedded()
    where = folder or tables_folder
    tables = read_tables(where)
    into = out or where
    into.mkdir(parents=True, exist_ok=True)
    written = (
        write_reconciled(into, tables, list(study.targets)),
        write_skill_mix(into, tables),
    )
    typer.echo("\n".join(f"{path}: written" for path in written))

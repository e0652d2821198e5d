"""Command that checks a whole run folder: verify."""

import typer

from bayesgap.cli.common import ABOUT_RUNS, Debug, RunArgument, app
from bayesgap.errors import RunError
from bayesgap.runs.found import RUNS, named_folder, newest_folder


@app.command(rich_help_panel=ABOUT_RUNS)
def verify(run: RunArgument = None, debug: Debug = False) -> None:
    """Hold every file of a run against its checksum; exit code 2 if one is missing or changed.

    Example: bayesgap verify
    """
    folder = newest_folder(RUNS) if run is None else named_folder(run)

    from bayesgap.runs.checksums import REMEDY, faults_of_run

    number, faults = faults_of_run(folder)
    if faults:
        told = "\n".join(f"  - {line}" for line in faults)
        raise RunError(f"{len(faults)} of {number} files are not as written:\n{told}\n{REMEDY}")
    typer.echo(f"{folder}: all {number} files are as they were written.")

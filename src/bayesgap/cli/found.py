"""Commands on which runs there are and how two differ: runs, diff."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import ABOUT_RUNS, Debug, app
from bayesgap.cli.runs import Split
from bayesgap.errors import RunError
from bayesgap.runs.found import RUNS, finished_runs, verdict_of
from bayesgap.runs.run import open_run


@app.command(rich_help_panel=ABOUT_RUNS)
def runs(
    out: Annotated[Path, typer.Option(help="Folder that holds run folders.")] = RUNS,
    debug: Debug = False,
) -> None:
    """List the finished runs, the newest first, with verdict and scenarios.

    Example: bayesgap runs
    """
    from bayesgap.present.table import as_text

    found = finished_runs(out)
    if not found:
        raise RunError(f"There is no finished run in {out}/. Make one with `bayesgap run`.")
    rows = [
        {
            "run": folder.name,
            "made": _made(folder),
            "verdict": verdict_of(folder) or "not checked",
            "scenarios": ", ".join(p.stem for p in sorted(folder.glob("scenarios/[!.]*.zarr"))),
        }
        for folder in found
    ]
    typer.echo(as_text(rows, left=tuple(rows[0])))
    typer.echo("\nNext: bayesgap show RUN; the beginning of a name is enough.")


def _made(folder: Path) -> str:
    seconds = (folder / "summary.parquet").stat().st_mtime
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


@app.command(rich_help_panel=ABOUT_RUNS)
def diff(
    before: Annotated[Path, typer.Argument(metavar="RUN1", help="A run, or how its name begins.")],
    after: Annotated[Path, typer.Argument(metavar="RUN2", help="Another.")],
    by: Annotated[Split, typer.Option(help="Split of a region.")] = Split.total,
    region: Annotated[str | None, typer.Option(help="One region; all if none.")] = None,
    year: Annotated[int | None, typer.Option(help="One year; the last if none.")] = None,
    debug: Debug = False,
) -> None:
    """Say what moved from one run to another, by how many intervals, and what differs.

    Example: bayesgap diff buskerud-20 my-view
    """
    a, b = open_run(before), open_run(after)

    from bayesgap.present.selection import Query, select
    from bayesgap.present.table import as_text, moved_rows
    from bayesgap.runs.differences import reasons, shifts
    from bayesgap.runs.summary import read_rows

    query = Query(region, year, by.value)
    rows = shifts(*(select(read_rows(run), query) for run in (a, b)))
    if not rows:
        raise RunError(f"{a.id} and {b.id} have no region in common.")
    typer.echo(f"From {a.id} ({a.health.verdict}) to {b.id} ({b.health.verdict}). What differs:")
    typer.echo("\n".join(f"  - {reason}" for reason in reasons(a, b)))
    typer.echo("\nGap, persons, the largest move first. Moves are of the median, also in widths of")
    typer.echo(f"the 80 % interval of {a.id}; equal-tailed intervals.\n")
    typer.echo(as_text(moved_rows(rows, by.value)))

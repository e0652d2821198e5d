"""Command line: run, show, health, data.

Commands import what they need when they are called (the one place where that is allowed), so that
`bayesgap --help` answers at once.
"""

import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.errors import BayesgapError

if TYPE_CHECKING:
    from bayesgap.analysis.health import Health
    from bayesgap.spec.study import Study
    from bayesgap.store import Run

RUNS = Path("runs")
INTERRUPTED = 130

app = typer.Typer(
    name="bayesgap",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Regional skills gaps with credible intervals.",
)
data_app = typer.Typer(no_args_is_help=True, help="The input tables.")
app.add_typer(data_app, name="data")

RunArgument = Annotated[
    Path | None, typer.Argument(metavar="RUN", help="A run folder; the newest in runs/ if none.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


class Format(StrEnum):
    """How `show` and `health` write."""

    table = "table"
    csv = "csv"
    json = "json"


class Split(StrEnum):
    """What `show` splits a region by."""

    total = "total"
    level = "level"
    field = "field"
    education = "education"
    sector = "sector"


@app.command()
def run(
    study: Annotated[
        Path | None,
        typer.Argument(metavar="STUDY.toml", help="A study; the embedded one if none."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that holds run folders.")] = RUNS,
    draws: Annotated[int | None, typer.Option(min=4, help="Draws per chain.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of all randomness.")] = None,
    debug: Debug = False,
) -> None:
    """Fit the models of a study, project to its horizon, and show the gap."""
    from bayesgap.pipeline import run_study
    from bayesgap.report.progress import Reporter
    from bayesgap.spec.bundle import default_study, resolve_data
    from bayesgap.spec.study import load_study

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both leave finished stages only
    path = study or default_study()
    wanted = _with_overrides(load_study(path), draws, seed)
    try:
        folder = run_study(wanted, resolve_data(path, wanted), out, Reporter(sys.stderr))
    except KeyboardInterrupt:
        typer.echo(
            "bayesgap: stopped; the same call goes on after the last finished stage.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(f"Run: {folder}")
    show(folder)


def _with_overrides(study: "Study", draws: int | None, seed: int | None) -> "Study":
    if draws is not None:
        sampling = study.sampling.model_copy(update={"draws": draws})
        study = study.model_copy(update={"sampling": sampling})
    return study if seed is None else study.model_copy(update={"seed": seed})


@app.command()
def show(
    run: RunArgument = None,
    region: Annotated[str | None, typer.Option(help="One region; all if none.")] = None,
    year: Annotated[int | None, typer.Option(help="One year; the last if none.")] = None,
    by: Annotated[Split, typer.Option(help="Split of a region.")] = Split.total,
    quantity: Annotated[
        str | None,
        typer.Option(help="gap, supply, demand, labour_force, employment or population."),
    ] = None,
    scenario: Annotated[str, typer.Option(help="Scenario.")] = "main",
    format: Annotated[Format, typer.Option(help="How to write.")] = Format.table,
    debug: Debug = False,
) -> None:
    """Show medians, 50/80/95 % intervals (equal-tailed) and P(shortage), under the verdict."""
    from bayesgap.report import table
    from bayesgap.store import read_summary

    folder = _run_folder(run)
    health = _health_of(folder)
    query = table.Query(region, year, by.value, quantity, scenario)
    wide = table.select(read_summary(folder), query)
    marked = table.assumption_driven(health, by.value)
    verdict = "\n".join(table.health_lines(health))
    if format is Format.json:
        records = table.as_records(wide, by.value, marked)
        typer.echo(table.json_text(records, health, {"run_id": folder.id, "scenario": scenario}))
    elif format is Format.csv:
        typer.echo(verdict, err=True)
        typer.echo(table.as_csv(table.as_records(wide, by.value, marked)), nl=False)
    else:
        text = table.readable(wide, by.value, marked)
        typer.echo(f"{verdict}\n\n{table.caption(wide, folder.id, scenario)}\n")
        typer.echo(table.as_text(text))
        if table.any_marked(wide, marked):
            typer.echo(f"\n{table.STAR_NOTE}")


@app.command()
def health(
    run: RunArgument = None,
    format: Annotated[Format, typer.Option(help="How to write.")] = Format.table,
    debug: Debug = False,
) -> None:
    """Say whether a run may be believed; exit code 0 for PASS, 1 for REVIEW, 2 for FAIL."""
    from bayesgap.report import table

    found = _health_of(_run_folder(run))
    if format is Format.json:
        typer.echo(table.json_text([], found, {"checks": found.to_dict()["checks"]}))
    elif format is Format.csv:
        typer.echo(table.as_csv(found.to_dict()["checks"]), nl=False)
    else:
        lines = table.health_lines(found)
        typer.echo(f"{table.health_table(found)}\n\n" + "\n".join(lines))
    raise typer.Exit(found.exit_code)


@app.command("compare-report")
def compare_report(
    run: RunArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Markdown file to write; standard output if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Set the published figures beside our posterior: median, 80 % interval, percentile."""
    from bayesgap.data.tables import read_tables
    from bayesgap.report.comparison import compare, comparison_page, without_counterpart
    from bayesgap.store import read_outlook

    folder = _run_folder(run)
    figures = read_tables(_embedded()[0])["report_figures"]
    table = compare(read_outlook(folder), figures)
    verdict = _health_of(folder).verdict
    page = comparison_page(table, without_counterpart(figures), folder.id, verdict)
    if out is None:
        typer.echo(page, nl=False)
    else:
        out.write_text(page, encoding="utf-8")


def _run_folder(path: Path | None) -> "Run":
    from bayesgap.store import newest_run, open_run

    return newest_run(RUNS) if path is None else open_run(path)


def _health_of(run: "Run") -> "Health":
    from bayesgap.analysis.health import read_health
    from bayesgap.store import read_json

    return read_health(read_json(run, "health.json"))


FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="Tables; the embedded ones if none.")
]


@data_app.command()
def check(folder: FolderArgument = None, debug: Debug = False) -> None:
    """Say everything that is wrong with a folder of input tables; exit code 2 if anything is."""
    from bayesgap.data.tables import read_tables

    where = folder or _embedded()[0]
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

    embedded, study = _embedded()
    where = folder or embedded
    tables = read_tables(where)
    into = out or where
    into.mkdir(parents=True, exist_ok=True)
    written = (
        write_reconciled(into, tables, list(study.targets)),
        write_skill_mix(into, tables),
    )
    typer.echo("\n".join(f"{path}: written" for path in written))


def _embedded() -> tuple[Path, "Study"]:
    """Folder of the default study's tables, and that study."""
    from bayesgap.spec.bundle import default_study, resolve_data
    from bayesgap.spec.study import load_study

    path = default_study()
    study = load_study(path)
    return resolve_data(path, study), study


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; errors meant for people become one message and exit code 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(given, prog_name="bayesgap")
    except BayesgapError as error:
        if "--debug" in given:
            raise
        typer.echo(f"bayesgap: {error}", err=True)
        sys.exit(2)

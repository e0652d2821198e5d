"""Commands on runs: run, show, health, compare-report, assumptions."""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import (
    ABOUT_RUNS,
    INTERRUPTED,
    TRUST,
    Debug,
    Format,
    PageOption,
    RunArgument,
    app,
    embedded,
    say_cuts,
    write_page,
)
from bayesgap.runs.found import RUNS
from bayesgap.runs.run import open_run

if TYPE_CHECKING:
    from bayesgap.runs.run import Run


class Split(StrEnum):
    """What `show` splits a region by."""

    total = "total"
    level = "level"
    field = "field"
    education = "education"
    sector = "sector"


@app.command(rich_help_panel=ABOUT_RUNS)
def run(
    study: Annotated[
        Path | None,
        typer.Argument(metavar="STUDY.toml", help="A study; the embedded one if none."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that holds run folders.")] = RUNS,
    draws: Annotated[int | None, typer.Option(min=4, help="Draws per chain.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of all randomness.")] = None,
    scenarios: Annotated[
        str | None,
        typer.Option(help="Scenarios to add: `all`, or names and .toml files with commas between."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Fit the models of a study, project to its horizon, and show the gap.

    Example: bayesgap run --scenarios all
    """
    from bayesgap.study.bundle import default_study, resolve_data
    from bayesgap.study.scenario_files import find_plans
    from bayesgap.study.study import load_study, with_overrides

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both leave finished stages only
    path = study or default_study()
    wanted = with_overrides(load_study(path), draws, seed)
    plans = find_plans(scenarios.split(","), wanted) if scenarios else []
    say_cuts(plans)
    data = resolve_data(path, wanted)
    try:
        from bayesgap.pipeline import run_study
        from bayesgap.present.progress import Reporter

        folder = run_study(wanted, data, out, Reporter(sys.stderr), plans)
    except KeyboardInterrupt:
        typer.echo(
            "bayesgap: stopped; the same call goes on after the last finished stage.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(f"Run: {folder}")
    show(folder)


@app.command(rich_help_panel=ABOUT_RUNS)
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
    """Show medians, 50/80/95 % intervals (equal-tailed) and P(shortage), under the verdict.

    Example: bayesgap show --by level --region Hallingdal
    """
    folder = open_run(run)

    from bayesgap.present import table
    from bayesgap.present.health_text import verdict_line
    from bayesgap.present.selection import Query, select
    from bayesgap.runs.summary import read_rows

    health = folder.health
    wide = select(read_rows(folder), Query(region, year, by.value, quantity, scenario))
    marked = table.assumption_driven(health, by.value)
    verdict = verdict_line(health)
    if format is Format.json:
        records = table.as_records(wide, by.value, marked)
        typer.echo(table.json_text(records, health, {"run_id": folder.id, "scenario": scenario}))
    elif format is Format.csv:
        typer.echo(verdict, err=True)
        typer.echo(table.as_csv(table.as_records(wide, by.value, marked)), nl=False)
    else:
        marks = table.marks(health, by.value)
        text = table.readable(wide, by.value, marks)
        typer.echo(f"{verdict}\n\n{table.caption(wide, folder.id, scenario)}\n")
        typer.echo(table.as_text(text))
        if told := table.notes((row["part"] for row in wide), marks):
            typer.echo("\n" + "\n".join(told))
        typer.echo("\nNext: bayesgap chance, a question; bayesgap explore, a page of everything.")


@app.command(rich_help_panel=ABOUT_RUNS)
def health(
    run: RunArgument = None,
    influence: Annotated[
        bool, typer.Option("--influence", help="Each region and year of data, left out.")
    ] = False,
    format: Annotated[Format, typer.Option(help="How to write.")] = Format.table,
    debug: Debug = False,
) -> None:
    """Say whether a run may be believed; exit code 0 for PASS, 1 for REVIEW, 2 for FAIL.

    Example: bayesgap health
    """
    from bayesgap.present import table
    from bayesgap.present.health_text import health_table, verdict_line

    folder = open_run(run)
    found = folder.health
    if influence:
        _show_influence(folder, format)
    elif format is Format.json:
        typer.echo(table.json_text([], found, {"checks": found.to_dict()["checks"]}))
    elif format is Format.csv:
        typer.echo(table.as_csv(found.to_dict()["checks"]), nl=False)
    else:
        typer.echo(f"{verdict_line(found)}\n\n{health_table(found)}")
    raise typer.Exit(found.exit_code)


def _show_influence(folder: "Run", format: Format) -> None:
    """Every region and year left out, with the gap that it moves most."""
    from bayesgap.health.influence import influence, influence_check, strongest
    from bayesgap.present import table

    found = influence(folder.blocks, folder.panel, folder.outlook, folder.study)
    rows = strongest(found.rows)
    if format is Format.csv:
        typer.echo(rows.to_csv(index=False, lineterminator="\n"), nl=False)
    elif format is Format.json:
        typer.echo(rows.to_json(orient="records", indent=1, force_ascii=False))
    else:
        typer.echo(
            f"{table.influence_table(rows.to_dict('records'))}\n\n{influence_check(found).sentence}"
        )


@app.command("compare-report", rich_help_panel=TRUST)
def compare_report(
    run: RunArgument = None,
    out: PageOption = None,
    debug: Debug = False,
) -> None:
    """Set the published figures beside our posterior: median, 80 % interval, percentile.

    Example: bayesgap compare-report
    """
    folder = open_run(run)

    from bayesgap.data.tables import read_tables
    from bayesgap.published_study.comparison import compare, comparison_page, without_counterpart

    figures = read_tables(embedded()[0])["report_figures"]
    table = compare(folder.outlook.load(), figures)
    rest = without_counterpart(figures)
    page = comparison_page(table, rest, folder.id, folder.health.verdict)
    write_page(page, out)


@app.command(rich_help_panel=TRUST)
def assumptions(
    free: Annotated[Path, typer.Argument(metavar="RUN", help="A run of a study.")],
    fixed: Annotated[
        Path, typer.Argument(metavar="FIXED", help="A run of it with small assumed_scale.")
    ],
    region: Annotated[str | None, typer.Option(help="Region of the groups' table.")] = None,
    out: PageOption = None,
    debug: Debug = False,
) -> None:
    """Show what the data told (contraction) and how much width the assumed inputs cost.

    Example: bayesgap assumptions RUN FIXED
    """
    runs = [open_run(path) for path in (free, fixed)]

    from bayesgap.sensitivity.assumptions import both_widths, page

    study = runs[0].study
    table = both_widths(runs[0].rows, runs[1].rows, study.horizon)
    content = runs[0].json("health.json")
    told = [(run.id, str(run.health.verdict)) for run in runs]
    where = region or study.targets[0]
    together = content["residual_correlation"]
    text = page(content["contraction"], content["groups"], table, where, told, together)
    write_page(text, out)

"""Command that answers one question in odds: chance."""

from typing import Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, run_folder


@app.command()
def chance(
    run: RunArgument = None,
    region: Annotated[str | None, typer.Option(help="A region; their sum if none.")] = None,
    education: Annotated[
        str | None, typer.Option(help="An education group, as bachelor:health_care; all if none.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="A year; the last if none.")] = None,
    at_least: Annotated[int, typer.Option(min=0, help="People lacking; any shortage if 0.")] = 0,
    scenario: Annotated[str, typer.Option(help="Scenario.")] = "main",
    debug: Debug = False,
) -> None:
    """Tell the chance that a region lacks at least so many people, and the interval of the gap."""
    from bayesgap.api import load_run
    from bayesgap.report.labels import part_label
    from bayesgap.report.show import chance_lines
    from bayesgap.report.table import STAR_NOTE, assumption_driven

    found = load_run(run_folder(run).path)
    where, when = region or found.study.total, year or found.study.horizon
    draws = found.gap_draws(region=where, education=education, year=when, scenario=scenario)
    marked = education in assumption_driven(found.health, "education")
    group = f" with {part_label(education)}{' *' if marked else ''}" if education else ""
    typer.echo(f"Health: {found.verdict}. Run {found.id}, {scenario}.")
    typer.echo("\n".join(chance_lines(draws.to_numpy(), at_least, where, group, when)))
    if marked:
        typer.echo(STAR_NOTE)

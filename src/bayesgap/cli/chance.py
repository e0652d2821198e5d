"""Command that answers one question in odds: chance."""

from typing import Annotated

import typer

from bayesgap.cli.common import QUESTIONS, Debug, RunArgument, app
from bayesgap.runs.run import open_run


@app.command(rich_help_panel=QUESTIONS)
def chance(
    run: RunArgument = None,
    region: Annotated[str | None, typer.Option(help="A region; their sum if none.")] = None,
    education: Annotated[
        str | None, typer.Option(help="A group, as bachelor:health_care, or a word, as nurse.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="A year; the last if none.")] = None,
    at_least: Annotated[int, typer.Option(min=0, help="People lacking; any shortage if 0.")] = 0,
    scenario: Annotated[str, typer.Option(help="Scenario.")] = "main",
    debug: Debug = False,
) -> None:
    """Tell the chance that a region lacks at least so many people, and the interval of the gap.

    Example: bayesgap chance --at-least 500 --education nurse --year 2035
    """
    found = open_run(run)

    from bayesgap.errors import known_as
    from bayesgap.present.chance import chance_lines, gap_draws, occupation_lines
    from bayesgap.present.health_text import verdict_line
    from bayesgap.present.labels import part_label
    from bayesgap.present.table import marks, notes
    from bayesgap.runs.verdicts import warn_if_failed
    from bayesgap.study.education_words import education_named

    health, study = found.health, found.study
    warn_if_failed(found.id, health)
    group, occupation = (None, None) if education is None else education_named(education)
    where = known_as("region", region or study.total, (*study.targets, study.total))
    when = year or study.horizon
    draws = gap_draws(found, study, where, when, group, scenario)
    known = marks(health, "education")
    told = f" with {part_label(group)}{known.get(group, '')}" if group else ""
    typer.echo(f"{verdict_line(health)}\nRun {found.id}, {scenario}.")
    typer.echo("\n".join(chance_lines(draws, at_least, where, told, when)))
    if occupation is not None:
        typer.echo("\n".join(occupation_lines(draws, occupation, study.seed)))
    for note in notes([group] if group else [], known):
        typer.echo(note)
    typer.echo("Next: bayesgap show --by education, every group.")

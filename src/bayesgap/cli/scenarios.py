"""Commands on scenarios: compare, close, scenarios."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import (
    QUESTIONS,
    Debug,
    PageOption,
    RunArgument,
    app,
    embedded,
    say_cuts,
    write_page,
)
from bayesgap.cli.runs import Split
from bayesgap.errors import RunError, known_as, require_one_of
from bayesgap.runs.run import MAIN, open_run

if TYPE_CHECKING:
    from bayesgap.scenarios.comparison import Pair


@app.command(rich_help_panel=QUESTIONS)
def compare(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    a: Annotated[str, typer.Argument(metavar="A", help="A scenario of the run.")],
    b: Annotated[str, typer.Argument(metavar="B", help="What A is held against.")] = MAIN,
    by: Annotated[Split, typer.Option(help="Split of a region.")] = Split.total,
    region: Annotated[str | None, typer.Option(help="One region; all if none.")] = None,
    year: Annotated[int | None, typer.Option(help="One year; the last if none.")] = None,
    quantity: Annotated[
        str | None, typer.Option(help="gap, supply, demand, labour_force or employment.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Waterfall to draw (.png or .svg), of --region.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Compare a scenario with main, or with another: what it changes, and by which measure.

    Main is always what the other is held against, whichever of the two is named first.

    Example: bayesgap compare RUN less_exclusion
    """
    require_run_first(run, a)
    folder = open_run(run)

    from bayesgap.present import table
    from bayesgap.present.health_text import verdict_line
    from bayesgap.present.selection import require_split
    from bayesgap.scenarios import comparison as of

    health = folder.health
    if {a, b} == {MAIN}:
        raise typer.BadParameter("A and B are both main; name a scenario")
    a, b = (b, a) if a == MAIN else (a, b)
    pair = of.open_pair(folder, a, b)
    wanted = quantity or ("employment" if by is Split.sector else "gap")
    require_split(wanted, by.value)
    rows = of.differences(pair, wanted, by.value, year, region)
    marked = table.assumption_driven(health, by.value)
    typer.echo(verdict_line(health))
    typer.echo(
        f"\n{of.headline(a, b, wanted)}\nPersons; median and equal-tailed credible intervals of "
        f"differences of draws. Run {folder.id}.\n"
    )
    typer.echo(table.as_text(of.readable(rows, by.value, marked)))
    typer.echo("\nMC error: Monte Carlo error as a share of the 80 % width.")
    if wanted == "gap":
        typer.echo(f"P(closes): of draws with a shortage in {b}, the share without one in {a}.")
        _steps(pair, region, figure, str(health.verdict), folder.id)
        typer.echo(f"\nNext: bayesgap close {folder.id} {a}, how strong it must be.")


def require_run_first(run: Path, a: str) -> None:
    """RunError where a scenario stands in the place of the run."""
    from bayesgap.study.scenario_files import embedded_folder

    known = {MAIN, *(path.stem for path in embedded_folder().glob("*.toml"))}
    if not run.is_dir() and str(run) in known:
        other = a if str(run) == MAIN else run
        raise RunError(
            f'"{run}" is a scenario, where a run must be named first: `bayesgap compare RUN '
            f"{other}`. `bayesgap runs` lists the runs."
        )


def _steps(
    pair: "Pair", region: str | None, figure: Path | None, verdict: str, run_id: str
) -> None:
    from bayesgap.present import table
    from bayesgap.scenarios import comparison as of

    where = known_as("region", region or pair.regions[-1], pair.regions)
    steps = of.waterfall(pair, where)
    typer.echo(f"\nFrom {pair.b} to {pair.a}, gap of {where} in the last year (means add up):\n")
    typer.echo(table.as_text(of.readable_steps(steps, "step"), left=("step",)))
    moved = of.moved_elsewhere(pair)
    if moved:
        typer.echo("\nPersons taken from other places (+) and lost to them; adds up to 0:\n")
        typer.echo(table.as_text(of.readable_steps(moved, "place"), left=("place",)))
    if figure is not None:
        from bayesgap.scenarios.figures import write_waterfall

        write_waterfall(figure, steps, where, verdict, run_id)
        typer.echo(f"\n{figure}: written")


@app.command(rich_help_panel=QUESTIONS)
def scenarios(
    run: RunArgument = None,
    out: PageOption = None,
    debug: Debug = False,
) -> None:
    """Set the published effects of scenarios beside ours; name the scenarios that the run has.

    Example: bayesgap scenarios RUN
    """
    folder = open_run(run)
    names = folder.scenario_names
    if not names:
        raise RunError(f"{folder.path} has no scenarios. Add them: `bayesgap run --scenarios all`.")

    from bayesgap.data.tables import read_tables
    from bayesgap.published_study.scenario_effects import EFFECTS, effect_rows, effects_page

    wanted = sorted({effect.scenario for effect in EFFECTS.values()} & set(names))
    figures = read_tables(embedded()[0])["report_figures"]
    effects = {name: folder.effect(name) for name in wanted}
    rows = effect_rows(figures, folder.outlook.load(), effects)
    stages = folder.json("timings.json")["stages"]
    seconds = {
        name: float(stages[name]["seconds"])
        for name in ("outlook", "summary", "scenarios", "scenario summaries")
        if name in stages
    }
    page = effects_page(rows, seconds, folder.id, str(folder.health.verdict))
    write_page(page, out, f"Scenarios: {', '.join(names)}\n\n")


@app.command(rich_help_panel=QUESTIONS)
def close(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    measures: Annotated[
        str, typer.Argument(metavar="MEASURES", help="One scenario, or NAME=COST with commas.")
    ],
    probability: Annotated[float, typer.Option(min=0.01, max=0.99)] = 0.8,
    region: Annotated[str | None, typer.Option(help="A region; their sum if none.")] = None,
    draws: Annotated[int, typer.Option(min=4, help="Draws per chain; fewer are faster.")] = 250,
    debug: Debug = False,
) -> None:
    """Find the smallest strength of a measure, or the cheapest mix, that closes the gap.

    Example: bayesgap close RUN later_retirement
    """
    from bayesgap.study.scenario_files import costs_of, find_plans

    folder = open_run(run)
    study = folder.study
    where = known_as("region", region or study.total, (*study.targets, study.total))
    costs = costs_of(measures)
    plans = find_plans(list(costs), study)
    say_cuts(plans)
    parts = {m.name: m for plan in plans for m in plan.measures}
    require_one_of("measure", next((n for n in costs if n not in parts), next(iter(parts))), parts)

    from bayesgap.present.health_text import verdict_line
    from bayesgap.scenarios.limits import limits_of
    from bayesgap.scenarios.search import cheapest, gap_of, ready_to_search, smallest
    from bayesgap.scenarios.search_text import search_text

    kept = min(draws, study.sampling.draws)
    chosen = [parts[name] for name in costs]
    futures, events = ready_to_search(folder.draws, folder.panel, study, chosen, kept)
    gap = gap_of(futures, events, where, study.total)
    limits = limits_of(futures, events, where, study.total)
    most = {name: limit.factor for name, limit in limits.items()}
    first = next(iter(costs))
    found = (
        smallest(gap, first, probability, most[first])
        if len(costs) == 1
        else cheapest(gap, costs, probability, most)
    )
    typer.echo(verdict_line(folder.health))
    typer.echo(search_text(found, parts, probability, where, study.horizon, folder.id, limits))

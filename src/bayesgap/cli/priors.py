"""Commands on priors: priors show, check, elicit."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import INPUTS, Debug, RunArgument, app
from bayesgap.errors import StudyError
from bayesgap.runs.run import open_run

priors_app = typer.Typer(no_args_is_help=True, help="Show, check and elicit priors.")
app.add_typer(priors_app, name="priors", rich_help_panel=INPUTS)

PictureOption = Annotated[Path | None, typer.Option(help="Draw it, too: a .svg or .png file.")]


class Family(StrEnum):
    """Distributions of priors."""

    normal = "normal"
    half_normal = "half_normal"
    log_normal = "log_normal"
    beta = "beta"
    gamma = "gamma"


@priors_app.command()
def show(
    study: Annotated[
        Path | None,
        typer.Argument(metavar="STUDY.toml", help="A study; the embedded one if none."),
    ] = None,
    block: Annotated[str | None, typer.Option(help="One block; all if none.")] = None,
    picture: PictureOption = None,
    debug: Debug = False,
) -> None:
    """Show every prior with its reason and its 90 % interval."""
    from bayesgap.study.bundle import default_study
    from bayesgap.study.study import load_study

    priors = load_study(study or default_study()).priors
    known = [name for name, named in priors.items() if named]
    if block is not None and block not in known:
        raise StudyError(f"--block must be one of {', '.join(known)}; found {block}.")

    from bayesgap.sensitivity.catalogue import catalogue
    from bayesgap.sensitivity.prior_text import show_lines

    chosen = catalogue(priors if block is None else {block: priors[block]})
    typer.echo("\n".join(show_lines(chosen)))
    if picture is not None:
        from bayesgap.sensitivity.densities import curve
        from bayesgap.sensitivity.figures import catalogue_picture, save

        drawn = [
            (r["prior"], *curve(priors[r["block"]][r["prior"]]), r["role"] == "assumed")
            for r in chosen
        ]
        save(picture, lambda: catalogue_picture(drawn))


@priors_app.command()
def check(
    run: RunArgument = None,
    each: Annotated[
        bool, typer.Option("--each", help="What each prior alone says, instead of all together.")
    ] = False,
    picture: PictureOption = None,
    debug: Debug = False,
) -> None:
    """Tell what the priors alone say about people; exit code 1 if they say the impossible."""
    folder = open_run(run)

    from bayesgap.health.prior_predictive import predictive_table
    from bayesgap.sensitivity.figures import effects_picture, predictive_picture, save
    from bayesgap.sensitivity.prior_effects import prior_effects
    from bayesgap.sensitivity.prior_text import check_lines, effect_lines

    about = folder.prior, folder.panel, folder.study
    if each:
        effects = prior_effects(*about)
        typer.echo("\n".join(effect_lines(effects)))
        if picture is not None:
            save(picture, lambda: effects_picture(effects))
        return
    table = predictive_table(*about)
    typer.echo("\n".join(check_lines(table)))
    if picture is not None:
        save(picture, lambda: predictive_picture(table))
    raise typer.Exit(int(table["flagged"].any()))


@priors_app.command()
def elicit(
    low: Annotated[float, typer.Argument(help="Lower bound.")],
    high: Annotated[float, typer.Argument(help="Upper bound.")],
    sure: Annotated[float, typer.Option(help="How sure, in per cent.")] = 90.0,
    dist: Annotated[Family, typer.Option(help="Distribution.")] = Family.normal,
    percent: Annotated[bool, typer.Option("--percent", help="Bounds are per cent.")] = False,
    name: Annotated[str, typer.Option(help="Prior, as block.name.")] = "block.name",
    why: Annotated[str, typer.Option(help="The reason, for the study.")] = "",
    picture: PictureOption = None,
    debug: Debug = False,
) -> None:
    """Turn 'between LOW and HIGH, so sure' into a prior, as text for a study."""
    from bayesgap.inference.elicit import elicited
    from bayesgap.sensitivity.densities import density
    from bayesgap.sensitivity.figures import density_picture, save
    from bayesgap.sensitivity.prior_text import toml_text

    unit = 100.0 if percent else 1.0
    found = elicited(dist.value, low / unit, high / unit, sure / 100)
    sign = " per cent" if percent else ""
    reason = why or f"Between {low:g} and {high:g}{sign}, {sure:g} per cent sure."
    typer.echo(toml_text(name, dist.value, found, reason))
    if picture is not None:
        drawn = density(dist.value, found)
        bounds = (low / unit, high / unit)
        save(picture, lambda: density_picture(*drawn, bounds, name, sure))

"""Command on where the uncertainty comes from: uncertainty."""

from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import TRUST, Debug, RunArgument, app
from bayesgap.errors import StudyError
from bayesgap.runs.run import SENSITIVITY, open_run

if TYPE_CHECKING:
    from bayesgap.study.study import Study


@app.command(rich_help_panel=TRUST)
def uncertainty(
    run: RunArgument = None,
    years: Annotated[
        str | None, typer.Option(help="Years with commas between; 2030 and the last if none.")
    ] = None,
    chunks: Annotated[
        int | None, typer.Option(min=1, help="Chunks of 250 draws a chain; all if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Split the variance of the gap over blocks, and over parameters and future shocks.

    Example: bayesgap uncertainty
    """
    folder = open_run(run)
    study = folder.study
    asked = years_of(study, years)

    from bayesgap.present.health_text import verdict_line
    from bayesgap.present.markdown_text import as_columns
    from bayesgap.sensitivity import uncertainty_tables as report
    from bayesgap.sensitivity.figures import save
    from bayesgap.sensitivity.workflow import variance_shares

    inputs, origins, _ = variance_shares(folder, asked, chunks)
    groups = report.widest(inputs, study.total, study.horizon)
    lines = report.section(inputs, origins, study.total, study.horizon, groups)
    typer.echo(
        f"{verdict_line(folder.health)}\nRun {folder.id}.\n\n" + as_columns("\n".join(lines))
    )
    picture = folder.path / SENSITIVITY / "uncertainty.svg"
    save(picture, lambda: report.regions_picture(inputs, study.horizon))
    typer.echo(f"\nPicture: {picture}")
    typer.echo(f"Every region, year and group: {folder.path / SENSITIVITY / 'uncertainty.csv'}")


def years_of(study: "Study", text: str | None) -> list[int]:
    """Years asked for, with the base year first; the horizon is always among them."""
    asked = (text or "2030").split(",")
    first, last = study.base_year + 1, study.horizon
    if not all(part.strip().isdigit() and first <= int(part) <= last for part in asked):
        if text is None:
            return [study.base_year, last]
        raise StudyError(f"--years must be years from {first} to {last}; found {text!r}.")
    return [study.base_year, *sorted({*map(int, asked), last})]

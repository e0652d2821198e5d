"""Command on where the uncertainty comes from: uncertainty."""

from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, health_of, run_folder, study_of
from bayesgap.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bayesgap.runs.folder import Run
    from bayesgap.study.study import Study

FOLDER = "sensitivity"


@app.command()
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
    """Split the variance of the gap over blocks, and over parameters and future shocks."""
    folder = run_folder(run)
    study = study_of(folder)
    asked = years_of(study, years)

    from bayesgap.sensitivity import uncertainty_tables as report
    from bayesgap.sensitivity.figures import save

    inputs, origins, _ = split_tables(folder, asked, chunks)
    groups = report.widest(inputs, study.total, study.horizon)
    lines = report.section(inputs, origins, study.total, study.horizon, groups)
    typer.echo(f"Health: {health_of(folder).verdict}. Run {folder.id}.\n\n" + "\n".join(lines))
    picture = folder.path / FOLDER / "uncertainty.svg"
    save(picture, lambda: report.regions_picture(inputs, study.horizon))
    typer.echo(f"\nPicture: {picture}")
    typer.echo(f"Every region, year and group: {folder.path / FOLDER / 'uncertainty.csv'}")


def years_of(study: "Study", text: str | None) -> list[int]:
    """Years asked for, with the base year first; the horizon is always among them."""
    asked = (text or "2030").split(",")
    first, last = study.base_year + 1, study.horizon
    if not all(part.strip().isdigit() and first <= int(part) <= last for part in asked):
        if text is None:
            return [study.base_year, last]
        raise StudyError(f"--years must be years from {first} to {last}; found {text!r}.")
    return [study.base_year, *sorted({*map(int, asked), last})]


def split_tables(
    run: "Run", years: "Sequence[int]", chunks: int | None
) -> "tuple[pd.DataFrame, pd.DataFrame, int]":
    """Shares over inputs and over origins, and the number of draws; chunks done before are kept."""
    import pandas as pd

    from bayesgap.projection.propagate import CHUNK
    from bayesgap.runs.store import (
        read_blocks,
        read_outlook,
        read_tree,
        run_study_spec,
        write_whole,
    )
    from bayesgap.sensitivity import variance

    study = run_study_spec(run)
    number = min(-(-study.sampling.draws // CHUNK), chunks or study.sampling.draws)
    where = run.path / FOLDER
    where.mkdir(exist_ok=True)
    tag = "-".join(map(str, years))
    paths = [where / f"variance99-{tag}-{chunk}.json" for chunk in range(number)]
    missing = [chunk for chunk, path in enumerate(paths) if not path.exists()]
    if missing:
        panel = read_tree(run, "panel.nc")
        gap = read_outlook(run)["gap"].sel(region=list(study.targets), year=list(years[1:]))
        ends = variance.central(variance.flat(gap))
        blocks = read_blocks(run)
        draws = {name: tree["posterior"].to_dataset() for name, tree in blocks.items()}
        for chunk in missing:
            cut = variance.cut(draws, chunk)
            split = variance.split_chunk(cut, panel, study, years, chunk, ends)
            write_whole(paths[chunk], lambda p, s=split: p.write_text(variance.to_json(s)))
    whole = variance.joined([path.read_text() for path in paths])
    names = variance.columns([*study.targets, study.total], years[1:])
    tables = [variance.effects_table(sums, names) for sums in whole]
    joined = pd.concat([t.assign(game=g) for t, g in zip(tables, whole._fields, strict=True)])
    write_whole(where / "uncertainty.csv", lambda p: joined.to_csv(p, index=False))
    return tables[0], tables[1], 2 * whole.inputs.pairs

"""Command on the report's chapters: every analysis of the study, from a finished run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, new_folder, place_of
from bayesgap.runs.run import CHAPTERS, open_run

if TYPE_CHECKING:
    from bayesgap.published_study.material import Material
    from bayesgap.runs.run import Run
    from bayesgap.runs.verdicts import Verdict

PAGE = "report_chapters.md"


@app.command()
def chapters(
    run: RunArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; `chapters` in the run if none.")
    ] = None,
    own: Annotated[
        Path | None, typer.Option(help="Folder of your own tables (data/README.md, optional).")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Region of the figures; the first if none.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the page here too.")] = None,
    debug: Debug = False,
) -> None:
    """Answer every figure of the report: a table, a picture and a comparison of each."""
    from bayesgap.study.study import focus_region

    folder = open_run(run)
    study = folder.study
    focus = focus_region(study, region)

    from bayesgap.published_study.answers import Answers, answer_of, write_answers
    from bayesgap.published_study.chapters import answer_all
    from bayesgap.published_study.drawing import write_pictures
    from bayesgap.published_study.page import chapters_page
    from bayesgap.published_study.rows import report_rows
    from bayesgap.published_study.words import Voice
    from bayesgap.runs.store import write_folder

    where = new_folder(place_of(folder, out, CHAPTERS), PAGE, "bayesgap chapters")
    material, survey = _material(folder, own)
    results = answer_all(material)
    found = folder.health
    verdict = f"{found.verdict}; employer survey {survey}"
    marked = [group["education"] for group in found.groups if group["assumption_driven"]]
    answers = Answers(focus, verdict, {name: answer_of(of) for name, of in results.items()})
    figures = material.tables["report_figures"]
    rows = report_rows(results, material.outlook, material.effects, figures)
    text = chapters_page(rows, results, focus, folder.id, verdict)

    def fill(path: Path) -> None:
        rows.to_csv(path / "published_figures.csv", index=False, float_format="%.7g")
        write_answers(path, answers)
        write_pictures(path, answers, study, figures, Voice(marked=marked), folder.id)
        (path / PAGE).write_text(text, encoding="utf-8")

    write_folder(folder, str(where), fill)
    if page is not None:
        page.write_text(text, encoding="utf-8")
    answered = int(rows["median"].notna().sum())
    typer.echo(f"Health: {verdict}.")
    typer.echo(f"{answered} of {len(rows)} published figures answered: {where / PAGE}")


def _material(folder: "Run", own: Path | None) -> "tuple[Material, Verdict]":
    """What the analyses read, and whether the employer survey's sampling may be believed."""
    from bayesgap.data.tables import read_tables
    from bayesgap.published_study.material import build_material, survey_health
    from bayesgap.published_study.optional import read_optional
    from bayesgap.study.bundle import resolve_data
    from bayesgap.study.chapters import chapter_priors

    tables = read_tables(resolve_data(folder.path / "study.toml", folder.study))
    tables |= read_optional(own) if own else {}
    material, tree = build_material(
        folder.study,
        tables,
        folder.outlook.load(),
        folder.draws,
        folder.panel,
        chapter_priors(),
        effects={name: folder.effect(name) for name in folder.scenario_names},
    )
    return material, survey_health(tree).verdict

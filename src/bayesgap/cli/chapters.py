"""Command on the report's chapters: every analysis of the study, from a finished run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, health_of, run_folder
from bayesgap.errors import RunError

if TYPE_CHECKING:
    from bayesgap.store import Run

PAGE = "report_chapters.md"
BLOCKS_READ = ("skill_mix", "imbalance")


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
    from bayesgap.analysis.chapters.material import build_material, survey_health
    from bayesgap.data.optional import read_optional
    from bayesgap.data.tables import read_tables
    from bayesgap.report.chapter_page import chapters_page
    from bayesgap.report.chapter_rows import report_rows
    from bayesgap.report.chapters import answer_all, write_answers
    from bayesgap.report.chapters import focus_region as focus_of
    from bayesgap.scenario_store import read_effect, scenario_names
    from bayesgap.spec.bundle import resolve_data
    from bayesgap.spec.chapters import chapter_priors
    from bayesgap.store import read_blocks, read_outlook, read_tree, run_study_spec, write_folder

    folder = run_folder(run)
    study = run_study_spec(folder)
    focus = focus_of(study, region)
    where = _free(folder, out)
    tables = read_tables(resolve_data(folder.path / "study.toml", study))
    tables |= read_optional(own) if own else {}
    blocks = read_blocks(folder)
    posterior = {name: blocks[name]["posterior"].to_dataset() for name in BLOCKS_READ}
    outlook = read_outlook(folder)
    panel = read_tree(folder, "panel.nc")
    effects = {name: read_effect(folder, name) for name in scenario_names(folder)}
    material, tree = build_material(
        study, tables, outlook, posterior, panel, chapter_priors(), effects=effects
    )
    results = answer_all(material)
    survey = survey_health(tree)
    found = health_of(folder)
    verdict = f"{found.verdict}; employer survey {survey.verdict}"
    marked = [group["education"] for group in found.groups if group["assumption_driven"]]
    figures = tables["report_figures"]
    rows = report_rows(results, outlook, effects, figures)
    text = chapters_page(rows, results, focus, folder.id, verdict)

    def fill(path: Path) -> None:
        write_answers(path, results, rows, study, figures, focus, verdict, folder.id, marked)
        (path / PAGE).write_text(text, encoding="utf-8")

    write_folder(folder, str(where), fill)
    if page is not None:
        page.write_text(text, encoding="utf-8")
    answered = int(rows["median"].notna().sum())
    typer.echo(f"Health: {verdict}.")
    typer.echo(f"{answered} of {len(rows)} published figures answered: {where / PAGE}")


def _free(run: "Run", out: Path | None) -> Path:
    """Where to write: nothing there, or what this command wrote before."""
    path = (run.path / "chapters" if out is None else out).absolute()
    if path.exists() and not (path / PAGE).exists():
        raise RunError(f"{path} must be new or hold {PAGE} of an earlier call. Name another --out.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path

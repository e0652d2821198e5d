"""From a run folder to the chapters: what is read, answered and written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.data.tables import read_tables
from bayesgap.present.csv_cells import defused_frame
from bayesgap.published_study.answers import Answers, answer_of, write_answers
from bayesgap.published_study.chapters import answer_all
from bayesgap.published_study.drawing import write_pictures
from bayesgap.published_study.inputs import ChapterInputs, build_inputs, survey_health
from bayesgap.published_study.optional import read_optional
from bayesgap.published_study.page import chapters_page
from bayesgap.published_study.rows import report_rows
from bayesgap.published_study.words import Voice
from bayesgap.runs.run import Run
from bayesgap.runs.tables import tables_folder
from bayesgap.runs.verdicts import Verdict
from bayesgap.study.chapters import chapter_priors

PAGE = "report_chapters.md"


@dataclass(frozen=True)
class Chapters:
    """The chapters of a run: the published figures with ours, the page, and what writes them."""

    verdict: str
    rows: pd.DataFrame
    page: str
    fill: Callable[[Path], None]

    @property
    def answered(self) -> int:
        """Number of published figures that have an answer."""
        return int(self.rows["median"].notna().sum())


def answer_chapters(run: Run, focus: str, own: Path | None) -> Chapters:
    """Answer every figure of the published study; nothing is written before `fill`.

    Parameters
    ----------
    focus : region of the figures
    own : folder of the user's own tables, if any
    """
    material, survey = read_inputs(run, own)
    results = answer_all(material)
    verdict = f"{run.health.verdict}; employer survey {survey}"
    marked = [group["education"] for group in run.health.groups if group["assumption_driven"]]
    answers = Answers(focus, verdict, {name: answer_of(of) for name, of in results.items()})
    figures = material.tables["report_figures"]
    rows = report_rows(results, material.outlook, material.effects, figures)
    page = chapters_page(rows, results, focus, run.id, verdict)

    def fill(path: Path) -> None:
        defused_frame(rows).to_csv(path / "published_figures.csv", index=False, float_format="%.7g")
        write_answers(path, answers)
        write_pictures(path, answers, run.study, figures, Voice(marked=marked), run.id)
        (path / PAGE).write_text(page, encoding="utf-8")

    return Chapters(verdict, rows, page, fill)


def read_inputs(run: Run, own: Path | None) -> tuple[ChapterInputs, Verdict]:
    """What the analyses read, and whether the employer survey's sampling may be believed."""
    tables = read_tables(tables_folder(run))
    tables |= read_optional(own) if own else {}
    material, tree = build_inputs(
        run.study,
        tables,
        run.outlook.load(),
        run.draws,
        run.panel,
        chapter_priors(),
        effects={name: run.effect(name) for name in run.scenario_names},
    )
    return material, survey_health(tree).verdict

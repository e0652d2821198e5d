"""A chapter's answer drawn: which rows, which chart, whose marks, in which language."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayesgap.present.figures import STYLE
from bayesgap.present.table import NOTES
from bayesgap.published_study.answers import Answers
from bayesgap.published_study.chapters import CHAPTERS, Chapter
from bayesgap.published_study.figures import (
    draw_flows,
    draw_missing,
    draw_parts,
    draw_paths,
    footnote,
    legend,
    number,
)
from bayesgap.published_study.words import Voice
from bayesgap.study.study import Study


def shown(table: pd.DataFrame, chapter: Chapter, study: Study, focus: str) -> pd.DataFrame:
    """Rows of the regions that a figure shows."""
    if "region" not in table:
        return table
    wanted: dict[str, Sequence[str]] = {
        "focus": [focus],
        "pair": [focus, study.total],
        "targets": study.targets,
        "total": [study.total],
        "every": list(table["region"].unique()),
    }
    others = table[~table["region"].isin(study.targets)]["region"].unique()
    wanted["beside"] = [focus, *others]
    return table[table["region"].isin(wanted[chapter.regions])]


def place_of(chapter: Chapter, study: Study, focus: str) -> str:
    """Region that a figure is about; empty if it is about several."""
    if chapter.regions in ("targets", "every", "beside"):
        return ""
    return study.total if chapter.regions == "total" else focus


def axis_name(name: str, unit: str, voice: Voice) -> str:
    """What stands on the axis, with its unit."""
    return voice.say(name) + ("" if unit == "share" else f" [{voice.say(unit)}]")


def draw_chart(
    chapter: Chapter,
    answers: Answers,
    study: Study,
    figures: pd.DataFrame,
    voice: Voice,
    width: float,
) -> tuple[Figure, Axes]:
    """One chart without title and footnote, `width` inches wide.

    `figures` are the published ones, marked where the region is.
    """
    answer = answers.by_figure[chapter.figure]
    figure = Figure(figsize=(width, 0.6 * width), layout="constrained")
    axes = figure.subplots()
    if answer.needs:
        draw_missing(axes, answer.note, answer.needs)
        return figure, axes
    table = shown(answer.table, chapter, study, answers.focus)
    marks = published_marks(chapter, figures, study, answers.focus)
    label = str if chapter.part in ("age", "size") else voice.part  # "35-39" is a sector too
    if chapter.part == "destination" and chapter.series:
        draw_flows(axes, table, chapter.series, chapter.part, voice.plain)
        return figure, axes
    if chapter.part:
        rows = table[chapter.part].nunique()
        each = table[chapter.series].nunique() if chapter.series else 1
        figure.set_figheight(max(0.38 * width, 1.5 + width * rows * (0.014 + 0.012 * each)))
        draw_parts(axes, table, chapter.part, chapter.series, label, marks)
        names = list(dict.fromkeys(table[chapter.series].map(str))) if chapter.series else []
        published = "" if marks is None else voice.say("the report")
        legend(axes, names, voice.plain, published, columns=5 if width > 8 else 3)
    else:
        draw_paths(axes, table, chapter.series, label, marks)
    axis = axes.xaxis if chapter.part else axes.yaxis
    axis.set_major_locator(MaxNLocator(6))
    axis.set_major_formatter(number(answer.unit))
    axis.set_label_text(axis_name(answer.name, answer.unit, voice))
    return figure, axes


def draw_chapter(
    chapter: Chapter, answers: Answers, study: Study, figures: pd.DataFrame, voice: Voice
) -> Figure:
    """One figure that stands alone: its chart under a title, over what it rests on."""
    answer = answers.by_figure[chapter.figure]
    figure, _ = draw_chart(chapter, answers, study, figures, voice, width=9.4)
    place = "" if answer.needs else place_of(chapter, study, answers.focus)
    title = f"{place}: {chapter.title}" if place else chapter.title
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    if answer.needs:
        footnote(figure, "", "", answers.verdict)
        return figure
    table = shown(answer.table, chapter, study, answers.focus)
    note = f"{answer.note} {shape_note(chapter, table)}"
    if chapter.part == "education" and voice.marked:
        note += f" {NOTES[' *']}"
    footnote(figure, answer.standing, note, answers.verdict)
    return figure


def shape_note(chapter: Chapter, table: pd.DataFrame) -> str:
    """What the shapes of a figure mean."""
    if chapter.part == "destination":
        return "Ribbons are medians; the table has their intervals."
    if chapter.part:
        return "Points: medians; lines: 50, 80 and 95 %."
    many = chapter.series is not None and table[chapter.series].nunique() > 2
    return "Bands: 80 %." if many else "Bands: 50, 80 and 95 %."


def published_marks(
    chapter: Chapter, figures: pd.DataFrame, study: Study, focus: str
) -> pd.DataFrame | None:
    """Published figures at their place in the chart, if their region is shown."""
    known = {str(row["id"]): row for row in figures.to_dict("records")}
    rows = []
    for name, cell in chapter.marks.items():
        if name not in known:
            continue
        region = str(known[name]["region"])
        own = {"focus": {focus}, "pair": {focus}, "total": {study.total}}.get(chapter.regions)
        if own is None or region in own:
            shown_in = {"region": region} if chapter.series == "region" else {}
            rows.append({**shown_in, **cell, "published": float(known[name]["value"])})
    return pd.DataFrame(rows) if rows else None


def write_pictures(
    folder: Path,
    answers: Answers,
    study: Study,
    figures: pd.DataFrame,
    voice: Voice,
    provenance: str,
) -> None:
    """A picture (PNG and SVG) of every figure."""
    with mpl.rc_context(STYLE):
        for chapter in CHAPTERS:
            figure = draw_chapter(chapter, answers, study, figures, voice)
            path = folder / chapter.stem
            figure.savefig(f"{path}.png", dpi=130, metadata={"Description": provenance})
            about = {"Description": provenance, "Date": None, "Title": chapter.title}
            figure.savefig(f"{path}.svg", metadata=about)

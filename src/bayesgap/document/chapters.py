"""The published report's chapters with our intervals: a picture of every analysis."""

from collections.abc import Sequence

import matplotlib as mpl
import pandas as pd

from bayesgap.document.facts import Facts
from bayesgap.document.gaps import Row
from bayesgap.document.parts import Heading, Item, Picture, Section
from bayesgap.present.figures import STYLE
from bayesgap.present.labels import person
from bayesgap.present.table import assumption_driven, rounded, step
from bayesgap.present.words import Words
from bayesgap.published_study.answers import Answer, Answers
from bayesgap.published_study.chapters import CHAPTERS, Chapter
from bayesgap.published_study.drawing import axis_name, draw_chart, place_of, shape_note, shown
from bayesgap.published_study.result import STANDINGS
from bayesgap.published_study.words import Voice

WIDTH = 7.4  # inches, as the other pictures
SAID_APART = ("standing", "note")  # on every row of a table, and under its picture


def section(facts: Facts, words: Words) -> Section:
    """Every analysis of the run, under the chapters of the published report."""
    heading = words("sections.chapters")
    if facts.answers is None:
        return Section("chapters", heading, [words("text.no_chapters")])
    voice = Voice(words.language, assumption_driven(facts.health, "education"))
    items: list[Item] = [words("text.chapters", region=facts.answers.focus)]
    part = ""
    for chapter in CHAPTERS:
        if chapter.figure not in facts.answers.by_figure:
            continue
        if chapter.part_of_report != part:
            part = chapter.part_of_report
            items.append(Heading(words(f"chapters.{part}")))
        items.append(_item(facts, facts.answers, words, voice, chapter))
    return Section("chapters", heading, items)


def _item(facts: Facts, answers: Answers, words: Words, voice: Voice, chapter: Chapter) -> Item:
    answer = answers.by_figure[chapter.figure]
    title = voice.say(chapter.title)
    if answer.needs:
        note = voice.sentences(answer.note)
        return words("text.chapter_missing", figure=chapter.figure, title=title, note=note)
    table = shown(answer.table, chapter, facts.study, answers.focus)
    known = pd.DataFrame({"id": []}) if facts.published is None else facts.published
    with mpl.rc_context(STYLE):
        figure, _ = draw_chart(chapter, answers, facts.study, known, voice, WIDTH)
    place = place_of(chapter, facts.study, answers.focus)
    caption = f"{chapter.figure} {title}" + (f", {place}" if place else "")
    return Picture(
        f"chapter_{chapter.stem.replace('.', '_')}",
        caption,
        _alt(words, voice, chapter, answer, table),
        figure,
        table.drop(columns=[*SAID_APART])
        .assign(run_id=facts.run_id)
        .to_csv(index=False, float_format="%.6g"),
        note=_note(words, voice, chapter, answer, table),
    )


def _note(words: Words, voice: Voice, chapter: Chapter, answer: Answer, table: pd.DataFrame) -> str:
    """What the figure rests on, what is assumed, and what its shapes mean."""
    rests = words("text.rests", standing=voice.say(STANDINGS[answer.standing]))
    said = f"{rests} {voice.sentences(answer.note)} {voice.sentences(shape_note(chapter, table))}"
    return said if chapter.part != "education" else f"{said} {words('text.star')}"


def _alt(words: Words, voice: Voice, chapter: Chapter, answer: Answer, table: pd.DataFrame) -> str:
    """What the axis says, and the highest and lowest row with their intervals."""
    rows = table if chapter.part else table[table["year"] == table["year"].max()]
    ordered = rows.sort_values("q0.5").to_dict("records")
    least, most = (_told(words, voice, chapter, answer, ordered[place]) for place in (0, -1))
    name = axis_name(answer.name, answer.unit, voice)
    kind = "captions.chapter_alt" if len(ordered) > 1 else "captions.chapter_alt_one"
    return words(kind, axis=name, n=len(ordered), most=most, least=least)


def _told(words: Words, voice: Voice, chapter: Chapter, answer: Answer, row: Row) -> str:
    """'Oslo: 4 100 (3 900 to 4 300)'."""
    names = [column for column in (chapter.part, chapter.series) if column in row]
    if not chapter.part and "year" not in names:
        names.append("year")
    label = ", ".join(_label(voice, str(name), row[name]) for name in names)
    low, middle, high = figures(answer.unit, [row[q] for q in ("q0.1", "q0.5", "q0.9")])
    return f"{label}: {middle} ({words('table.to').join((low, high))})"


def _label(voice: Voice, column: str, value: object) -> str:
    if column == "year":
        return str(int(float(str(value))))
    return str(value) if column in ("age", "size") else voice.plain(str(value))


def figures(unit: str, bounds: Sequence[float]) -> list[str]:
    """Low, middle and high as text, rounded to what their distance allows."""
    low, middle, high = (float(bound) for bound in bounds)
    if unit == "share":
        return [f"{100 * value:.0f} %" for value in (low, middle, high)]
    if unit == "pp":
        return [f"{value:.1f}".replace("-", "−") for value in (low, middle, high)]
    unit_step = step(high - low) if high > low else 1
    return [person(rounded(value, unit_step), False) for value in (low, middle, high)]

"""Chapters, sensitivity and validation in the report for people, in both languages."""

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import chapter_material
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.data.tables import read_tables
from bayesgap.document import chapters as chapters_of
from bayesgap.document import trust
from bayesgap.document.evidence import read_evidence
from bayesgap.document.facts import Facts
from bayesgap.document.parts import Picture, Table
from bayesgap.health.versions import law_version
from bayesgap.present.odds import LANGUAGES, Language
from bayesgap.present.words import Words
from bayesgap.published_study import chapters
from bayesgap.published_study.answers import Answers, answer_of, read_answers, write_answers
from bayesgap.published_study.drawing import shape_note
from bayesgap.published_study.result import STANDINGS
from bayesgap.published_study.words import NUMBER, SENTENCE_END, WORDS, phrases
from bayesgap.runs.run import open_run
from bayesgap.sensitivity import tables as sensitivity
from bayesgap.study.bundle import default_study, evidence_folder, resolve_data
from bayesgap.study.study import Study, load_study

RUN = "buskerud-00000000"
EMPTY: Any = None


@pytest.fixture(scope="module")
def whole_study() -> Study:
    return load_study(default_study())


@pytest.fixture(scope="module")
def all_tables(whole_study: Study) -> dict[str, pd.DataFrame]:
    return read_tables(resolve_data(default_study(), whole_study))


@pytest.fixture(scope="module")
def answers(whole_study: Study, all_tables: dict[str, pd.DataFrame]) -> Answers:
    results = chapters.answer_all(chapter_material.make(whole_study, all_tables))
    return Answers("Drammensregionen", "PASS", {k: answer_of(of) for k, of in results.items()})


@pytest.fixture(scope="module")
def facts(
    run_folder: Path, whole_study: Study, summary: pd.DataFrame, outlook: xr.Dataset,
    answers: Answers, all_tables: dict[str, pd.DataFrame],
) -> Facts:  # fmt: skip
    health = open_run(run_folder).health
    known = all_tables["report_figures"]
    return Facts(
        RUN, whole_study, health, summary, outlook, {}, {}, published=known, answers=answers
    )


def test_answers_are_the_same_once_they_are_kept(answers: Answers, tmp_path: Path) -> None:
    write_answers(tmp_path, answers)
    kept = read_answers(tmp_path)
    assert kept is not None and (kept.focus, kept.verdict) == (answers.focus, answers.verdict)
    assert set(kept.by_figure) == set(answers.by_figure)
    for figure, answer in answers.by_figure.items():
        found = kept.by_figure[figure]
        assert replace(found, table=EMPTY) == replace(answer, table=EMPTY)
        if not answer.needs:
            pd.testing.assert_frame_equal(found.table, answer.table, check_dtype=False, rtol=1e-5)
    assert read_answers(tmp_path / "nowhere") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_analysis_has_its_picture(
    facts: Facts, answers: Answers, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapters_of, "draw_chart", lambda *given, **more: (None, None))
    items = chapters_of.section(facts, Words(language)).items
    pictures = [item for item in items if isinstance(item, Picture)]
    assert len(pictures) == len(chapters.CHAPTERS)
    assert len({picture.id for picture in pictures}) == len(pictures)
    to = Words(language)("table.to")
    for picture in pictures:
        assert to in picture.alt and len(picture.alt) > 60, picture.id
        assert len(picture.note) > 40, picture.id
        rows = pd.read_csv(StringIO(picture.csv))
        assert (rows["run_id"] == RUN).all() and {"q0.1", "q0.9"} <= set(rows)


def test_alternative_text_tells_the_highest_median(facts: Facts, answers: Answers) -> None:
    chapter = next(c for c in chapters.CHAPTERS if c.figure == "4-2")
    table = answers.by_figure["4-2"].table
    last = table[(table["region"] == "Drammensregionen") & (table["year"] == 2040)]
    most = last.sort_values("q0.5").iloc[-1]
    few = replace(answers, by_figure={"4-2": answers.by_figure["4-2"]})
    section = chapters_of.section(replace(facts, answers=few), Words("en"))
    (picture,) = [item for item in section.items if isinstance(item, Picture)]
    low, middle, high = chapters_of.figures("person", most[["q0.1", "q0.5", "q0.9"]])
    assert f"2040: {middle} ({low} to {high}). Lowest" in picture.alt
    assert chapter.title in picture.caption and picture.figure.axes


def test_every_phrase_of_the_chapters_has_a_norwegian_one(answers: Answers) -> None:
    said = {
        *STANDINGS.values(),
        *WORDS.values(),
        "the report",
        *(c.title for c in chapters.CHAPTERS),
    }
    for chapter in chapters.CHAPTERS:
        answer = answers.by_figure[chapter.figure]
        notes = [answer.note] + ([] if answer.needs else [shape_note(chapter, answer.table)])
        said |= {part for note in notes for part in SENTENCE_END.split(note) if part}
        said |= {answer.name, "" if answer.unit == "share" else answer.unit} - {""}
    unknown = sorted(s for s in said if NUMBER.sub("#", s) not in phrases())
    assert unknown == []


def test_phrases_keep_their_numbers() -> None:
    assert all(english.count("#") == own.count("#") for english, own in phrases().items())
    said = chapters_of.Voice("nb").sentences("Bands: 50, 80 and 95 %. Effective points 583.")
    assert said == "Bånd: 50, 80 og 95 %. Effektive poeng: 583."


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_computed_names_its_command(facts: Facts, language: Language) -> None:
    words = Words(language)
    bare = replace(facts, answers=None)
    text = " ".join(
        str(item)
        for of in (chapters_of.section, trust.sensitivity, trust.validation)
        for item in of(bare, words).items
    )
    for command in ("chapters", f"uncertainty {RUN}", f"sensitivity {RUN}", "validate sbc"):
        assert f"bayesgap {command}" in text, command


def moves(labels: dict[str, float]) -> pd.DataFrame:
    """Priors that move the median by so many standard deviations."""
    base = {"base_median": 100.0, "base_lower": -1000.0, "base_upper": 1000.0, "base_sd": 800.0}
    rows = [
        {"label": label, "factor": 2.0, "region": "Buskerud", "part": "all", "reached": True,
         "median": 100.0 + 800 * shift, "lower": -1000.0, "upper": 1000.0, "error": 0.01,
         "chance": 0.6, "k": 0.2, "method": "weights", **base}
        for label, shift in labels.items()
    ]  # fmt: skip
    return sensitivity.measured(pd.DataFrame(rows))


def shares(**parts: float) -> pd.DataFrame:
    rows = [
        {"region": "Buskerud", "year": 2040, "part": "all", "input": name, "share": share,
         "error": 0.01, "sd": 800.0, "game": "inputs"}
        for name, share in parts.items()
    ]  # fmt: skip
    return pd.DataFrame([*rows, {**rows[0], "game": "origins", "input": "shocks"}])


def test_sensitivity_is_told_from_what_the_run_keeps(facts: Facts) -> None:
    told = replace(
        facts,
        uncertainty=shares(population=0.2, sectors=0.805, commuting=-0.005),
        moves=moves({"a.small": 0.01, "b.large": 0.9, "c.middle": -0.3}),
    )
    found = {t.id: t for t in trust.sensitivity(told, Words("en")).items if isinstance(t, Table)}
    inputs = found["uncertainty_inputs"].rows
    assert [row[0] for row in inputs] == [
        "growth of sectors", "population and migration", "commuting"
    ]  # fmt: skip
    assert inputs[0][1:] == ["80 %", "79 % to 82 %"] and inputs[2][1:] == ["0 %", "0 % to 1 %"]
    rows = found["moves"].rows
    assert [row[0] for row in rows] == ["b.large × 2", "c.middle × 2", "a.small × 2"]
    assert [row[-1] for row in rows] == ["decisive", "of some weight", "without weight"]


def test_evidence_ages_with_the_law(whole_study: Study, tmp_path: Path) -> None:
    told = {"quantity": "total", "simulations": 200, "inside": True, "coverage_80": 0.8}
    blocks = {"imbalance": law_version("imbalance", whole_study), "sectors": "00000000"}
    rows = [{"block": block, "version": v, **told} for block, v in blocks.items()]
    pd.DataFrame(rows).to_csv(tmp_path / "sbc.csv", index=False)
    found = read_evidence(tmp_path, whole_study).calibration
    assert dict(zip(found["block"], found["current"], strict=True)) == {
        "imbalance": True, "sectors": False
    }  # fmt: skip


def test_validation_shows_the_evidence_that_comes_with_the_package(
    facts: Facts, whole_study: Study
) -> None:
    evidence = read_evidence(evidence_folder(), whole_study)
    items = trust.validation(replace(facts, evidence=evidence), Words("nb")).items
    table = next(item for item in items if isinstance(item, Table) and item.id == "calibration")
    known = pd.read_csv(evidence_folder() / "sbc.csv")
    assert len(table.rows) == known["block"].nunique()
    assert all(re.fullmatch(r"\d+ % til \d+ %", row[3]) for row in table.rows)
    rest = set(whole_study.priors) - set(known["block"])
    told = " ".join(item for item in items if isinstance(item, str))
    assert all(Words("nb").name("blocks", block) in told for block in rest)


def test_figures_of_shares_points_and_persons() -> None:
    assert chapters_of.figures("share", [0.1, 0.224, 0.3]) == ["10 %", "22 %", "30 %"]
    assert chapters_of.figures("pp", [-1.04, 2.0, 3.0]) == ["−1.0", "2.0", "3.0"]
    people = chapters_of.figures("person", np.array([1_212.0, 1_555.0, 2_345.0]))
    assert [re.sub(r"\D", "", text) for text in people] == ["1200", "1600", "2300"]

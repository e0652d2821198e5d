"""Answers of the chapters as a run keeps them: a tidy table of each, and what it rests on."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from bayesgap.published_study.chapters import CHAPTERS
from bayesgap.published_study.result import Missing, Result, tidy

INDEX = "answers.json"
NUMBERS = ("year", "mean")  # beside quantiles; other columns are names, even where they look so


@dataclass(frozen=True)
class Answer:
    """What one figure shows: `name` [`unit`] of every row of `table`; or what it `needs`.

    `table` is as `result.tidy` gives it.
    """

    name: str
    unit: str
    standing: str
    note: str
    needs: str
    table: pd.DataFrame


def answer_of(result: Result | Missing) -> Answer:
    """A result without its draws."""
    if isinstance(result, Missing):
        return Answer("", "", "", result.note, result.needs, pd.DataFrame())
    table, name = tidy(result), str(result.draws.name)
    names = [c for c in table.columns if not _is_number(c)]
    table = table.astype(dict.fromkeys(names, str))
    return Answer(name, result.unit, result.standing, result.note, "", table)


def _is_number(column: str) -> bool:
    return column in NUMBERS or column.startswith("q0.")


@dataclass(frozen=True)
class Answers:
    """Every answer by figure, the region that figures are about, and what may be believed."""

    focus: str
    verdict: str
    by_figure: Mapping[str, Answer]


def write_answers(folder: Path, answers: Answers) -> None:
    """A table of every answer, and an index of what each rests on."""
    for chapter in CHAPTERS:
        table = answers.by_figure[chapter.figure].table
        if not table.empty:
            table.to_csv(folder / f"{chapter.stem}.csv", index=False, float_format="%.7g")
    told = {figure: _without_table(answer) for figure, answer in answers.by_figure.items()}
    index = {"focus": answers.focus, "verdict": answers.verdict, "answers": told}
    (folder / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")


def _without_table(answer: Answer) -> dict[str, Any]:
    told = asdict(replace(answer, table=pd.DataFrame()))
    del told["table"]
    return told


def read_answers(folder: Path) -> Answers | None:
    """What `write_answers` wrote; None if nothing."""
    if not (folder / INDEX).is_file():
        return None
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    stems = {chapter.figure: chapter.stem for chapter in CHAPTERS}
    found = {
        figure: Answer(**told, table=_read(folder / f"{stems[figure]}.csv"))
        for figure, told in index["answers"].items()
        if figure in stems
    }
    return Answers(index["focus"], index["verdict"], found)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame()
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    numbers = [c for c in table.columns if _is_number(c)]
    return table.assign(**{name: pd.to_numeric(table[name]) for name in numbers})

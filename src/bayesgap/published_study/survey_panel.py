"""Panel of the survey block: answers of employers as counts of cells, rounding undone.

A published share with its rounding half-width allows a few whole counts out of n respondents;
all that add up are kept as variants with their multinomial weight. A table `employer_survey` of
the user's gives exact counts, and replaces the published shares of its question and region.
Answers that no observation tells apart are one answer (of 1 to 6, say, "1-2" and "3-6").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, floor

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import gammaln

from bayesgap.errors import DataError, Problem

ORDERED, UNORDERED = "ordered", "unordered"
SCALE = ("1", "2", "3", "4", "5", "6")
NO_YES = ("no", "yes")
TOTAL_SHARE = {
    "Drammensregionen": "survey_share_drammen",
    "Kongsbergregionen": "survey_share_kongsberg",
    "Ringeriksregionen": "survey_share_ringerike",
    "Hallingdal": "survey_share_hallingdal",
}


@dataclass(frozen=True)
class Question:
    """A question, its answers, and which published figures tell about runs of answers."""

    kind: str
    answers: tuple[str, ...]
    published: Mapping[str, tuple[int, int]]


def _yes(figure: str) -> Question:
    return Question(ORDERED, NO_YES, {figure: (2, 2)})


def _top_two(figure: str) -> Question:
    return Question(ORDERED, SCALE, {figure: (5, 6)})


QUESTIONS: dict[str, Question] = {
    "unmet_need": Question(ORDERED, SCALE, {"survey_unmet_need_low": (1, 2)}),
    "hired_long_absence": _yes("survey_hired_long_absence"),
    "hired_weak_norwegian": _yes("survey_hired_weak_norwegian"),
    "hired_over_55": _yes("survey_hired_over_55"),
    "more_master": _yes("survey_more_master"),
    "more_bachelor": _yes("survey_more_bachelor"),
    "need_technology": _top_two("survey_need_technology"),
    "need_digitalisation": _top_two("survey_need_digitalisation"),
    "need_sustainability": _top_two("survey_need_sustainability"),
    "digital_change": Question(ORDERED, SCALE, {f"survey_ai_{k}": (k, k) for k in range(1, 7)}),
    "technology_effect": Question(
        UNORDERED,
        ("raises productivity", "replaces labour", "neither or unknown"),
        {"survey_tech_productivity": (1, 1), "survey_tech_replace": (2, 2)},
    ),
}


@dataclass(frozen=True)
class Row:
    """One question in one region: cells of answers and the counts that they may have."""

    question: str
    region: str
    cells: tuple[tuple[int, int], ...]
    variants: tuple[tuple[int, ...], ...]


def respondents(figures: pd.DataFrame) -> dict[str, int]:
    """Respondents of every region: the published shares of all, rounded, and the total kept."""
    value = figures.set_index("id")["value"]
    n = int(value["survey_n_total"])
    sizes = {region: round(n * float(value[name])) for region, name in TOTAL_SHARE.items()}
    return sizes


def possible_counts(value: float, half_width: float, n: int) -> list[int]:
    """Whole counts out of `n` whose share rounds to the published one."""
    low, high = ceil(n * (value - half_width) - 1e-9), floor(n * (value + half_width) + 1e-9)
    return list(range(max(low, 0), min(high, n) + 1))


def published_row(
    name: str, question: Question, region: str, figures: pd.DataFrame, n: int
) -> Row | None:
    """Counts of the cells that the published shares of a question allow; the rest is one more."""
    known = figures[(figures["region"] == region) & figures["id"].isin(list(question.published))]
    if known.empty:
        return None
    cells = [question.published[figure] for figure in known["id"]]
    choices = [
        possible_counts(float(value), float(width), n)
        for value, width in zip(known["value"], known["half_width"], strict=True)
    ]
    missing = _missing(cells, len(question.answers))
    variants = [
        (*counts, *([n - sum(counts)] if missing else ()))
        for counts in product(*choices)
        if (sum(counts) <= n if missing else sum(counts) == n)
    ]
    if not variants:
        found = f"no whole answers of {n} respondents give the published shares of {name}"
        fix = "Correct the shares, their half-widths or the number of respondents."
        raise DataError([Problem("report_figures.csv", None, "value", found, fix)])
    return Row(name, region, (*cells, *missing), tuple(variants))


def _missing(cells: Sequence[tuple[int, int]], answers: int) -> list[tuple[int, int]]:
    """The answers that no cell names, if any, as one run (they are at an end of the scale)."""
    named = {answer for low, high in cells for answer in range(low, high + 1)}
    rest = sorted(set(range(1, answers + 1)) - named)
    return [(rest[0], rest[-1])] if rest else []


def own_row(name: str, question: Question, region: str, rows: pd.DataFrame) -> Row:
    """Exact counts of every answer; an answer without a row was given by nobody."""
    given = rows.groupby(rows["answer"].astype(str))["respondents"].sum()
    counts = tuple(int(given.get(answer, 0)) for answer in question.answers)
    cells = tuple((k, k) for k in range(1, len(question.answers) + 1))
    return Row(name, region, cells, (counts,))


def build_survey_panel(tables: Mapping[str, pd.DataFrame], regions: Sequence[str]) -> xr.Dataset:
    """Observed answers of every question and region (see `panel_of_rows`)."""
    figures = tables["report_figures"]
    sizes = respondents(figures)
    own = tables.get("employer_survey", pd.DataFrame(columns=["question", "region"]))
    rows: list[Row] = []
    for name, question in QUESTIONS.items():
        for region in regions:
            theirs = own[(own["question"] == name) & (own["region"] == region)]
            if len(theirs):
                rows.append(own_row(name, question, region, theirs))
            elif row := published_row(name, question, region, figures, sizes[region]):
                rows.append(row)
    panel = panel_of_rows(rows, QUESTIONS, regions)
    return panel.assign(respondents=("region", [sizes[region] for region in regions]))


def panel_of_rows(
    rows: Iterable[Row], questions: Mapping[str, Question], regions: Sequence[str]
) -> xr.Dataset:
    """Rows as arrays.

    Returns
    -------
    Dataset with `kind`, `answers` (question) and `label` (question, answer), empty beyond them;
    `cell_question`, `cell_region`, `low`, `high` (cell); `count` (row, variant, cell) and
    `log_weight` (row, variant), the multinomial coefficients, -inf for a variant a row lacks
    """
    rows = list(rows)
    names = list(questions)
    runs = {
        name: told_apart(q, [r for r in rows if r.question == name])
        for name, q in questions.items()
    }
    widest = max((len(row.variants) for row in rows), default=1)
    count = np.zeros((len(rows), widest, sum(len(row.cells) for row in rows)))
    weight = np.full((len(rows), widest), -np.inf)
    where: list[tuple[int, ...]] = []
    for place, row in enumerate(rows):
        start = len(where)
        for low, high in row.cells:
            first, last = (_run_of(runs[row.question], answer) for answer in (low, high))
            where.append((names.index(row.question), list(regions).index(row.region), first, last))
        for variant, counts in enumerate(row.variants):
            count[place, variant, start : len(where)] = counts
            weight[place, variant] = gammaln(sum(counts) + 1) - gammaln(np.array(counts) + 1).sum()
    table = np.array(where, dtype=int).reshape(-1, 4)
    labels = [[label_of(questions[name], run) for run in runs[name]] for name in names]
    most = max(map(len, labels))
    return xr.Dataset(
        {
            "kind": ("question", [q.kind for q in questions.values()]),
            "answers": ("question", [len(runs[name]) for name in names]),
            "label": (("question", "answer"), [own + [""] * (most - len(own)) for own in labels]),
            "cell_question": ("cell", table[:, 0]),
            "cell_region": ("cell", table[:, 1]),
            "low": ("cell", table[:, 2]),
            "high": ("cell", table[:, 3]),
            "count": (("row", "variant", "cell"), count),
            "log_weight": (("row", "variant"), weight),
        },
        coords={"question": names, "region": list(regions), "answer": np.arange(1, most + 1)},
    )


def told_apart(question: Question, rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Runs of answers that some observation tells from the others; all of them if there is none."""
    last = len(question.answers)
    if not rows:
        return [(k, k) for k in range(1, last + 1)]
    starts = sorted({low for row in rows for low, _ in row.cells} | {1})
    return list(zip(starts, [start - 1 for start in starts[1:]] + [last], strict=True))


def _run_of(runs: Sequence[tuple[int, int]], answer: int) -> int:
    return next(place for place, (low, high) in enumerate(runs, 1) if low <= answer <= high)


def label_of(question: Question, run: tuple[int, int]) -> str:
    """Name of a run of answers: "1-2", or the answer itself."""
    low, high = run
    first, last = question.answers[low - 1], question.answers[high - 1]
    return first if low == high else f"{first}-{last}"

"""The page of the report's chapters: figures, recommendations and published figures beside ours."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from bayesgap.published_study.chapters import CHAPTERS, Chapter
from bayesgap.published_study.comparison import plain
from bayesgap.published_study.levers import RECOMMENDATIONS, Recommendation
from bayesgap.published_study.result import Missing, Result, quantiles

NOT_HERE = "not quantifiable here"


def chapters_page(
    rows: pd.DataFrame,
    results: Mapping[str, Result | Missing],
    region: str,
    run_id: str,
    verdict: str,
) -> str:
    """Markdown page: every figure of the report with its function, and every published figure."""
    head = (
        "# Every analysis of the report\n\n"
        f"Run `{run_id}`, health verdict **{verdict}**. Made by `bayesgap chapters`, which also "
        "writes a table and a picture of each analysis. Medians and equal-tailed 80 % credible "
        "intervals; the percentile is the share of our draws below the published figure. Nothing "
        "was tuned to meet these figures. *Input* marks figures that our analysis reads because "
        "nothing open replaces them: agreement with those is by construction.\n\n"
        "## Figures\n\n| figure | also | what | function | rests on | note |\n"
        "|---|---|---|---|---|---|\n"
    )
    lines = [_figure_line(chapter, results[chapter.figure]) for chapter in CHAPTERS]
    levers = (
        f"\n\n## Recommendations\n\nEffect on {region}'s gap in the last year, persons; below 0 "
        "closes it.\n\n| | recommendation | effect: median (80 % interval) | what is meant |\n"
        "|---:|---|---|---|\n"
    )
    effects = [_recommendation_line(r, results["7.2"], region) for r in RECOMMENDATIONS]
    middle = (
        "\n\n## Published figures\n\n| figure | published figure | function | file | unit "
        "| published | our median | our 80 % interval | percentile | note |\n"
        "|---|---|---|---|---|---:|---:|---:|---:|---|\n"
    )
    body = [_row_line(row) for row in rows.to_dict("records")]
    tables = zip((head, levers, middle), (lines, effects, body), strict=True)
    return "".join(top + "\n".join(own) for top, own in tables) + "\n"


def _recommendation_line(
    recommendation: Recommendation, result: Result | Missing, region: str
) -> str:
    """Effects of the levers of one recommendation; those that the run lacks say so."""
    parts = []
    for name in recommendation.levers:
        if isinstance(result, Missing) or name not in result.draws["scenario"].to_numpy():
            parts.append(f"{name}: not in this run")
            continue
        bounds = quantiles(result.draws.sel(region=region, scenario=name, drop=True))
        low, median, high = (
            plain(float(bounds.sel(quantile=q)), "persons") for q in (0.1, 0.5, 0.9)
        )
        parts.append(f"{name}: {median} ({low} to {high})")
    effect = "<br>".join(parts) or NOT_HERE
    return (
        f"| {recommendation.number} | {recommendation.title} | {effect} | {recommendation.note} |"
    )


def _figure_line(chapter: Chapter, result: Result | Missing) -> str:
    rests = "nothing yet" if isinstance(result, Missing) else result.standing
    return (
        f"| {chapter.figure} | {chapter.also} | {chapter.title} | `{chapter.function}` | {rests} "
        f"| {result.note} |"
    )


def _row_line(row: Mapping[Hashable, Any]) -> str:
    unit = str(row["unit"])
    ours = ["–", "–", "–"]
    if np.isfinite(float(row["median"])):
        median, low, high = (plain(float(row[n]), unit) for n in ("median", "lower80", "upper80"))
        percentile = float(row["percentile"])
        ours = [median, f"{low} to {high}", f"{percentile:.0f}" if np.isfinite(percentile) else "–"]
    note = f"*Input.* {row['note']}".strip() if row["input"] else str(row["note"])
    published = plain(float(row["published"]), unit)
    return (
        f"| {row['figure']} | {row['quantity']}, {row['region']} (`{row['id']}`) "
        f"| `{row['function']}` | `{row['file']}` | {unit} | {published} "
        f"| {' | '.join(ours)} | {note} |"
    )

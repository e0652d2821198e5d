"""The page of the report's chapters: figures, recommendations and published figures beside ours."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from bayesgap.present.markdown import render
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
    return render(
        "published_study/page",
        region=region,
        run_id=run_id,
        verdict=verdict,
        figures=[_figure(chapter, results[chapter.figure]) for chapter in CHAPTERS],
        recommendations=[(one, _effect(one, results["7.2"], region)) for one in RECOMMENDATIONS],
        rows=rows.to_dict("records"),
        plain=plain,
        ours=_ours,
        note=_note,
    )


def _effect(recommendation: Recommendation, result: Result | Missing, region: str) -> str:
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
    return "<br>".join(parts) or NOT_HERE


def _figure(chapter: Chapter, result: Result | Missing) -> tuple[Chapter, str, str]:
    rests = "nothing yet" if isinstance(result, Missing) else result.standing
    return chapter, rests, result.note


def _ours(row: Mapping[Hashable, Any]) -> tuple[str, str, str]:
    """Median, interval and percentile; dashes where nothing answers the figure."""
    if not np.isfinite(row["median"]):
        return "–", "–", "–"
    median, low, high = (plain(row[n], row["unit"]) for n in ("median", "lower80", "upper80"))
    percentile = f"{row['percentile']:.0f}" if np.isfinite(row["percentile"]) else "–"
    return median, f"{low} to {high}", percentile


def _note(row: Mapping[Hashable, Any]) -> str:
    return f"*Input.* {row['note']}".strip() if row["input"] else str(row["note"])

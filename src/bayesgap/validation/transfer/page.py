"""The page of the chain from an origin: studies as of a past year, against what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayesgap.present.markdown import render
from bayesgap.validation.backtest.results import MODEL
from bayesgap.validation.backtest.score_tables import score_table
from bayesgap.validation.backtest.scores import LEVELS

COLUMNS = 3
SAID = {"group": "what is counted", "against": "baseline"}
RIVALS = ("group", "ahead", "method", "coverage_80", "crps", "mape", "bias", "cases")
SCORES = ("coverage_50", "coverage_80", "coverage_95", "crps", "wis", "mape", "bias")
FACTS = ("bayesgap", "date", "seed", "machine", "version of the chain", "version of data")
RATIOS = ("group", "ahead", "against", "crps_ratio", "mape_ratio", "cases")


@dataclass(frozen=True)
class Evidence:
    """One test: `about` of the evidence, its scored cases, slices, skill, and its picture."""

    about: Mapping[str, Any]
    slices: pd.DataFrame
    skill: pd.DataFrame
    picture: str


def transfer_page(tests: Sequence[Evidence], command: str) -> str:
    """Markdown of every test, each with what it rests on."""
    return render(
        "validation/transfer/page",
        tests=[_section(test) for test in tests],
        command=command,
        table=_table,
        scores=("group", "ahead", *SCORES, "width_80", "pit_mean", "cases"),
        rivals=RIVALS,
        ratios=RATIOS,
    )


def _section(test: Evidence) -> dict[str, object]:
    about, checks = test.about, test.about["checks"]
    return {
        "about": about,
        "facts": "; ".join(f"{key} {about[key]}" for key in FACTS),
        "checks": " ".join(f"{check['verdict']}: {check['sentence']}" for check in checks),
        "picture": test.picture,
        "main": test.slices[test.slices["method"] == MODEL],
        "slices": test.slices,
        "skill": test.skill,
        "verdict": _verdict(test.skill),
    }


def _verdict(skill: pd.DataFrame) -> str:
    """Where a baseline wins, in a sentence."""
    lost = skill[skill["crps_ratio"] > 1]
    if lost.empty:
        return "By CRPS no baseline is better anywhere."
    where = lost["against"].str.replace("_", " ") + " of " + lost["group"] + " at " + lost["ahead"]
    return f"By CRPS a baseline is better in {len(lost)} of {len(skill)} rows: " + (
        "; ".join(where + " years") + "."
    )


def _table(rows: pd.DataFrame, columns: Sequence[str]) -> str:
    return score_table(rows[list(columns)].rename(columns=SAID))


def paths_figure(paths: pd.DataFrame, origin: int) -> Figure:
    """A panel a series: counted years as points, the forecast as bands."""
    series = list(paths.groupby(["group", "region"], sort=True))
    rows = -(-len(series) // COLUMNS)
    figure = Figure(figsize=(4 * COLUMNS, 2.6 * rows), layout="constrained")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, ((group, region), part) in zip(axes, series, strict=False):
        _panel(axis, part.sort_values("year"), origin)
        axis.set_title(f"{region}\n{group}", fontsize=8)
    for axis in axes[len(series) :]:
        axis.set_visible(False)
    return figure


def _panel(axis: Axes, part: pd.DataFrame, origin: int) -> None:
    ahead = part.dropna(subset="q500")
    for level in sorted(LEVELS, reverse=True):
        low, high = f"q{5 * (100 - level):03.0f}", f"q{1000 - 5 * (100 - level):03.0f}"
        axis.fill_between(ahead["year"], ahead[low], ahead[high], color="C0", alpha=0.2, lw=0)
    axis.plot(ahead["year"], ahead["q500"], color="C0", lw=1)
    axis.plot(part["year"], part["persons"], "k.", ms=4)
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.axvline(origin + 0.5, color="grey", lw=0.8, ls=":")
    axis.tick_params(labelsize=7)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace(",", " "))

"""The page of the chain from an origin: studies as of a past year, against what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayesgap.validation.backtest.results import MODEL
from bayesgap.validation.backtest.score_tables import score_table
from bayesgap.validation.backtest.scores import LEVELS

COLUMNS = 3
SAID = {"group": "what is counted", "against": "baseline"}
RIVALS = ("group", "ahead", "method", "coverage_80", "crps", "mape", "bias", "cases")
SCORES = ("coverage_50", "coverage_80", "coverage_95", "crps", "wis", "mape", "bias")
RATIOS = ("group", "ahead", "against", "crps_ratio", "mape_ratio", "cases")
INTRODUCTION = """# The whole chain from a past year, against what came

A study is cut at an origin: rows of later years are taken out of every table, the base year is the
origin, and the ordinary run fits every block and projects to the last year that has been counted.
Intervals are equal-tailed credible intervals. Errors, CRPS, WIS and widths are in per cent of the
outcome. Baselines become distributions by their own errors from earlier origins.

**What is counted, and what the model calls it.** Registers count people at work by where they live
and by where the job is. Employed residents are the model's labour force less its unemployed, at
home. Employed at the workplace are its filled jobs: demand less unfilled jobs. Supply, demand and
the gap themselves hold unemployed people and unfilled jobs by education, which nobody counts: they
are not scored, and the labour force is scored through those of it who are employed. The gap of a
region is not its net commuting, which is what the two counts differ by.

**What this is not.** Outcomes are today's revised figures. Priors and assumed tables (shapes of
cohorts, the mix of education within industries, participation by age) were written in 2026 by
people who knew the years that are scored. Where a study is not told how many of each education are
at work, assumed rates say it, and the forecast begins off the count; a baseline begins at it. One
origin of one place is one path: its years are not independent cases, and coverage over them says
whether the path stayed inside, not how often paths do.

**Norwegian regions.** People at work by home and by workplace are counted in the study's tables
from 2017 to 2022 only (SSB 11618). Cut at 2019, the default study has three years of commuting and
participation to learn from, and the three years of the pandemic to be scored on; cut earlier, it
has hardly any. Residents of 2022-24 hold the refugee inflow, which nothing before 2019 foretold;
one origin cannot tell such years from a fault of the law, for which the backtest has ten.
`bayesgap validate transfer models/buskerud.toml --origin 2019` does it; where it has not been run,
it is not on this page.
"""


@dataclass(frozen=True)
class Evidence:
    """One test: `about` of the evidence, its scored cases, slices, skill, and its picture."""

    about: Mapping[str, Any]
    slices: pd.DataFrame
    skill: pd.DataFrame
    picture: str


def transfer_page(tests: Sequence[Evidence], command: str) -> str:
    """Markdown of every test, each with what it rests on."""
    return "\n".join([INTRODUCTION, f"Made by `{command}`.", "", *map(_section, tests)])


def _section(test: Evidence) -> str:
    told = test.about
    learns = ", ".join(told["learns from"]) or "no other region"
    facts = [f"{key} {told[key]}" for key in ("bayesgap", "date", "seed", "machine")]
    facts += [f"{key} {told[key]}" for key in ("version of the chain", "version of data")]
    main = test.slices[test.slices["method"] == MODEL]
    lines = [
        f"## {told['title']} from {told['origin']} to {told['last year']}",
        "",
        f"Study `{told['study']}`; it learns from {learns}. {told['draws']}; "
        f"{told['seconds']} seconds on a shared machine. {'; '.join(facts)}.",
        "",
        f"Verdict of the run: **{told['verdict']}**. "
        + " ".join(f"{check['verdict']}: {check['sentence']}" for check in told["checks"]),
        "",
        *([told["remarks"], ""] if told.get("remarks") else []),
        f"![Counted, and the forecast's 50, 80 and 95 % intervals]({test.picture})",
        "",
        "### Scores",
        "",
        _table(main, ("group", "ahead", *SCORES, "width_80", "pit_mean", "cases")),
        "",
        _verdict(test.skill),
        "",
        "### Beside baselines",
        "",
        _table(test.slices, RIVALS),
        "",
        "### Relative to each baseline (below 1 is better than it)",
        "",
        _table(test.skill, RATIOS),
        "",
    ]
    return "\n".join(lines)


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

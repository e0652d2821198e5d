"""The page of the backtests: what was forecast, what came, and where a baseline was better."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

MODEL = "bayesgap"
BAND = (0.72, 0.90)
HEADS = {
    "group": "ages",
    "horizon": "years ahead",
    "coverage_50": "in 50 %",
    "coverage_80": "in 80 %",
    "coverage_95": "in 95 %",
    "interval": "80 %: block interval",
    "crps": "CRPS, %",
    "wis": "WIS, %",
    "mape": "MAPE, %",
    "bias": "bias, %",
    "width_80": "width of 80 %, %",
    "cases": "cases",
    "regions": "regions",
    "origins": "origins",
    "method": "forecast",
    "origin": "origin",
    "size": "residents",
}
FIRST = ("group", "horizon", "coverage_50", "coverage_80", "interval", "coverage_95")
SCORES = ("crps", "wis", "mape", "bias", "width_80")
BLOCKS = {
    "population": "Population by age",
    "population_shares": "Shares of the sum of all regions (the nation's error taken out)",
    "population_telemark": "Telemark's municipalities, ages 20-66",
}


def validation_page(
    scores: pd.DataFrame,
    origins: pd.DataFrame,
    skill: pd.DataFrame,
    about: Mapping[str, object],
    seconds: pd.DataFrame,
) -> str:
    """Markdown of the whole page; every figure in it stands in the tables beside it."""
    parts = [_head(about, seconds)]
    for block, title in BLOCKS.items():
        table = scores[(scores["block"] == block) & scores["horizon"].isin([5, 10])]
        if len(table):
            parts.append(_block(title, table, origins[origins["block"] == block]))
            parts.append(_skill(skill[skill["block"] == block]))
    parts.append(
        "## Coverage by origin\n\n![Coverage by origin](figures/backtest_origins.png)\n\n"
        "Ages 20-66, share of regions inside the 80 % interval by origin. Outcomes of 2022-2024 "
        "(origins from 2017 at five years, from 2012 at ten) hold the refugee inflow.\n"
    )
    return "\n".join(parts)


def _head(about: Mapping[str, object], seconds: pd.DataFrame) -> str:
    facts = "\n".join(f"| {name} | {value} |" for name, value in about.items())
    pace = f"{seconds['seconds'].median():.0f} s (median; {seconds['seconds'].max():.0f} s at most)"
    return (
        "# Is it true? Forecasts from old data against what came\n\n"
        "Written by `bayesgap validate backtest`; not edited by hand. Intervals are equal-tailed "
        "credible intervals. Errors, CRPS, WIS and widths are in per cent of the outcome. The "
        "block interval draws whole origins and whole regions (95 %). Baselines are dressed with "
        "their own errors from earlier origins; the best one is chosen without the scored origin. "
        "Outcomes are today's revised figures at the borders of 2024, so this is no real-time "
        "test; the ages' gross mobility and the list of regions are of today too.\n\n"
        f"| | |\n|---|---|\n{facts}\n| one origin refitted, CPU | {pace} |\n"
    )


def _block(title: str, table: pd.DataFrame, origins: pd.DataFrame) -> str:
    model = table[(table["method"] == MODEL) & (table["size"] == "all")]
    lines = [f"## {title}\n"]
    for part, rows in model.groupby("part"):
        lines.append(f"### bayesgap, {part} origins\n\n{_markdown(_with_interval(rows))}\n")
    sized = table[
        (table["method"] == MODEL) & (table["size"] != "all") & (table["group"] == "20-66")
    ]
    if len(sized):
        columns = ["part", "size", "horizon", "coverage_80", "crps", "mape", "bias", "cases"]
        lines.append(f"### By size, ages 20-66\n\n{_markdown(sized[columns])}\n")
    rivals = table[(table["size"] == "all") & (table["group"] == "20-66")]
    rival = ["coverage_80", "crps", "mape", "bias", "cases", "origins"]
    columns = ["part", "horizon", "method", *rival]
    shown = rivals[columns].sort_values(["part", "horizon", "crps"])
    lines.append(f"### Beside baselines, ages 20-66\n\n{_markdown(shown)}\n")
    adults = origins[(origins["group"] == "20-66") & origins["horizon"].isin([5, 10])]
    columns = ["horizon", "origin", *FIRST[2:4], FIRST[5], "crps", "mape", "bias", "regions"]
    if len(adults):
        lines.append(f"### By origin, ages 20-66\n\n{_markdown(adults[columns])}\n")
    return "\n".join(lines)


def _with_interval(rows: pd.DataFrame) -> pd.DataFrame:
    text = [
        f"{low:.2f}-{high:.2f}"
        for low, high in zip(rows["coverage_80_low"], rows["coverage_80_high"], strict=True)
    ]
    columns = [*FIRST, *SCORES, "regions", "origins", "cases"]
    return rows.assign(interval=text)[columns]


def _skill(skill: pd.DataFrame) -> str:
    rows = skill[skill["horizon"].isin([5, 10]) & (skill["against"] == "best baseline")]
    if rows.empty:
        rows = skill[skill["horizon"].isin([5, 10])]
    shown = rows[["part", "group", "horizon", "against", "crps_ratio", "mape_ratio", "cases"]]
    worse = rows[rows["crps_ratio"] > 1.0]
    lost = ", ".join(
        f"ages {g} at {h} years ({p})"
        for g, h, p in zip(worse["group"], worse["horizon"], worse["part"], strict=True)
    )
    said = f"The baseline wins (CRPS): {lost}." if lost else "No baseline wins (CRPS)."
    return f"### Skill: below 1 is better than the baseline\n\n{_markdown(shown)}\n\n{said}\n"


def _markdown(table: pd.DataFrame) -> str:
    heads = [HEADS.get(name, name.replace("_", " ")) for name in table.columns]
    rows = [
        "| " + " | ".join(_cell(value) for value in row) + " |"
        for row in table.itertuples(index=False)
    ]
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *rows])


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def origins_figure(origins: pd.DataFrame) -> Figure:
    """Share of regions inside their 80 % interval, by origin: levels and shares, 5 and 10 years."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    names = {"population": "levels", "population_shares": "shares"}
    for panel, horizon in zip(axes, (5, 10), strict=True):
        panel.axhspan(*BAND, color="0.92")
        panel.axhline(0.8, color="0.4", linewidth=0.8)
        for (block, name), mark in zip(names.items(), ("o", "s"), strict=True):
            rows = origins[
                (origins["block"] == block)
                & (origins["group"] == "20-66")
                & (origins["horizon"] == horizon)
            ]
            panel.plot(rows["origin"], rows["coverage_80"], marker=mark, label=name)
        panel.set(title=f"{horizon} years ahead", xlabel="origin", ylim=(0, 1))
    axes[0].set_ylabel("share of regions in the 80 % interval")
    axes[0].legend(frameon=False)
    return figure

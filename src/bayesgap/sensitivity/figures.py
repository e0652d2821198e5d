"""Pictures of priors: what they say about people, one prior alone, and how they move the gap."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bayesgap.present.figures import STYLE
from bayesgap.present.labels import person
from bayesgap.present.odds import chance
from bayesgap.sensitivity.prior_text import plain, written

NOW, OTHER, NEVER = "#999999", "#0072B2", "#D55E00"


def save(path: Path, draw: Callable[[], Figure]) -> None:
    """Draw in the style of the package, and write (SVG or PNG by its ending)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({**STYLE, "axes.grid": False}):
        draw().savefig(path, dpi=130)


def moves_picture(ranked: pd.DataFrame, region: str, year: int, number: int = 12) -> Figure:
    """Median and 80 % interval now and under sets and the priors that move them most.

    Parameters
    ----------
    ranked : rows of `sensitivity.tables.ranked`
    """
    reached = ranked[ranked["reached"]]
    single = reached[reached["factor"].notna()].head(number)
    rows = pd.concat([reached[reached["factor"].isna()], single])
    figure = Figure(figsize=(8.5, 0.36 * len(rows) + 1.6))
    axes = figure.add_subplot()
    for place, row in enumerate(rows.to_dict("records")):
        base = [row["base_lower"], row["base_upper"]]
        axes.plot(base, [place + 0.14] * 2, color=NOW, lw=5, solid_capstyle="butt")
        axes.plot(row["base_median"], place + 0.14, "|", color="black", ms=9)
        axes.plot([row["lower"], row["upper"]], [place - 0.16] * 2, color=OTHER, lw=2.5)
        axes.plot(row["median"], place - 0.16, "o", color=OTHER, ms=5)
    names = [
        row["label"] + ("" if np.isnan(row["factor"]) else f" × {row['factor']:g}")
        for row in rows.to_dict("records")
    ]
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.axvline(0, color="black", lw=0.8)
    axes.locator_params(axis="x", nbins=6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: person(round(v), signed=True)))
    axes.set_xlabel(
        f"gap of {region}, {year}, persons (positive: shortage)\n"
        "grey bar and tick: the study's priors; blue line and point: the other prior\n"
        "bars and lines: 80 % intervals; ticks and points: medians"
    )
    figure.tight_layout()
    return figure


def predictive_picture(table: pd.DataFrame) -> Figure:
    """What the priors say about people, a strip a statement; what no one has seen is hatched.

    Parameters
    ----------
    table : rows of `health.prior_predictive.predictive_table`
    """
    figure = Figure(figsize=(8.5, 0.95 * len(table) + 0.7))
    strips = figure.subplots(len(table), 1, squeeze=False)[:, 0]
    for axes, row in zip(strips, table.to_dict("records"), strict=True):
        _strip(axes, row)
    note = "line: 80 % of prior draws; dot: median; hatched: what the statement calls impossible"
    figure.text(0.02, 0.006, note, fontsize=9)
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    return figure


def _strip(axes: Any, row: Mapping[Any, Any]) -> None:
    low, high = (float(row[name]) for name in ("low", "high"))
    least, most = (float(row[name]) for name in ("least", "most"))
    start, end = min(low, least), max(high, most)
    pad = 0.08 * (end - start)
    axes.set_xlim(start - pad, end + pad)
    for edge in ((start - pad, least), (most, end + pad)):
        axes.axvspan(*edge, facecolor="none", edgecolor=NEVER, hatch="////", lw=0)
    axes.plot([low, high], [0, 0], color=OTHER, lw=4, solid_capstyle="butt")
    axes.plot(row["median"], 0, "o", color="black", ms=6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: written(v, row["percent"])))
    mark = "FLAGGED: " if row["flagged"] else ""
    beyond = chance(row["beyond"])
    told = f"{mark}{row['block']}: {plain(row['words'])}; impossible: {beyond} of draws"
    axes.set_title(told, loc="left", fontsize=9)


def effects_picture(table: pd.DataFrame) -> Figure:
    """What each prior alone says about people: a panel a statement, a line a prior it moves.

    Parameters
    ----------
    table : rows of `sensitivity.prior_effects.prior_effects`
    """
    heard = table[table["moves"]]
    parts = [(words, rows) for words, rows in heard.groupby("words", sort=False)]
    heights = [len(rows) + 1.5 for _, rows in parts]
    figure = Figure(figsize=(8.5, 0.3 * sum(heights) + 0.8))
    panels = figure.subplots(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (words, rows) in zip(panels, parts, strict=True):
        _effects(axes, rows)
        axes.set_title(plain(str(words)), loc="left", fontsize=9)
    note = "means of prior draws: open, the fifth where the prior is lowest; filled, highest"
    figure.text(0.02, 0.006, note, fontsize=9)
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    return figure


def _effects(axes: Any, rows: pd.DataFrame) -> None:
    for place, row in enumerate(rows.to_dict("records")):
        axes.plot([row["low"], row["high"]], [place, place], color=NOW, lw=2, zorder=1)
        axes.plot(row["low"], place, "o", color=OTHER, mfc="white", ms=6)
        axes.plot(row["high"], place, "o", color=OTHER, ms=6)
    names = [f"{row['block']}: {row['prior']}" for row in rows.to_dict("records")]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    percent = bool(rows["percent"].iloc[0])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: written(v, percent)))


def catalogue_picture(parts: Sequence[tuple[str, np.ndarray, np.ndarray, bool]]) -> Figure:
    """Densities of many priors, small: blue for those that data tell, orange for assumed ones.

    Parameters
    ----------
    parts : name, points, density and whether it is assumed
    """
    columns = 4
    lines = -(-len(parts) // columns)
    figure = Figure(figsize=(9, 1.25 * lines + 0.5))
    every = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, (name, grid, height, assumed) in zip(every, parts, strict=False):
        color = NEVER if assumed else OTHER
        axes.fill_between(grid, height, color=color, alpha=0.3, lw=0)
        axes.plot(grid, height, color=color)
        axes.set_title(name, loc="left", fontsize=8)
        axes.tick_params(labelsize=7)
        axes.locator_params(axis="x", nbins=4)
        axes.set_ylim(0)
        axes.set_yticks([])
    for axes in every[len(parts) :]:
        axes.set_axis_off()
    figure.text(0.02, 0.004, "blue: data may tell more; orange: assumed", fontsize=8)
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    return figure


def density_picture(
    grid: np.ndarray, density: np.ndarray, bounds: Sequence[float], name: str, sure: float
) -> Figure:
    """Density of one prior, with the part between the bounds that were stated."""
    low, high = bounds
    figure = Figure(figsize=(6, 3))
    axes = figure.add_subplot()
    inside = (grid >= low) & (grid <= high)
    axes.fill_between(grid[inside], density[inside], color=OTHER, alpha=0.3, lw=0)
    axes.plot(grid, density, color=OTHER)
    axes.set_ylim(0)
    axes.set_yticks([])
    axes.set_xlabel(f"{name}; shaded: from {low:g} to {high:g}, {sure:g} % of the probability")
    figure.tight_layout()
    return figure

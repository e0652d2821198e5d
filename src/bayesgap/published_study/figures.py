"""Figures of the report's chapters: Axes in, Axes out, from the tidy table of an analysis.

A point is the median; the lines about it are the equal-tailed 50, 80 and 95 % credible intervals,
ever thinner. Diamonds are the report's figures. Series differ by marker as well as by colour.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve
from matplotlib.ticker import FuncFormatter

from bayesgap.present.labels import person
from bayesgap.published_study.result import STANDINGS

COLOURS = ("#0072B2", "#D55E00", "#117A5B", "#B0518A", "#8A6D00", "#3A9BD0", "#555555")
MARKERS = ("o", "s", "^", "v", "P", "X", "D")
LINES = (("q0.025", "q0.975", 1.2), ("q0.1", "q0.9", 3.2), ("q0.25", "q0.75", 6.0))
BANDS = (("q0.025", "q0.975", 0.13), ("q0.1", "q0.9", 0.17), ("q0.25", "q0.75", 0.24))
PUBLISHED: dict[str, Any] = {
    "marker": "D",
    "markersize": 6,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 1.4,
    "linestyle": "none",
    "zorder": 5,
}
Label = Callable[[str], str]


def number(unit: str) -> FuncFormatter:
    """How an axis writes a unit: percent, percentage points or persons."""
    if unit == "share":
        return FuncFormatter(lambda value, _: f"{round(100 * value, 1):g} %")
    if unit == "pp":
        return FuncFormatter(lambda value, _: f"{value:+.0f}" if value else "0")
    return FuncFormatter(lambda value, _: person(round(value), signed=False))


def draw_parts(
    axes: Axes,
    table: pd.DataFrame,
    part: str,
    series: str | None,
    label: Label,
    published: pd.DataFrame | None = None,
) -> Axes:
    """A row a part, a coloured interval a series within it, the report's figures as diamonds."""
    parts = list(dict.fromkeys(table[part]))
    names = list(dict.fromkeys(table[series])) if series else [""]
    step = 0.72 / max(len(names), 1)
    for place, name in enumerate(names):
        rows = table[table[series] == name] if series else table
        rows = rows.set_index(part).reindex(parts)
        heights = np.arange(len(parts)) + (place - (len(names) - 1) / 2) * step
        colour, marker = COLOURS[place % 7], MARKERS[place % 7]
        for low, high, width in LINES:
            axes.hlines(heights, rows[low], rows[high], color=colour, linewidth=width, alpha=0.55)
        axes.plot(
            rows["q0.5"], heights, marker, color=colour, markersize=6, markeredgecolor="white"
        )
        if published is not None:
            marks = published[published[series] == name] if series else published
            marks = marks[marks[part].isin(parts)]
            at = [heights[parts.index(value)] for value in marks[part]]
            axes.plot(marks["published"], at, **PUBLISHED)
    axes.set_yticks(range(len(parts)), [label(str(value)) for value in parts])
    axes.set_ylim(len(parts) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    _zero_line(axes, table)
    return axes


def _zero_line(axes: Axes, table: pd.DataFrame) -> None:
    if float(table["q0.025"].min()) < 0:
        axes.axvline(0, color="#222222", linewidth=1)
    else:
        axes.set_xlim(left=0)


def draw_paths(
    axes: Axes,
    table: pd.DataFrame,
    series: str | None,
    label: Label,
    published: pd.DataFrame | None = None,
) -> Axes:
    """Bands over years, a series a colour, each named at its end; the 80 % one if they are many."""
    names = list(dict.fromkeys(table[series])) if series else [""]
    ends: dict[str, float] = {}
    bands = BANDS if len(names) <= 2 else BANDS[1:2]  # more bands than that hide each other
    for place, name in enumerate(names):
        rows = (table[table[series] == name] if series else table).sort_values("year")
        colour = COLOURS[place % 7]
        for low, high, strength in bands:
            axes.fill_between(
                rows["year"], rows[low], rows[high], color=colour, alpha=strength, linewidth=0
            )
        axes.plot(
            rows["year"],
            rows["q0.5"],
            color=colour,
            marker=MARKERS[place % 7],
            markevery=4,
            markersize=5,
        )
        ends[label(str(name))] = float(rows["q0.5"].iloc[-1])
    if published is not None:
        axes.plot(published["year"], published["published"], **PUBLISHED)
    axes.set_xlim(table["year"].min() - 0.3, table["year"].max())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    if series:
        _name_ends(axes, ends)
    return axes


def _name_ends(axes: Axes, ends: Mapping[str, float]) -> None:
    """Names right of the last year, in the order of the medians, kept apart."""
    low, high = axes.get_ylim()
    apart = 0.055 * (high - low)
    ordered = sorted(ends.items(), key=lambda end: end[1])
    places, place = [], -np.inf
    for _, value in ordered:
        place = max(value, place + apart)
        places.append(place)
    above = max(0.0, places[-1] - high)
    colours = dict(zip(ends, cycle(COLOURS), strict=False))
    for (name, _), place in zip(ordered, places, strict=True):
        axes.annotate(
            name,
            (axes.get_xlim()[1], place - above),
            xytext=(6, 0),
            textcoords="offset points",
            color=colours[name],
            weight="bold",
            va="center",
            annotation_clip=False,
        )


def draw_flows(axes: Axes, table: pd.DataFrame, start: str, end: str, label: Label) -> Axes:
    """Ribbons from homes at the left to workplaces at the right, as wide as their medians."""
    flows = table.pivot_table(index=start, columns=end, values="q0.5", aggfunc="sum").fillna(0.0)
    flows = flows.loc[list(dict.fromkeys(table[start]))]
    flows = flows[flows.sum().sort_values(ascending=False).index]
    gap = 0.03 * float(flows.to_numpy().sum())
    left, right = (_stacked(flows.sum(axis=axis), gap) for axis in (1, 0))
    low_left = {name: place for name, (place, _) in left.items()}
    low_right = {name: place for name, (place, _) in right.items()}
    for place, home in enumerate(flows.index):
        for work, size in flows.loc[home].items():
            if size > 0:
                ribbon = _ribbon(low_left[home], low_right[work], float(size))
                look = {"facecolor": COLOURS[place % 7], "alpha": 0.55, "linewidth": 0}
                axes.add_patch(PathPatch(ribbon, **look))
                low_left[home] += float(size)
                low_right[work] += float(size)
    for ends, x, side in ((left, 0.0, "right"), (right, 1.0, "left")):
        for name, (place, size) in ends.items():
            axes.plot([x, x], [place, place + size], color="#222222", linewidth=3)
            text = f"{label(name)}  {person(10 * round(size / 10), signed=False)}"
            shift = -0.015 if side == "right" else 0.015
            axes.text(x + shift, place + size / 2, text, ha=side, va="center", fontsize=9)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(max(p + s for p, s in (*left.values(), *right.values())) + gap, -gap)
    axes.axis("off")
    return axes


def _stacked(sizes: pd.Series, gap: float) -> dict[str, tuple[float, float]]:
    places, at = {}, 0.0
    for name, size in sizes.items():
        places[str(name)] = (at, float(size))
        at += float(size) + gap
    return places


def _ribbon(left: float, right: float, size: float) -> Curve:
    there = [(0, left), (0.5, left), (0.5, right), (1, right)]
    back = [(1, right + size), (0.5, right + size), (0.5, left + size), (0, left + size)]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3]
    return Curve([*there, *back], codes)


def draw_missing(axes: Axes, note: str, needs: str) -> Axes:
    """Say in place of a figure what it would need."""
    text = textwrap.fill(f"Nothing to show. {note} It needs: {needs}.", 72)
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
    axes.axis("off")
    return axes


def legend(axes: Axes, names: Sequence[str], label: Label, published: str, columns: int) -> None:
    """Names of series, and of the published mark where there is one."""
    handles = [
        Line2D([], [], color=COLOURS[i % 7], marker=MARKERS[i % 7], linewidth=3, label=label(name))
        for i, name in enumerate(names)
    ]
    if published:
        handles.append(Line2D([], [], label=published, **PUBLISHED))
    if handles:
        look: dict[str, Any] = {"ncols": columns, "fontsize": 9, "borderaxespad": 0.2}
        axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), **look)


def footnote(figure: Figure, standing: str, note: str, verdict: str) -> None:
    """What the figure rests on, its note, the kind of interval and the run's verdict."""
    rests = f"Rests on: {STANDINGS[standing]}. " if standing else ""
    text = f"{rests}{note} Intervals are equal-tailed and credible. Health: {verdict}."
    figure.supxlabel(textwrap.fill(text, 160), x=0.01, ha="left", fontsize=8, color="#444444")

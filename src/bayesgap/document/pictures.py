"""Pictures of the report: intervals as nested bars, paths as bands; words in either language."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bayesgap.present.figures import BANDS, COLOURS, STYLE, draw_fan, draw_interval, path_of
from bayesgap.present.labels import person

Row = Mapping[Any, Any]


def _signed(value: float, _position: object = None) -> str:
    return person(round(value), signed=True)


def bars(
    rows: Sequence[Row], names: Sequence[str], axis: str, assumed: Collection[int] = ()
) -> Figure:
    """Nested 50, 80 and 95 % bars, one row below the other; those in `assumed` are hollow."""
    with mpl.rc_context(STYLE):
        figure = Figure(
            figsize=(7.4, 1.3 + (0.36 if len(rows) < 12 else 0.27) * len(rows)),
            layout="constrained",
        )
        axes = figure.subplots()
        for place, row in enumerate(rows):
            draw_interval(axes, place, row, assumed=place in assumed)
        axes.set_yticks(range(len(rows)), list(names))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        axes.axvline(0, color="#222222", linewidth=1)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.margins(x=0.04)
        axes.use_sticky_edges = False
        axes.xaxis.set_major_locator(MaxNLocator(7))
        axes.xaxis.set_major_formatter(FuncFormatter(_signed))
        axes.set_xlabel(axis)
        figure.legend(
            handles=_handles(bool(assumed)), loc="outside upper left", ncols=5, fontsize=9
        )
    return figure


def _handles(any_assumed: bool) -> list[Patch | Line2D]:
    """Which bar is which interval; names that both languages share."""
    colour = COLOURS["gap"]
    dot: dict[str, Any] = {"marker": "o", "color": "#0b4a37", "linestyle": "none"}
    shown: list[Patch | Line2D] = [
        Line2D([], [], label="median", **dot),
        Patch(color=colour, alpha=0.75, linewidth=0, label="50 %"),
        Patch(color=colour, alpha=0.5, linewidth=0, label="80 %"),
        Patch(color=colour, alpha=0.35, linewidth=0, label="95 %"),
    ]
    hollow = Patch(facecolor="white", edgecolor=colour, hatch="/////", label="*")
    return [*shown, hollow] if any_assumed else shown


def paths(summary: pd.DataFrame, regions: Sequence[str], axis: str) -> Figure:
    """One panel a region: the gap over time, median within its bands."""
    with mpl.rc_context(STYLE):
        rows = -(-len(regions) // 2)
        figure = Figure(figsize=(7.4, 2.3 * rows), layout="constrained")
        panels = figure.subplots(rows, 2, sharex=True, squeeze=False).ravel()
        for axes, region in zip(panels, regions, strict=False):
            path = path_of(summary, region, "gap")
            draw_fan(axes, path, "gap")
            axes.axhline(0, color="#222222", linewidth=1)
            axes.set_title(region, loc="left", weight="bold", fontsize=10)
            axes.yaxis.set_major_locator(MaxNLocator(5))
            axes.yaxis.set_major_formatter(FuncFormatter(_signed))
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.tick_params(labelbottom=True)
        for axes in panels[len(regions) :]:
            _key(axes)
        figure.supylabel(axis, fontsize=9)
    return figure


def _key(axes: Any) -> None:
    """Which shade is which interval, in the panel that is left over."""
    axes.axis("off")
    strength, names = 0.0, ("95 %", "80 %", "50 %")
    for (_, _, own), name, height in zip(BANDS, names, (0.9, 0.6, 0.3), strict=True):
        strength += own
        axes.fill_between([0.1, 0.9], 0.5 - height / 2, 0.5 + height / 2, color=COLOURS["gap"],
                          alpha=own, linewidth=0, transform=axes.transAxes)  # fmt: skip
        axes.text(0.93, 0.5 + height / 2 - 0.05, name, transform=axes.transAxes, va="center")
    axes.plot([0.1, 0.9], [0.5, 0.5], color=COLOURS["gap"], linewidth=2, transform=axes.transAxes)
    axes.text(0.93, 0.5, "median", transform=axes.transAxes, va="center")


def spread(quantile: Callable[[float], float]) -> dict[str, float]:
    """Row of `bars` from a quantile function."""
    row = {f"{p:g}": quantile(p) for low, high, _ in BANDS for p in (low, high)}
    return {**row, "median": quantile(0.5)}

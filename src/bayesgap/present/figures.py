"""Figures of a run, from its summary alone: a function a figure, Axes in, Axes out.

Bands and bars are the equal-tailed 50, 80 and 95 % credible intervals. Colours are those of
Okabe and Ito, told apart by every reader; nothing is said by colour alone.
"""

from collections import deque
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from bayesgap.inference.processes import each_of
from bayesgap.present.frames import select
from bayesgap.present.history import RESIDENCE, WORKPLACE
from bayesgap.present.labels import part_label, person
from bayesgap.present.odds import chance
from bayesgap.present.parts import ALL
from bayesgap.present.selection import Query
from bayesgap.present.show import Picture
from bayesgap.study.names import file_stem

COLOURS = {"supply": "#0072B2", "demand": "#D55E00", "gap": "#117A5B"}
BANDS = ((0.025, 0.975, 0.14), (0.1, 0.9, 0.18), (0.25, 0.75, 0.26))
HISTORY: dict[str, dict[str, Any]] = {
    WORKPLACE: {"marker": "o", "markerfacecolor": "#222222", "markeredgecolor": "#222222"},
    RESIDENCE: {"marker": "o", "markerfacecolor": "white", "markeredgecolor": "#777777"},
}
FIRST_YEAR = 2013
DPI = 150
STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: searchable, and small files
    "svg.hashsalt": "bayesgap",
    "text.parse_math": False,  # a name with dollar signs is no formula
    "hatch.linewidth": 0.6,
}


def _persons(value: float, _position: object = None) -> str:
    return person(round(value), signed=False)


def _signed(value: float, _position: object = None) -> str:
    return person(round(value), signed=True)


def path_of(summary: pd.DataFrame, region: str, quantity: str) -> pd.DataFrame:
    """Quantiles of a region's total: index year, columns the probabilities as numbers."""
    wanted = {"region": region, "quantity": quantity, "scenario": "main", "output_type": "quantile"}
    wanted |= dict.fromkeys(("education", "level", "field", "sector"), ALL)
    rows = summary
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows.pivot_table(index="year", columns="output_type_id", values="value").rename(
        columns=float
    )


def draw_fan(axes: Axes, path: pd.DataFrame, quantity: str) -> Axes:
    """Bands of 50, 80 and 95 % about the median, which is named at its end."""
    years, colour = path.index.to_numpy(), COLOURS[quantity]
    for low, high, strength in BANDS:
        axes.fill_between(years, path[low], path[high], color=colour, alpha=strength, linewidth=0)
    axes.plot(years, path[0.5], color=colour, linewidth=2)
    return axes


def draw_history(axes: Axes, history: pd.DataFrame, region: str) -> Axes:
    """Observed employment as points, filled by workplace, hollow by residence."""
    for series, look in HISTORY.items():
        points = history[(history["region"] == region) & (history["series"] == series)]
        if len(points):
            axes.plot(
                points["year"],
                points["persons"],
                linestyle="none",
                markersize=4.5,
                label=series,
                **look,
            )
    return axes


def fan_chart(summary: pd.DataFrame, history: pd.DataFrame, region: str, verdict: str) -> Figure:
    """Supply and demand of a region over time with history, and their gap below."""
    paths = {name: path_of(summary, region, name) for name in COLOURS}
    last = int(paths["gap"].index.max())
    figure = Picture(figsize=(7.6, 6.8), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    for name in ("supply", "demand"):
        draw_fan(upper, paths[name], name)
    _label_ends(
        upper, {name: float(paths[name][0.5].iloc[-1]) for name in ("supply", "demand")}, last
    )
    draw_history(upper, history, region)
    draw_fan(lower, paths["gap"], "gap")
    lower.axhline(0, color="#222222", linewidth=1)
    upper.set_title(
        f"{region}: labour supply and demand at the workplace", loc="left", weight="bold"
    )
    upper.set_ylabel("persons")
    lower.set_title("Gap: demand less supply (above 0: shortage)", loc="left", weight="bold")
    lower.set_ylabel("persons")
    lower.set_xlim(FIRST_YEAR - 0.5, last + 2.6)
    lower.set_xticks([year for year in range(FIRST_YEAR, last + 1) if (last - year) % 4 == 0])
    upper.yaxis.set_major_formatter(FuncFormatter(_persons))
    lower.yaxis.set_major_formatter(FuncFormatter(_signed))
    figure.legend(
        handles=[*upper.get_legend_handles_labels()[0], *_band_handles()],
        loc="outside upper left",
        ncols=5,
        fontsize=9,
        columnspacing=1.4,
    )
    _footnote(figure, "Supply counts the unemployed too. 4th quarter.", verdict)
    return figure


def _label_ends(axes: Axes, ends: Mapping[str, float], year: int) -> None:
    """Names at the ends of the medians, pushed apart where they would touch."""
    low, high = axes.get_ylim()
    apart = 0.06 * (high - low)
    (first, bottom), (second, top) = sorted(ends.items(), key=lambda end: end[1])
    push = max(0.0, apart - (top - bottom)) / 2
    for name, value in ((first, bottom - push), (second, top + push)):
        axes.annotate(
            name,
            (year + 0.2, value),
            color=COLOURS[name],
            weight="bold",
            va="center",
            annotation_clip=False,
        )


def _band_handles() -> list[Patch]:
    strengths = np.cumsum([strength for *_, strength in BANDS])
    names = ("95 %", "80 %", "50 % interval")
    return [
        Patch(color="#555555", alpha=min(1.0, float(s)), linewidth=0, label=name)
        for s, name in zip(strengths, names, strict=True)
    ]


def groups_chart(
    summary: pd.DataFrame, region: str, year: int, marked: Collection[str], verdict: str
) -> Figure:
    """Gap of every education group in one year; assumption-driven groups hatched and hollow."""
    rows = select(summary, Query(region, year, "education", "gap"))
    figure = Picture(figsize=(8.2, 7.6), layout="constrained")
    axes = figure.subplots()
    places = _places(list(rows["part"]))
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        draw_interval(axes, place, row, assumed=row["part"] in marked)
        axes.annotate(
            chance(row["probability"]),
            (1.0, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(34, 0),
            textcoords="offset points",
            ha="right",
            va="center",
        )
    names = [part_label(part) + (" *" if part in marked else "") for part in rows["part"]]
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.axvline(0, color="#222222", linewidth=1)
    axes.set_ylim(max(places) + 0.8, min(places) - 0.8)
    axes.margins(x=0.05)
    axes.use_sticky_edges = False  # bars would otherwise pin the axis to their ends
    axes.xaxis.set_major_formatter(FuncFormatter(_signed))
    axes.set_xlabel("persons; right of 0: shortage")
    axes.set_title(f"{region}, {year}: gap by education", loc="left", weight="bold")
    axes.set_title("P(shortage)", loc="right", fontsize=9, x=1.1)
    axes.legend(
        handles=_interval_handles(bool(marked)),
        loc="upper center",
        bbox_to_anchor=(0.4, -0.07),
        ncols=4,
    )
    _footnote(
        figure,
        "* assumption-driven: the data say little about the group." if marked else "",
        verdict,
    )
    return figure


def _places(groups: list[str]) -> list[float]:
    """Heights of the groups, with air between levels."""
    places, place, before = [], 0.0, groups[0].partition(":")[0]
    for group in groups:
        level = group.partition(":")[0]
        place += 1.0 + 0.6 * (level != before)
        before = level
        places.append(place)
    return places


def draw_interval(axes: Axes, place: float, row: Mapping[Any, Any], assumed: bool) -> Axes:
    """Three nested bars and the median of one group."""
    colour = COLOURS["gap"]
    for (low, high, _), height in zip(BANDS, (0.16, 0.42, 0.66), strict=True):
        left, right = row[f"{low:g}"], row[f"{high:g}"]
        look: dict[str, Any] = {
            "color": colour,
            "alpha": 0.35 if height < 0.6 else 0.75,
            "linewidth": 0,
        }
        if assumed:
            look = {"facecolor": "white", "edgecolor": colour, "linewidth": 0.8}
            look |= {"hatch": "/////"} if height > 0.6 else {}
        axes.barh(place, right - left, height, left, **look)
    face = "white" if assumed else "#0b4a37"
    axes.plot(
        row["median"], place, "o", markersize=5, markerfacecolor=face, markeredgecolor="#0b4a37"
    )
    return axes


def _interval_handles(any_assumed: bool) -> list[Patch | Line2D]:
    colour = COLOURS["gap"]
    handles: list[Patch | Line2D] = [
        Line2D([], [], marker="o", color="#0b4a37", linestyle="none", label="median"),
        Patch(color=colour, alpha=0.75, linewidth=0, label="50 %"),
        Patch(color=colour, alpha=0.35, linewidth=0, label="80 %, 95 % (thin)"),
    ]
    if any_assumed:
        handles.append(
            Patch(facecolor="white", edgecolor=colour, hatch="/////", label="assumption-driven *")
        )
    return handles


def _footnote(figure: Figure, note: str, verdict: str) -> None:
    figure.supxlabel(
        f"{note} Equal-tailed credible intervals. Health: {verdict}.".strip(),
        x=0.01,
        ha="left",
        fontsize=8.5,
        color="#444444",
    )


def _lay_out(figure: Figure) -> None:
    """Place everything once, for both files: each file would draw the figure once more for it."""
    figure.set_dpi(DPI)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine(None)


def write_figures(
    folder: Path,
    summary: pd.DataFrame,
    history: pd.DataFrame,
    marked: Collection[str],
    verdict: str,
    provenance: str,
    processes: int = 2,
) -> None:
    """Write both figures of every region as PNG and SVG, `provenance` in their metadata."""
    drawn = summary[summary["quantity"].isin(list(COLOURS))]
    own = (rows for _, rows in drawn.groupby("region", sort=False))
    words = marked, verdict, provenance
    deque(each_of(_write_region, [(folder, rows, history, *words) for rows in own], processes), 0)


def _write_region(
    folder: Path,
    rows: pd.DataFrame,
    history: pd.DataFrame,
    marked: Collection[str],
    verdict: str,
    provenance: str,
) -> None:
    """Write both figures of the region that `rows` of the summary are of."""
    region, year = str(rows["region"].iloc[0]), int(rows["year"].max())
    with mpl.rc_context(STYLE):
        figures = {
            "fan": fan_chart(rows, history, region, verdict),
            f"gap_by_education_{year}": groups_chart(rows, region, year, marked, verdict),
        }
        for kind, figure in figures.items():
            stem = folder / f"{file_stem(region)}_{kind}"
            _lay_out(figure)
            figure.savefig(f"{stem}.png", dpi=DPI, metadata={"Description": provenance})
            about = {"Description": provenance, "Date": None, "Title": stem.name}
            figure.savefig(f"{stem}.svg", metadata=about)

"""Figures of scenarios: the waterfall from one gap to another."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bayesgap.present.figures import STYLE
from bayesgap.present.labels import person
from bayesgap.present.table import Row

LEVEL, MORE, LESS = "#117A5B", "#D55E00", "#0072B2"


def names_of(steps: Sequence[Row]) -> list[str]:
    """Names of the steps, in order."""
    return [str(step["step"]) for step in steps]


def draw_waterfall(axes: Axes, steps: Sequence[Row]) -> Axes:
    """Bars of means, which add up from the first level to the last; whiskers are 80 % intervals."""
    reached = 0.0
    for place, step in enumerate(steps):
        mean = step["mean"]
        level = step["kind"] == "level"
        start = 0.0 if level else reached
        colour = LEVEL if level else MORE if mean > 0 else LESS
        axes.barh(place, mean, left=start, color=colour, height=0.62, alpha=0.85)
        axes.hlines(place, start + step["0.1"], start + step["0.9"], color="#222222", linewidth=1.4)
        end = max(start + step["0.9"], start + mean, start)
        axes.annotate(
            person(round(mean), True), (end, place), xytext=(5, 0), textcoords="offset points",
            va="center",
        )  # fmt: skip
        reached = start + mean
    axes.set_yticks(range(len(steps)), [name.replace("_", " ") for name in names_of(steps)])
    axes.invert_yaxis()
    axes.axvline(0, color="#222222", linewidth=1)
    axes.margins(x=0.16)
    return axes


def waterfall_chart(steps: Sequence[Row], region: str, verdict: str, run_id: str) -> Figure:
    """Waterfall with title, axis and caption."""
    figure = Figure(figsize=(8.4, 1.6 + 0.5 * len(steps)), layout="constrained")
    axes = draw_waterfall(figure.subplots(), steps)
    names = names_of(steps)
    title = f"{region}: {names[0]}, and {names[-1]}".replace("_", " ")
    axes.set_title(title, loc="left", weight="bold")
    axes.set_xlabel("gap = demand − supply, persons; + is a shortage")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _p: person(round(value), True)))
    caption = (
        "Bars are means, which add up; lines are equal-tailed 80 % credible intervals. "
        f"Contributions do not depend on the order of measures.\nRun {run_id}, health {verdict}."
    )
    figure.supxlabel(caption, fontsize=8, x=0.01, ha="left")
    return figure


def write_waterfall(
    path: Path, steps: Sequence[Row], region: str, verdict: str, run_id: str
) -> None:
    """Write the waterfall to `path`, in the format of its ending."""
    with mpl.rc_context(STYLE):
        waterfall_chart(steps, region, verdict, run_id).savefig(path, dpi=150)

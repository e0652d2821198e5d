"""The page of simulation-based calibration: what holds, block by block, and a picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLOCKS_HEAD = (
    "| block | simulations | quantities | inside the band | held by 50 % | 80 % | 95 % "
    "| with a divergence | seconds each | made |",
    "|---|---:|---:|---|---:|---:|---:|---:|---:|---|",
)
QUANTITIES_HEAD = (
    "| quantity | 50 % | 80 % | 95 % | beyond the band | effective draws of 100 |",
    "|---|---:|---:|---:|---:|---:|",
)


def page(
    verdicts: pd.DataFrame, pictures: Mapping[str, str], times: pd.DataFrame | None = None
) -> str:
    """Markdown page of `simulation.verdicts`.

    Parameters
    ----------
    verdicts : with bayesgap, date, seed and machine of each row
    pictures : block -> path of its picture
    times : seconds beside `simuk`, as `scripts/simuk_times.py` writes them
    """
    blocks = [(str(block), part) for block, part in verdicts.groupby("block", sort=False)]
    return "\n".join(
        [
            "# Are the intervals calibrated?",
            "",
            "Simulation-based calibration. A truth is drawn from the priors of the default study, "
            "data are made from it by the law of the block, the block is fitted to them, and the "
            "rank of the truth among the draws is kept. If law and sampler are sound, ranks are "
            "uniform: their distribution stays inside a band that holds all quantities of a block "
            "at once with 95 % chance, and central intervals hold the truth as often as they say.",
            "",
            "`chain` is all blocks at once: a made-up country with one business cycle, every block "
            "fitted to its part, and the rank of that country's future gap (the first region's, "
            "the sum's, and the levels'), supply and demand among those forecast.",
            "",
            f"Made by `bayesgap validate sbc`: {_told(verdicts)}. Panels are those of the default "
            "study, but for education: its stocks (immigrants' apart) are of every second year, "
            "where a run reads all ([why](adr/0041-every-year-of-a-stock.md)). Where draws "
            "diverge, the fit is made once more in smaller steps, as in a run; "
            "divergences are those that are left. A simulation of the chain counts for every "
            "block. Where few draws are effective, ranks spread wider, as if intervals were too "
            "narrow. Pictures show the share of ranks below each rank, less what is uniform, and "
            "the band.",
            "",
            *BLOCKS_HEAD,
            *(_block_row(block, part) for block, part in blocks),
            "",
            *(line for block, part in blocks for line in _section(block, part, pictures)),
            *([] if times is None else _beside(times)),
        ]
    )


def _told(verdicts: pd.DataFrame) -> str:
    """What made the rows, each kind with all of its values."""
    kinds = ("bayesgap", "seed", "machine")
    return ", ".join(f"{kind} {' and '.join(map(str, verdicts[kind].unique()))}" for kind in kinds)


def _section(block: str, part: pd.DataFrame, pictures: Mapping[str, str]) -> list[str]:
    """A block by its quantities, with a picture if there is one."""
    picture = f"![Ranks of {block} less uniform, with their band]({pictures.get(block)})"
    return [
        f"## {block.replace('_', ' ').capitalize()}",
        "",
        *_apart(part),
        *([picture, ""] if block in pictures else []),
        *QUANTITIES_HEAD,
        *map(_row, part.to_dict("records")),
        "",
    ]


def _apart(part: pd.DataFrame) -> list[str]:
    """Which quantities of a block were ranked by a call of their own, if any."""
    last = part[part["seconds"] != part["seconds"].iloc[0]]
    if last.empty:
        return []
    names = ", ".join(f"`{name}`" for name in last["quantity"])
    told = f"{last['seconds'].iloc[0]:.1f} seconds each, {last['divergent'].iloc[0]:.1%}"
    return [
        f"Ranked apart, after the others and on the same truths: {names} ({told} with a "
        "divergence). The picture shows this alone; seconds and divergences of the first table "
        "are those of the others ([decision](adr/0033-calibration.md)).",
        "",
    ]


def _beside(times: pd.DataFrame) -> list[str]:
    """What a simulation costs here and by `simuk`."""
    about = times.iloc[0]
    return [
        "## Beside simuk",
        "",
        f"`simuk` {about['simuk']} on the same models, with the same chain, draws and tuning, one "
        "simulation after another on one core, compiling counted but for what earlier "
        "processes kept "
        f"(`scripts/simuk_times.py`, {about['date']}, pymc {about['pymc']}, nutpie "
        f"{about['nutpie']}, {about['machine']}). Ours is compiled once and told new data; `simuk` "
        "makes a new model of every simulation. Its data are values of observed variables: blocks "
        "that integrate effects out of their likelihood have none. On a machine that does other "
        "work, processor seconds are those to compare.",
        "",
        "| block | by | simulations | processor seconds each | seconds each |",
        "|---|---|---:|---:|---:|",
        *map(_time_row, times.to_dict("records")),
        "",
    ]


def _time_row(row: Mapping[Any, Any]) -> str:
    told = f"| {row['block']} | {row['by']} | {row['simulations']} "
    if np.isfinite(row["cpu_seconds"]):
        return f"{told}| {row['cpu_seconds']:.1f} | {row['seconds']:.1f} |"
    return f"{told}| cannot: `{row['problem']}` | |"


def _block_row(block: str, part: pd.DataFrame) -> str:
    inside = "all" if part["inside"].all() else ", ".join(part.loc[~part["inside"], "quantity"])
    inside = inside if part["inside"].all() else f"**not: {inside}**"
    held = " | ".join(f"{part[f'coverage_{p}'].mean():.2f}" for p in (50, 80, 95))
    return (
        f"| {block} | {part['simulations'].iloc[0]} | {len(part)} | {inside} | {held} "
        f"| {part['divergent'].iloc[0]:.0%} | {part['seconds'].iloc[0]:.1f} "
        f"| {' and '.join(map(str, part['date'].unique()))} |"
    )


def _row(row: Mapping[Any, Any]) -> str:
    held = " | ".join(f"{row[f'coverage_{p}']:.2f}" for p in (50, 80, 95))
    return f"| `{row['quantity']}` | {held} | {row['outside']:.3f} | {row['ess']:.0f} |"


def rank_figure(quantities: Mapping[str, tuple[np.ndarray, ...]]) -> Figure:
    """Distribution of the ranks of a block's quantities, less uniform, and the band of them all.

    Parameters
    ----------
    quantities : quantity -> points, distribution, lower and upper band
    """
    figure = Figure(figsize=(5.2, 3.0), layout="constrained")
    ax = draw_ranks(figure.subplots(), quantities)
    ax.set_xlabel("rank of the truth")
    ax.set_ylabel("share of ranks below,\nless uniform")
    return figure


def draw_ranks(ax: Axes, quantities: Mapping[str, tuple[np.ndarray, ...]]) -> Axes:
    """Lines of all quantities of a block, named where they leave the band that holds them all."""
    for name, (points, ecdf, low, high) in quantities.items():
        inside = bool((low <= ecdf).all() and (ecdf <= high).all())
        ax.plot(points, ecdf - points, color="#1f5a7a" if inside else "#b3361e", lw=0.9, label=name)
        if not inside:
            _name(ax, name, points, ecdf - points)
    points, _, low, high = next(iter(quantities.values()))
    ax.fill_between(points, low - points, high - points, color="#c9d6dd", lw=0, zorder=0)
    ax.axhline(0.0, color="#666666", lw=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _name(ax: Axes, name: str, points: np.ndarray, apart: np.ndarray) -> None:
    """Name a line where it is farthest from uniform."""
    place = int(np.abs(apart).argmax())
    ax.annotate(name, (points[place], apart[place]), color="#b3361e", fontsize=8, va="bottom")

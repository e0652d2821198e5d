"""The page of the backtests: what was forecast, what came, and where a baseline was better."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from bayesgap.present.markdown import render
from bayesgap.validation.backtest.acceptance import (
    ADULTS,
    EDUCATION,
    HORIZONS,
    INFLOW,
    SECTORS,
    SHORT,
    SHORT_HORIZONS,
    SIX_LEVELS,
)
from bayesgap.validation.backtest.missed_bars import missed_bars
from bayesgap.validation.backtest.results import ALL, BEST, EACH, MODEL, PARTS
from bayesgap.validation.backtest.score_tables import score_table

BAND = (0.72, 0.90)
BLOCKS = {
    "population": "Population by age",
    "population_shares": "Shares of the sum of all regions (the nation's error taken out)",
    "population_telemark": "Telemark's municipalities, ages 20-66",
    EDUCATION: "Levels of education, ages 30-66",
    SIX_LEVELS: "Six levels of education, ages 16 and over",
    SECTORS: "Employment by sector",
}


def validation_page(
    tables: Mapping[str, pd.DataFrame], about: Mapping[str, object], command: str
) -> str:
    """Markdown of the whole page; every figure in it stands in the tables beside it.

    Parameters
    ----------
    tables : scores, origins, skill and bars, as in `analysis.backtest`
    about : what the evidence is
    command : how the page was made
    """
    bars = tables["bars"]
    met = bars.groupby("part")["met"].agg(["sum", "count"]).iterrows()
    blocks = []
    for block in BLOCKS:
        chosen = {name: _of(table, block) for name, table in tables.items()}
        if len(chosen["scores"]):
            each = _of(tables["scores"], block + EACH) if block == SIX_LEVELS else None
            blocks.append(_block(block, chosen, each))
    return render(
        "validation/backtest/page",
        command=command,
        about=about,
        met="; ".join(f"{part}: {row['sum']} of {row['count']} met" for part, row in met),
        bars=_bars(bars),
        missed=missed_bars(bars),
        losses=_losses(tables["skill"]),
        blocks=blocks,
        score_table=score_table,
    )


def _of(table: pd.DataFrame, block: str) -> pd.DataFrame:
    shown = SHORT_HORIZONS if block.removesuffix(EACH) in SHORT else HORIZONS
    return table[(table["block"] == block) & table["horizon"].isin(shown)]


def _bars(bars: pd.DataFrame) -> pd.DataFrame:
    asked = [_asked(low, high) for low, high in zip(bars["low"], bars["high"], strict=True)]
    shown = bars.assign(
        of=bars["block"].str.removeprefix("population_"),
        asked=asked,
        verdict=bars["met"].map({True: "met", False: "missed"}),
    )
    columns = ["bar", "of", "group", "horizon", "asked", "part", "reached", "verdict", "why"]
    return shown[columns]


def _asked(low: float, high: float) -> str:
    if low == high:
        return f"holds {low:.2f}"
    return f"{low:.2f}-{high:.2f}" if low > 0 else f"at most {high:.2f}"


def _losses(skill: pd.DataFrame) -> pd.DataFrame:
    rows = skill[(skill["crps_ratio"] > 1) & (skill["against"] != BEST)]
    return rows[
        ["block", "part", "group", "horizon", "against", "crps_ratio", "mape_ratio", "lost"]
    ]


def _block(
    block: str, tables: Mapping[str, pd.DataFrame], each: pd.DataFrame | None
) -> dict[str, object]:
    """Tables of one block for the template."""
    scores, origins, skill = (tables[name] for name in ("scores", "origins", "skill"))
    model = scores[(scores["method"] == MODEL) & (scores["size"] == ALL)]
    groups = list(SHORT.get(block, [ADULTS]))
    chosen = scores[scores["group"].isin(groups)]
    sized = chosen[(chosen["method"] == MODEL) & (chosen["size"] != ALL)]
    rivals = chosen[chosen["size"] == ALL].sort_values(["part", "group", "horizon", "crps"])
    kept = ["coverage_80", "crps", "mape", "bias", "cases"]
    best = ["part", "group", "horizon", "chosen", "crps_ratio", "mape_ratio", "lost"]
    return {
        "name": block,
        "title": BLOCKS[block],
        "whose": "" if block in SHORT else f", ages {ADULTS}",
        "parts": [(part, _scores(model, part)) for part in model["part"].unique()],
        "origins": _origins(origins[origins["group"].isin(groups)]),
        "sizes": sized[["part", "group", "size", "horizon", *kept]],
        "rivals": rivals[["part", "group", "horizon", "method", *kept]],
        "by_level": None if each is None else _levels(each),
        "best": skill.loc[skill["against"] == BEST, best],
    }


def _levels(scores: pd.DataFrame) -> pd.DataFrame:
    model = scores[(scores["method"] == MODEL) & (scores["size"] == ALL)]
    columns = ["group", "horizon", "coverage_80", "coverage_95", "crps", "mape", "bias", "pit_mean"]
    return model[[*columns, "width_80", "cases"]]


def _scores(model: pd.DataFrame, part: str) -> pd.DataFrame:
    rows = model[model["part"] == part]
    pairs = zip(rows["coverage_80_low"], rows["coverage_80_high"], strict=True)
    coverage = ["group", "horizon", "coverage_50", "coverage_80", "interval", "coverage_95"]
    scores = ["crps", "wis", "mape", "bias", "width_80", "pit_mean", "regions", "origins"]
    text = [f"{low:.2f}-{high:.2f}" for low, high in pairs]
    return rows.assign(interval=text)[coverage + scores]


def _origins(rows: pd.DataFrame) -> pd.DataFrame:
    inflow = rows["origin"] + rows["horizon"] >= INFLOW
    shown = rows.assign(inflow=inflow.map({True: "yes", False: "no"}))
    columns = ["horizon", "origin", "part", "inflow", "coverage_80", "coverage_95"]
    return shown[[*columns, "crps", "mape", "bias", "regions"]]


def origins_figure(origins: pd.DataFrame) -> Figure:
    """Share of regions inside their 80 % interval, by origin: levels and shares, 5 and 10 years."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    names = {"population": "levels", "population_shares": "shares"}
    adults = origins[origins["group"] == ADULTS]
    for panel, horizon in zip(axes, HORIZONS, strict=True):
        panel.axhspan(*BAND, color="0.92")
        panel.axhline(0.8, color="0.4", linewidth=0.8)
        for (block, name), mark in zip(names.items(), ("o", "s"), strict=True):
            rows = adults[(adults["block"] == block) & (adults["horizon"] == horizon)]
            (line,) = panel.plot(rows["origin"], rows["coverage_80"], marker=mark, label=name)
            kept = rows[rows["part"] == PARTS[True]]
            ring = {"ls": "none", "mfc": "none", "ms": 13, "mec": line.get_color()}
            panel.plot(kept["origin"], kept["coverage_80"], marker="o", **ring)
        panel.set(title=f"{horizon} years ahead", xlabel="origin", ylim=(0, 1))
        panel.set_xticks(sorted(adults.loc[adults["horizon"] == horizon, "origin"].unique()))
        panel.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("share of regions in the 80 % interval")
    axes[0].legend(frameon=False, loc="lower right")
    return figure

"""The page of the backtests: what was forecast, what came, and where a baseline was better."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from bayesgap.validation.backtest.bars import (
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
REMARKS = {
    SECTORS: """
A sector (1 000 employed or more) of a county in the regional accounts of 2008-2019, of an area of
Telemark in the register of 2016-2024, and of the employed residents of Buskerud's regions in
2008-2024: the five sectors that municipalities tell. No forecast is scored across a break of its
series (the register's of 2014/15; Drammensregionen's border of 2019/20; Jevnaker is left out). The
fast form has the block's law for areas, without residents' industries and totals at the workplace;
drivers are the nation's, and go on as in the five years before. Few years are seen before an
origin. Nothing was chosen by these outcomes.
""",
    EDUCATION: """
A level's share of the residents aged 30-66 of a region (5 000 residents or more, borders that can
be followed: two counts of the same residents agree). Municipalities publish three levels, so these
are scored; errors are in per cent of the share. All residents are scored from 2014, before which
most immigrants' education was unknown; unknown is taken as the rest of its background. Size is
that of the whole region. The fast form has the block's law of stocks, and its misfit goes on from
the last stock ([decision](adr/0039-levels-of-education-from-old-data.md)); who moves is not drawn.
Baselines are no change, the region's own trend and that of all regions together (of the years
seen, five at most); ages are not published, so cohorts cannot be replaced. At the first origins of
each group baselines know too few errors to be dressed and are not compared; five years ahead, all
residents' shares have no change alone to beat. Misfit has one scale for all sizes, so intervals of
large regions are too wide and those of small ones narrower (by size, below).

Every year of a stock is read, so two of each region are known at 2012: chosen after these outcomes
had been seen, as for six levels below ([why](adr/0041-every-year-of-a-stock.md)). Nothing else was
chosen by them.
""",
    SIX_LEVELS: """
A level's share of the residents aged 16 and over of known education, in the regions of Telemark
that the study learns from: the only ones whose six levels are published (unknown is the sixth).
Here the sampled block itself is fitted at each origin, on the study's own panel cut there. Higher
vocational education is counted apart from 2016, so that is the first origin; four regions and four
origins that share most years are few independent outcomes. Baselines are no change, the region's
own trend and the nation's; where too few errors were known, levels are not compared. Which years
are read was chosen with these outcomes seen ([what was tried](adr/0041-every-year-of-a-stock.md)).

By level, below: each level is missed on its own side at most origins. Fewer are left with primary
school alone than the law's cohorts expect. Master's degrees turned after 2021, in the country too.
Telemark's regions gained higher vocational education faster than the country, already before 2019.
""",
}
INTRODUCTION = """# Is it true? Forecasts from old data against what came

At each origin the population block is fitted to what was known then, and drawn forwards; what came
is then compared with the draws, region by region. Intervals are equal-tailed credible intervals.
Errors, CRPS, WIS and widths are in per cent of the outcome. Baselines become distributions by
their own errors from earlier origins; the best one is chosen without the scored origin
([decision](adr/0029-scores-and-baselines.md)).

Held out of every choice of the model: origins 2018 and 2019 at five years, 2013 and 2014 at ten.
Two earlier versions of this law were scored on them while the backtest was built; nothing was
chosen by it. All of them hold the refugee inflow of 2022-23.

What this is not: outcomes are today's revised figures at the borders of 2024, so it is no
real-time test; the list of regions and the ages' gross mobility are of today too. Origins share
years: few are independent, and the block interval, which draws whole origins and whole regions
(95 %), says so. Forecasts are those of the fast form, whose intervals are narrower than the
sampled ones at ten years ([decision](adr/0028-a-fast-form-for-many-regions.md)). Another kind of
processor draws otherwise, so that a bar at its edge may be met there and missed here. The whole
chain is tested from a past year on a page of its own ([the chain](transfer.md)).
"""


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
    facts = "\n".join(f"| {name} | {value} |" for name, value in about.items())
    parts = [
        INTRODUCTION,
        f"Written by `{command}`; not edited by hand.\n\n| | |\n|---|---|\n{facts}\n",
        f"## Against the bars\n\n{_bars(tables['bars'])}\n",
        f"## What the missed bars would take\n\n{missed_bars(tables['bars'])}\n",
        f"## Where a baseline wins\n\n{_losses(tables['skill'])}\n",
        "## Coverage by origin\n\n![Coverage by origin](figures/backtest_origins.png)\n\n"
        "Ages 20-66: share of regions inside the 80 % interval; the band is the bar, rings are "
        "held-out origins.\n",
    ]
    for block in BLOCKS:
        chosen = {name: _of(table, block) for name, table in tables.items()}
        if len(chosen["scores"]):
            each = _of(tables["scores"], block + EACH) if block == SIX_LEVELS else None
            parts.append(_block(block, chosen, each))
    return "\n".join(parts)


def _of(table: pd.DataFrame, block: str) -> pd.DataFrame:
    shown = SHORT_HORIZONS if block.removesuffix(EACH) in SHORT else HORIZONS
    return table[(table["block"] == block) & table["horizon"].isin(shown)]


def _bars(bars: pd.DataFrame) -> str:
    met = bars.groupby("part")["met"].agg(["sum", "count"])
    said = "; ".join(f"{part}: {row['sum']} of {row['count']} met" for part, row in met.iterrows())
    verdict = bars["met"].map({True: "met", False: "missed"})
    shown = pd.DataFrame(
        {
            "bar": bars["bar"],
            "of": bars["block"].str.removeprefix("population_"),
            "group": bars["group"],
            "horizon": bars["horizon"],
            "asked": [
                _asked(low, high) for low, high in zip(bars["low"], bars["high"], strict=True)
            ],
            "part": bars["part"],
            "reached": bars["reached"],
            "verdict": verdict,
            "why": bars["why"],
        }
    )
    return f"{said}.\n\n{score_table(shown)}"


def _asked(low: float, high: float) -> str:
    if low == high:
        return f"holds {low:.2f}"
    return f"{low:.2f}-{high:.2f}" if low > 0 else f"at most {high:.2f}"


def _losses(skill: pd.DataFrame) -> str:
    rows = skill[(skill["crps_ratio"] > 1) & (skill["against"] != BEST)]
    if rows.empty:
        return "Nowhere, by mean CRPS over the origins of a part."
    columns = ["block", "part", "group", "horizon", "against", "crps_ratio", "mape_ratio", "lost"]
    return "By mean CRPS over the origins of a part:\n\n" + score_table(rows[columns])


def _block(block: str, tables: Mapping[str, pd.DataFrame], each: pd.DataFrame | None = None) -> str:
    scores = tables["scores"]
    model = scores[(scores["method"] == MODEL) & (scores["size"] == ALL)]
    lines = [f"## {BLOCKS[block]}\n{REMARKS.get(block, '')}"]
    for part in model["part"].unique():
        lines.append(f"### {part.capitalize()} origins\n\n{_scores(model, part)}\n")
    groups = list(SHORT.get(block, [ADULTS]))
    whose = "" if block in SHORT else f", ages {ADULTS}"
    origins = tables["origins"][tables["origins"]["group"].isin(groups)]
    lines.append(f"### By origin{whose}\n\n{_origins(origins)}\n")
    chosen = scores[scores["group"].isin(groups)]
    sized = chosen[(chosen["method"] == MODEL) & (chosen["size"] != ALL)]
    columns = ["part", "group", "size", "horizon", "coverage_80", "crps", "mape", "bias", "cases"]
    lines.append(f"### By size{whose}\n\n{score_table(sized[columns])}\n")
    order = ["part", "group", "horizon", "crps"]
    rivals = chosen[chosen["size"] == ALL].sort_values(order)
    columns[2:4] = ["horizon", "method"]
    lines.append(f"### Beside baselines{whose}\n\n{score_table(rivals[columns])}\n")
    if each is not None:
        lines.append(f"### By level\n\n{_levels(each)}\n")
    best = tables["skill"][tables["skill"]["against"] == BEST]
    columns = ["part", "group", "horizon", "chosen", "crps_ratio", "mape_ratio", "lost"]
    lines.append(
        "### Relative to the best baseline (below 1 is better than it)\n\n"
        f"{score_table(best[columns])}\n"
    )
    return "\n".join(lines)


def _levels(scores: pd.DataFrame) -> str:
    model = scores[(scores["method"] == MODEL) & (scores["size"] == ALL)]
    columns = ["group", "horizon", "coverage_80", "coverage_95", "crps", "mape", "bias", "pit_mean"]
    return score_table(model[[*columns, "width_80", "cases"]])


def _scores(model: pd.DataFrame, part: str) -> str:
    rows = model[model["part"] == part]
    pairs = zip(rows["coverage_80_low"], rows["coverage_80_high"], strict=True)
    coverage = ["group", "horizon", "coverage_50", "coverage_80", "interval", "coverage_95"]
    scores = ["crps", "wis", "mape", "bias", "width_80", "pit_mean", "regions", "origins"]
    text = [f"{low:.2f}-{high:.2f}" for low, high in pairs]
    return score_table(rows.assign(interval=text)[coverage + scores])


def _origins(rows: pd.DataFrame) -> str:
    inflow = rows["origin"] + rows["horizon"] >= INFLOW
    shown = rows.assign(inflow=inflow.map({True: "yes", False: "no"}))
    columns = ["horizon", "origin", "part", "inflow", "coverage_80", "coverage_95"]
    return score_table(shown[[*columns, "crps", "mape", "bias", "regions"]])


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

"""The page of misspecification: what intervals are worth when a rule of the law is broken."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bayesgap.validation.misspecification.rules import OFTEN, STEP
from bayesgap.validation.misspecification.table import LEAST

MADE = ("bayesgap", "date", "seed", "machine")
PATHS = {
    "population": "Scores of net migration by age, and of births, in regions, with the noise of "
    "counts, which is in the sizes too; the nation's migration, deaths and births break no rule.",
    "education": "Log-odds of the immigrants' share of residents aged 30 to 66 in regions; stocks "
    "of education have no path of their own and are not in it. A break of level is one year of odd "
    "growth and stays, as a jump of heavy tails does, on top of tails that are heavy by law; a "
    "shock is two odd years. Two kinds grow differently, and less so with the years.",
    "sectors": "Logs of the nation's employed by sector, which are the regions here: growth is "
    "pooled about one mean. A break of level is one year of odd growth and stays, as a jump of "
    "heavy tails does; a shock is two such years. Two kinds of sectors grow differently for good. "
    "What regions add breaks no rule.",
    "commuting": "Log-odds of commuting out of regions, and logs of commuting into them.",
    "participation": "Log-odds of participation in regions; the nation's path, on which they "
    "stand, breaks no rule and is seen one year longer than regions.",
}


def page(table: pd.DataFrame, rules: Mapping[str, str]) -> str:
    """Markdown page of `misfit_table` of every block; `rules` says in words what is broken."""
    blocks = table.groupby("block", sort=False)
    return "\n".join(
        [
            "# What if the world does not keep the law?",
            "",
            "Made-up regions that break one rule of the model, fitted by the model as it is, and "
            "forecast 1, 5 and 10 years beyond what it saw. Truths are drawn from the priors of "
            "the default study, and every rule breaks the same worlds. These blocks are those "
            "whose data and forecasts are paths of places about pooled means. Of education it "
            "is the immigrants' share alone: its stocks follow cohorts. Skill mix is none: its "
            "data are yearly changes, with heavy tails by law, and what it forecasts is the part "
            "that sectors carry on, which is assumed. Nor is imbalance, which is of one year.",
            "",
            f"Breaks and shocks are of {STEP:g} standard deviations of a place's own yearly "
            f"deviations, jumps too, in {OFTEN:.0%} of places and years; two kinds lie two spreads "
            "of the means to either side. Each path of a block breaks by itself. What is scored "
            "are the study's targets, broken or not. Sides are by chance.",
            "",
            "Made by `bayesgap validate misfits`. Intervals are equal-tailed credible "
            "intervals; the error is the standard error over simulations. Bias, behind and mean "
            "error are in widths of the 80 % interval. Bias is positive where forecasts lie above "
            "what came; sides being by chance, it shows only what leans to one of them. Behind is "
            f"the bias of what the break has moved by {LEAST:g} widths or more: positive where "
            "forecasts lie on the side that it came from; blank where nothing ahead is moved, as "
            "after a shock year. Heavy tails go on in the years ahead, and no forecast could "
            "follow these. Width is that of the "
            "80 % interval over where no rule is broken. Intervals end at quantiles of 100 draws, "
            "which by itself makes 80 % hold 78 % and 95 % hold 93 %.",
            "",
            *(f"- **{name}**: {words}" for name, words in rules.items()),
            *(line for name, part in blocks for line in _block(str(name), part)),
            "",
        ]
    )


def _block(name: str, part: pd.DataFrame) -> list[str]:
    told = ", ".join(f"{key} {part[key].iloc[0]}" for key in MADE)
    return [
        "",
        f"## {name.capitalize()}",
        "",
        f"{PATHS[name]} Made by {told}.",
        "",
        "| broken | years ahead | simulations | held by 80 % (± error) | by 95 % | bias "
        "| behind | mean error | width |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *map(_row, part.to_dict("records")),
    ]


def _row(row: Mapping[Any, Any]) -> str:
    held = f"{row['coverage_80']:.0%} ± {row['coverage_80_error']:.0%} | {row['coverage_95']:.0%}"
    behind = f"{row['behind']:+.2f}" if np.isfinite(row["behind"]) else ""
    rest = f"{row['bias']:+.2f} | {behind} | {row['error']:.2f} | {row['width']:.2f}"
    return f"| {row['rule']} | {row['horizon']} | {row['simulations']} | {held} | {rest} |"

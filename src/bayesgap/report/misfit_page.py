"""The page of misspecification: what intervals are worth when a rule of the law is broken."""

from collections.abc import Mapping
from typing import Any

import pandas as pd


def page(table: pd.DataFrame, rules: Mapping[str, str], provenance: Mapping[str, str | int]) -> str:
    """Markdown page of `analysis.misfits.misfit_table`; `rules` says in words what is broken."""
    told = ", ".join(f"{name} {value}" for name, value in provenance.items())
    return "\n".join(
        [
            "# What if the world does not keep the law?",
            "",
            "Made-up regions whose commuting breaks one rule of the model, fitted by the model as "
            "it is, and forecast 1, 5 and 10 years beyond what it saw. Truths are drawn from the "
            "priors of the default study, and every rule breaks the same worlds. Paths of regions "
            "about pooled means are also the law of participation.",
            "",
            f"Made by `bayesgap validate misfits`: {told}. Intervals are equal-tailed credible "
            "intervals; the error is the standard error over simulations. Bias and mean error are "
            "in widths of the 80 % interval, bias positive where forecasts lie above what came; "
            "width is that of the 80 % interval over where no rule is broken.",
            "",
            "| broken | years ahead | simulations | held by 80 % (± error) | by 95 % | bias "
            "| mean error | width |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
            *map(_row, table.to_dict("records")),
            "",
            *(f"- **{name}**: {words}" for name, words in rules.items()),
            "",
        ]
    )


def _row(row: Mapping[Any, Any]) -> str:
    held = f"{row['coverage_80']:.0%} ± {row['coverage_80_error']:.0%} | {row['coverage_95']:.0%}"
    rest = f"{row['bias']:+.2f} | {row['error']:.2f} | {row['width']:.2f}"
    return f"| {row['rule']} | {row['horizon']} | {row['simulations']} | {held} | {rest} |"

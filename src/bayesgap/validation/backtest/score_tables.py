"""Markdown tables of scores of forecasts, whatever was forecast."""

import pandas as pd

from bayesgap.present.markdown import table as markdown

HEADS = {
    "group": "group",
    "horizon": "years ahead",
    "coverage_50": "in 50 %",
    "coverage_80": "in 80 %",
    "coverage_95": "in 95 %",
    "interval": "80 %: block interval",
    "crps": "CRPS, %",
    "wis": "WIS, %",
    "mape": "MAPE, %",
    "bias": "bias, %",
    "width_80": "width of 80 %, %",
    "pit_mean": "mean PIT",
    "method": "forecast",
    "size": "persons",
    "crps_ratio": "CRPS ratio",
    "mape_ratio": "MAPE ratio",
    "ahead": "years ahead",
    "lost": "origins lost",
}


def score_table(table: pd.DataFrame) -> str:
    """Rows of `table` under the names that readers know scores by."""
    heads = [HEADS.get(name, name.replace("_", " ")) for name in table.columns]
    rows = table.itertuples(index=False)
    return "\n".join(markdown(" | ".join(heads), ([_cell(value) for value in row] for row in rows)))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.2f}"
    return str(value).replace("_", " ")

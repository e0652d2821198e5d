"""The summary as a model output of the hubverse: its columns, its output types, its file name.

The standard output types have no standard deviation and no Monte Carlo error, so those stay
behind; P(shortage) becomes the probability mass function of a target with two categories.
"""

import re

import pandas as pd

from bayesgap import schema

TEAM = "bayesgap"
STANDARD = ("output_type", "output_type_id", "value")
TASKS = (
    "origin_date", "target", "horizon", "target_end_date", "location", "scenario_id", "education",
    "level", "field", "sector",
)  # fmt: skip
SIGN, SHORT, NOT_SHORT = "gap_sign", "shortage", "no_shortage"


def hub_path(study: str, base_year: int) -> str:
    """`model-output/<team>-<model>/<round>-<team>-<model>.csv`; no hyphen within a part."""
    model = f"{TEAM}-{re.sub(r'[^A-Za-z0-9_]', '_', study)}"
    return f"model-output/{model}/{base_year}-12-31-{model}.csv"


def hub_table(summary: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Rows with the columns `TASKS` and `STANDARD`; ids of mean and median are missing."""
    quantiles = summary[summary["output_type"] == "quantile"]
    middle = quantiles[quantiles["output_type_id"] == "0.5"]
    chance = summary[summary["output_type_id"] == schema.SHORTAGE].assign(
        quantity=SIGN, output_type="pmf", output_type_id=SHORT
    )
    rest = chance.assign(output_type_id=NOT_SHORT, value=1.0 - chance["value"])
    means = summary[summary["output_type"] == "mean"]
    whole = pd.concat(
        [
            means.assign(output_type_id=None),
            middle.assign(output_type="median", output_type_id=None),
            quantiles,
            chance,
            rest,
        ],
        ignore_index=True,
    )
    day = whole["quantity"].map(lambda quantity: "01-01" if quantity == "population" else "12-31")
    names = {"quantity": "target", "region": "location", "scenario": "scenario_id"}
    whole = whole.rename(columns=names).assign(
        origin_date=f"{base_year}-12-31",
        horizon=whole["year"] - base_year,
        target_end_date=whole["year"].astype(str) + "-" + day,
    )
    return whole[[*TASKS, *STANDARD]]

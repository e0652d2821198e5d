"""Official projections of Telemark's municipalities as forecasts: a path, and a band as uniform.

The main alternative is a point. Low and high are no interval: no probability is claimed for them.
As a distribution they are taken for a uniform on the band, which is what a reader makes of them.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.validation.backtest.realdata import read_file
from bayesgap.validation.backtest.scores import scored_cases

VINTAGES = "projection_vintages_telemark_2005_2026.parquet"
GROUP = "20-66"
MAIN, LOW, HIGH = "MMMM", "LLML", "HHMH"
BLOCK = "population_telemark"
METHOD = "official"
PARTS = {"Bø": "Midt-Telemark", "Sauherad": "Midt-Telemark"}  # joined in 2020
GRID = (np.arange(200) + 0.5) / 200


def read_vintages(folder: Path, names: dict[str, str]) -> pd.DataFrame:
    """Projected residents aged 20-66: region, origin, horizon and a column an alternative.

    `names` maps a municipality's name to its region; editions before 2020 have older borders,
    whose parts are added up.
    """
    table = read_file(folder, VINTAGES)
    adults = table[table["age_group"].isin(["20-66 år", "20-44 år", "45-66 år"])]
    name = adults["region"].str.replace(r" \(.*\)$", "", regex=True)
    adults = adults.assign(
        region=name.replace(PARTS).map(names), horizon=adults["year"] - adults["vintage"]
    )
    adults = adults.dropna(subset="region").rename(columns={"vintage": "origin"})
    keys = ["region", "origin", "horizon", "alternative"]
    sums = adults.groupby(keys)["persons"].sum()
    return sums.unstack("alternative").reset_index()


def official_cases(vintages: pd.DataFrame, came: pd.DataFrame) -> pd.DataFrame:
    """Scored cases of the uniform on the official band; its error is that of the main path."""
    keys = ["region", "origin", "horizon"]
    both = vintages.merge(came[came["group"] == GROUP], on=keys).reset_index(drop=True)
    low, high = both[LOW].to_numpy(dtype=float), both[HIGH].to_numpy(dtype=float)
    values = low + np.multiply.outer(GRID, np.maximum(high - low, 0.5))
    cases = scored_cases(both[[*keys, "group", "size"]], values, both["outcome"].to_numpy())
    return cases.assign(
        error=100 * (both[MAIN] / both["outcome"] - 1),
        in_band=(both["outcome"] >= low) & (both["outcome"] <= high),
        block=BLOCK,
        method=METHOD,
    )

"""The business cycle that blocks share: how the nation's jobs grow."""

import numpy as np
import pandas as pd

BREAK = 2014  # last year of the old register of employed; the level moves in 2015


def business_cycle(nation: pd.DataFrame) -> pd.Series:
    """Standardised growth of the nation's jobs (year); the year of a new register is left out."""
    jobs = nation.query("concept == 'workplace'").groupby("year")["employed"].sum()
    growth = np.log(jobs).diff().dropna().drop(index=BREAK + 1, errors="ignore")
    return (growth - growth.mean()) / growth.std()

"""Levels of education among residents: of the nation, of regions, and at young ages."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from bayesgap.schema import LEVELS

NATION = "Norway"
TERTIARY = LEVELS[2:]
FIRST_AGES = {"upper_secondary": 19, "higher_vocational": 22, "bachelor": 22, "master": 24}
"""Ages at which a level can be reached: school of thirteen years from six on, then study."""


def national_levels(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Shares of levels among the nation's residents of 16 and over, last year (level).

    Without a table of the nation every region of the table counts; without a table, levels are
    as many as each other.
    """
    frame = tables.get("education_residents_16plus")
    if frame is None or frame.empty:
        return np.full(len(LEVELS), 1 / len(LEVELS))
    own = frame[frame["region"] == NATION]
    last = own if len(own) else frame
    last = last[last["year"] == last["year"].max()]
    persons = last.groupby("level")["persons"].sum().reindex(list(LEVELS)).fillna(0.0)
    return (persons / persons.sum()).to_numpy(dtype=float)


def regional_levels(
    frame: pd.DataFrame, regions: Sequence[str], tertiary: np.ndarray
) -> np.ndarray:
    """Shares of levels among residents of 30-66, last year (region, level).

    Parameters
    ----------
    tertiary : (3) shares of the tertiary levels, which the table does not tell apart
    """
    last = frame[(frame["background"] == "all") & (frame["year"] == frame["year"].max())]
    wide = last.pivot_table(index="region", columns="level", values="persons").loc[list(regions)]
    parts = [wide["primary"] + wide["none"], wide["upper_secondary"]]
    parts += [wide["tertiary"] * share for share in tertiary / tertiary.sum()]
    counts = np.stack([part.to_numpy(dtype=float) for part in parts], axis=-1)
    return counts / counts.sum(-1, keepdims=True)


def by_age(shares: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Shares of levels at each age (..., age, level): none that nobody of the age has reached."""
    first = np.array([FIRST_AGES.get(level, 0) for level in LEVELS])
    reached = shares[..., None, :] * (ages[:, None] >= first)
    return reached / reached.sum(-1, keepdims=True)

"""National skill mix of sectors, reconciled with what the nation's employed add up to.

Seeds say how levels and fields spread over sectors; proportional fitting meets the sectors of the
nation exactly and its education groups softly. A cell's spread is its scatter over perturbed seeds.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.data.ipf import Margin, ipf
from bayesgap.schema import EDUCATION, EDUCATION_FIELD, EDUCATION_LEVEL, LEVELS, SECTORS

YEAR = 2022
EMPLOYED_RATE = {  # employed per resident aged 16+, relative between levels: assumed
    "primary": 0.42,
    "upper_secondary": 0.62,
    "higher_vocational": 0.75,
    "bachelor": 0.76,
    "master": 0.82,
}
MARGIN_SD, MARGIN_WEIGHT, FLOOR_SD = 0.1, 5.0, 0.05
REPEATS, SEED = 200, 20262
SOURCE = "bayesgap data reconcile: seeds of levels and fields, national sectors and levels"


def write_skill_mix(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write `skill_mix.csv` into `folder`, whole or not at all."""
    path = folder / "skill_mix.csv"
    partial = path.with_suffix(".partial")
    reconcile_skill_mix(tables).to_csv(partial, index=False)
    partial.replace(path)
    return path


def reconcile_skill_mix(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows (sector, education): share of the sector's employed and its log_sd, status assumed."""
    seed, scatter = mix_seed(tables)
    rows = sector_totals(tables)
    columns = group_totals(tables)
    columns = columns / columns.sum() * rows.sum()
    rng = np.random.default_rng(SEED)
    moved = seed * np.exp(scatter * rng.standard_normal((REPEATS, *seed.shape)))
    other = columns * np.exp(MARGIN_SD * rng.standard_normal((REPEATS, columns.size)))
    other = other / other.sum(-1, keepdims=True) * rows.sum()
    share = _shares(_fit(seed, rows, columns))
    spread = np.log(_shares(_fit(moved, rows, other))).std(0)
    index = pd.MultiIndex.from_product([list(SECTORS), EDUCATION], names=["sector", "education"])
    frame = pd.DataFrame(
        {
            "value": share.ravel().round(6),
            "sd": np.hypot(spread, FLOOR_SD).ravel().round(3),
        },
        index=index,
    ).reset_index()
    return frame.assign(source=SOURCE, status="assumed")


def _fit(seed: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    margins = [Margin((-1,), columns, weight=MARGIN_WEIGHT), Margin((-2,), rows)]
    return ipf(seed, margins, tolerance=1e-6)


def _shares(cells: np.ndarray) -> np.ndarray:
    return cells / cells.sum(-1, keepdims=True)


def mix_seed(tables: Mapping[str, pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Seed persons and log scatter (sector, education): level share x field share x affinity."""
    levels = tables["skill_mix_levels"].set_index(["sector", "level"])
    value = levels["value"].unstack().loc[list(SECTORS), list(LEVELS)].to_numpy(dtype=float)
    spread = levels["sd"].unstack().loc[list(SECTORS), list(LEVELS)].to_numpy(dtype=float)
    affinity, noise = affinities(tables["skill_mix_fields"])
    field = field_shares(tables)
    seed = np.zeros((len(SECTORS), len(EDUCATION)))
    scatter = np.zeros_like(seed)
    for k, level in enumerate(LEVELS):
        groups = [i for i, name in enumerate(EDUCATION_LEVEL) if name == level]
        weight = field[groups] * affinity[:, groups]
        seed[:, groups] = value[:, [k]] * weight / weight.sum(1, keepdims=True)
        scatter[:, groups] = np.hypot(spread[:, [k]], noise[:, groups] * (len(groups) > 1))
    return seed * sector_totals(tables)[:, None], scatter


def affinities(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Affinity of sectors to fields and its log sd (sector, education); 1 where nothing is said."""
    known = frame.set_index(["sector", "field"])
    shape = (len(SECTORS), len(EDUCATION))
    value, spread = np.ones(shape), np.full(shape, float(frame["sd"].median()))
    for i, sector in enumerate(SECTORS):
        for j, field in enumerate(EDUCATION_FIELD):
            if (sector, field) in known.index:
                value[i, j] = known.loc[(sector, field), "value"]
                spread[i, j] = known.loc[(sector, field), "sd"]
    return value, spread


def field_shares(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Assumed national share of each group within its level (education)."""
    shares = tables["education_field_shares"].set_index("education")["value"]
    return np.array([float(shares.get(group, 1.0)) for group in EDUCATION])


def sector_totals(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """National employed by sector (sector)."""
    frame = tables["employment_national"]
    chosen = frame[(frame["concept"] == "workplace") & (frame["year"] == YEAR)]
    return chosen.set_index("sector")["employed"].loc[list(SECTORS)].to_numpy(dtype=float)


def group_totals(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """National employed by education, up to a factor (education)."""
    frame = tables["education_residents_16plus"]
    nation = frame[(frame["region"] == "Norway") & (frame["year"] == YEAR)]
    persons = nation.set_index("level")["persons"]
    level = np.array([persons[name] * EMPLOYED_RATE[name] for name in EDUCATION_LEVEL])
    return level * field_shares(tables)

"""National skill mix of sectors: shares of education groups, fitted to every figure that is known.

R1  log jobs[s,e] = log sector[s] + log group[e] + level[s,l] + cell[s,e], levels and cells of
    sectors scattering by LEVEL_SD and CELL_SD before any figure
R2  sectors add up to the nation's workplaces; all else as `mix_figures` says, each figure with its
    own error
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.data.log_fit import Fitted, fit_logs, ratio
from bayesgap.data.mix_figures import (
    EXACT_SD,
    HEALTH,
    NEAREST,
    cells,
    employed_groups,
    figures,
)
from bayesgap.data.sector_sums import SECTOR_SUMS
from bayesgap.schema import EDUCATION, EDUCATION_LEVEL, LEVELS, SECTORS

YEAR = 2022
LEVEL_SD, CELL_SD = 1.0, 1.25  # cells of eight interviews or more scatter by 0.6 to 0.9
FLOOR_SD = 0.03


def write_skill_mix(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write `skill_mix.csv` into `folder`, whole or not at all."""
    path = folder / "skill_mix.csv"
    partial = path.with_suffix(".partial")
    reconcile_skill_mix(tables).to_csv(partial, index=False)
    partial.replace(path)
    return path


def reconcile_skill_mix(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows (sector, education): share of the sector's employed, and what it rests on.

    `sd` is the log sd of the share within its level, `level_sd` that of the level in the sector.
    """
    share, spread, level = shares(fitted(tables))
    index = pd.MultiIndex.from_product([list(SECTORS), EDUCATION], names=["sector", "education"])
    frame = pd.DataFrame(
        {
            "value": share.ravel().round(6),
            "sd": np.hypot(spread, FLOOR_SD).ravel().round(3),
            "level_sd": np.hypot(level, FLOOR_SD).ravel().round(3),
        },
        index=index,
    ).reset_index()
    asked = interviewed(tables)
    sources = [
        rests_on(s, e, asked) for s, e in zip(frame["sector"], frame["education"], strict=True)
    ]
    return frame.assign(source=sources, status="assumed")


def fitted(tables: Mapping[str, pd.DataFrame]) -> Fitted:
    """Log jobs (sector, education) that fit all figures."""
    rows = sector_totals(tables)
    exact = [
        ratio((cells((sector,)),), (), float(np.log(jobs)), EXACT_SD)
        for sector, jobs in zip(SECTORS, rows, strict=True)
    ]
    groups = employed_groups(tables).to_numpy()
    centre = np.log(rows)[:, None] + np.log(groups / groups.sum())
    return fit_logs(centre, _scatter(), [*exact, *figures(tables)])


def _scatter() -> np.ndarray:
    """Covariance of log cells before any figure (cell, cell)."""
    level = np.equal.outer(EDUCATION_LEVEL, EDUCATION_LEVEL).astype(float)
    within = LEVEL_SD**2 * (level + 1.0) + CELL_SD**2 * np.eye(len(EDUCATION))
    return np.kron(np.eye(len(SECTORS)), within)


def shares(found: Fitted) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares within sectors, and log sds within levels and of levels (sector, education)."""
    jobs = np.exp(found.log)
    share = jobs / jobs.sum(-1, keepdims=True)
    inside = np.equal.outer(EDUCATION_LEVEL, EDUCATION_LEVEL).astype(float)
    within, level = np.empty(share.shape), np.empty(share.shape)
    for i, row in enumerate(share):
        own = slice(i * row.size, (i + 1) * row.size)
        covariance = found.covariance[own, own]
        part = inside * row / (inside @ row)[:, None]  # weights of a level's groups in its sum
        away, of_level = np.eye(row.size) - part, part - row
        within[i] = np.sqrt(np.diag(away @ covariance @ away.T))
        level[i] = np.sqrt(np.diag(of_level @ covariance @ of_level.T))
    return share, within, level


def sector_totals(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """National employed by sector (sector)."""
    frame = tables["employment_national"]
    chosen = frame[(frame["concept"] == "workplace") & (frame["year"] == YEAR)]
    return chosen.set_index("sector")["employed"].loc[list(SECTORS)].to_numpy(dtype=float)


def interviewed(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str], int]:
    """Persons interviewed about their field, by sector and level."""
    frame = tables.get("sector_fields_piaac")
    if frame is None or frame.empty:
        return {}
    frame = frame[~frame["field"].str.endswith("_trades")]
    sums = frame.groupby(["sector", "level"], as_index=False)["respondents"].sum()
    return {(row["sector"], row["level"]): row["respondents"] for row in sums.to_dict("records")}


def rests_on(sector: str, group: str, asked: Mapping[tuple[str, str], int]) -> str:
    """The figures that a cell's share rests on."""
    level, _, field = group.partition(":")
    industry = next(name for name, parts in SECTOR_SUMS.items() if sector in parts)
    said = f"level: labour force survey 2021-23 in {industry}"
    if len(SECTOR_SUMS[industry]) > 1:
        said += ", parted by PIAAC"
    if level in LEVELS[2:]:
        said += "; part of tertiary: PIAAC, register 2024"
    if not field:
        return said
    source = "SSB health counts 2008 and 2020, " if sector == HEALTH else ""
    own = level if (sector, level) in asked else "tertiary"
    if (sector, own) in asked:
        source += f"PIAAC {own} ({asked[sector, own]} persons), "
    elif sector in NEAREST:
        source += f"PIAAC of {NEAREST[sector]} stretched by 50 per cent, "
    return f"{said}; field: {source}register 2024"

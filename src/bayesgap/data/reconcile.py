"""Base tables that nobody published, made by a documented reconciliation (never typed).

Employed by sector at the workplace in the target regions, in the last year of SSB 11618. The seed
is the county's composition, tilted by the residents' industries where they are known; rows meet the
region totals of SSB 11618 exactly, columns lean on the county's sectors moved on by national
growth. The spread of a cell is its scatter over reconciliations of perturbed seeds.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.data.ipf import Margin, ipf
from bayesgap.schema import SECTORS

COUNTY_YEAR = 2019
COUNTY = "Buskerud"
TELEMARK_PART = {"Kongsbergregionen": "Notodden-Tinn-Hjartdal"}
TILTED = ("01-03", "10-33", "84", "85", "86-88")
PUBLISHED = {  # region: {sector: id of the report's share}
    "Drammensregionen": {
        "86-88": "share_health_emp",
        "85": "share_teaching_emp",
        "84": "share_admin_emp",
    }
}
SEED_SD, TILTED_SD, COUNTY_SD, FLOOR_SD = 0.3, 0.15, 0.1, 0.05
COUNTY_WEIGHT = 5.0  # borders differ: the county's sectors bind softly
REPEATS, SEED = 200, 20261
SOURCE = "bayesgap data reconcile: county composition, residents' industries, workplace totals"


def write_reconciled(folder: Path, tables: Mapping[str, pd.DataFrame], targets: list[str]) -> Path:
    """Write `employment_workplace_base.csv` into `folder`, whole or not at all."""
    path = folder / "employment_workplace_base.csv"
    partial = path.with_suffix(".partial")
    reconcile_sector_base(tables, targets).to_csv(partial, index=False)
    partial.replace(path)
    return path


def reconcile_sector_base(tables: Mapping[str, pd.DataFrame], targets: list[str]) -> pd.DataFrame:
    """Rows (region, sector) with persons and log_sd, status assumed."""
    seed, scatter = sector_seed(tables, targets)
    rows = workplace_totals(tables, targets)
    columns = county_sectors(tables)
    columns = columns / columns.sum() * rows.sum()
    rng = np.random.default_rng(SEED)
    noise = scatter * rng.standard_normal((REPEATS, *seed.shape))
    moved = columns * np.exp(COUNTY_SD * rng.standard_normal((REPEATS, columns.size)))
    moved = moved / moved.sum(-1, keepdims=True) * rows.sum()
    fitted = _fit(seed, rows, columns)
    spread = np.log(_fit(seed * np.exp(noise), rows, moved)).std(0)
    index = pd.MultiIndex.from_product([targets, list(SECTORS)], names=["region", "sector"])
    frame = pd.DataFrame(
        {"persons": fitted.ravel().round(1), "log_sd": np.hypot(spread, FLOOR_SD).ravel().round(3)},
        index=index,
    ).reset_index()
    return frame.assign(
        year=base_year(tables),
        concept="workplace",
        border_year=2024,
        coverage="all",
        source=SOURCE,
        status="assumed",
    )


def _fit(seed: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    margins = [Margin((-1,), columns, weight=COUNTY_WEIGHT), Margin((-2,), rows)]
    return ipf(seed, margins, tolerance=1e-6)


def sector_seed(
    tables: Mapping[str, pd.DataFrame], targets: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Seed persons and log scatter (region, sector)."""
    county = county_sectors(tables)
    rows = workplace_totals(tables, targets)
    seed = np.outer(rows, county / county.sum())
    scatter = np.full(seed.shape, SEED_SD)
    names = list(SECTORS)
    quotient = residence_quotients(tables, targets)
    for sector in TILTED:
        seed[:, names.index(sector)] *= quotient[sector].to_numpy()
        scatter[:, names.index(sector)] = TILTED_SD
    for region, part in TELEMARK_PART.items():
        if region in targets:
            known = telemark_sectors(tables, part)
            place = targets.index(region)
            share = known.sum() / rows[place]
            seed[place] = seed[place] / seed[place].sum() * rows[place] * (1 - share) + known
    for region, shares in PUBLISHED.items():
        if region in targets and "report_figures" in tables:
            figures = tables["report_figures"].set_index("id")["value"].astype(float)
            for sector, name in shares.items():
                cell = targets.index(region), names.index(sector)
                seed[cell] = figures[name] * rows[targets.index(region)]
                scatter[cell] = TILTED_SD
    return seed, scatter


def base_year(tables: Mapping[str, pd.DataFrame]) -> int:
    """Last year in which those employed at the workplace are counted."""
    return int(tables["employment_status"]["year"].max())


def workplace_totals(tables: Mapping[str, pd.DataFrame], targets: list[str]) -> np.ndarray:
    """Employed at the workplace in the base year (region)."""
    status = tables["employment_status"]
    chosen = status[status["measure"] == "employed_by_workplace"]
    chosen = chosen[chosen["year"] == base_year(tables)]
    return chosen.set_index("region")["persons"].loc[targets].to_numpy(dtype=float)


def county_sectors(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """The county's sectors moved on to the base year by national growth (sector)."""
    accounts = tables["employment_county_accounts"]
    county = accounts[(accounts["region"] == COUNTY) & (accounts["year"] == COUNTY_YEAR)]
    persons = 1000 * county.set_index("sector")["employed_1000"].loc[list(SECTORS)]
    nation = tables["employment_national"].query("concept == 'workplace'")
    wide = nation.pivot_table(index="sector", columns="year", values="employed")
    growth = (wide[base_year(tables)] / wide[COUNTY_YEAR]).loc[list(SECTORS)]
    return (persons * growth).to_numpy(dtype=float)


def telemark_sectors(tables: Mapping[str, pd.DataFrame], part: str) -> np.ndarray:
    """Observed employed by sector of a Telemark part in the base year (sector)."""
    frame = tables["employment_workplace_telemark"]
    chosen = frame[(frame["region"] == part) & (frame["year"] == base_year(tables))]
    return chosen.set_index("sector")["employed"].loc[list(SECTORS)].to_numpy(dtype=float)


def residence_quotients(tables: Mapping[str, pd.DataFrame], targets: list[str]) -> pd.DataFrame:
    """Share of residents at work in a sector relative to all targets (region by sector)."""
    frame = tables["employment_residence_by_municipality"]
    frame = frame[frame["year"] == COUNTY_YEAR]
    wide = frame.pivot_table(index="region", columns="sector", values="employed", aggfunc="sum")
    share = wide.div(wide["00-99"], axis=0)
    whole = wide.sum() / wide["00-99"].sum()
    return (share / whole).loc[targets]

"""Panel of the sector block: national growth, regional deviations, the reconciled base.

Definitions
-----------
D1  growth[s,t] = log E[s,t] - log E[s,t-1] of the nation at the workplace; 2014/15 is left out
    (new register)
D3  driver[s]: the age band whose growth moves the sector; year t uses 1 January t+1

Regional observations (D2, D4-D6) are in `panel_sectors_regions`.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.sectors.panel_regions import regional_observations
from bayesgap.schema import SECTORS
from bayesgap.study.study import Study

BREAK_YEAR = 2015
DRIVER = {
    "84": "all",
    "85": "0-18",
    "86-88": "care",
    "45-47": "all",
    "55-56": "all",
    "90-99": "all",
    "41-43": "20-66",
    "68-75": "20-66",
    "77-82": "20-66",
}  # other sectors sell beyond the region: no driver
BANDS = {"0-18": (0, 18), "20-66": (20, 66), "65-79": (65, 79), "80+": (80, 89), "all": (0, 89)}
CARE = {"all": 0.45, "65-79": 0.2, "80+": 0.35}  # who uses health and care, by hours: assumed


def build_sectors_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Growth of the nation, of areas and of residents, and the reconciled base.

    Returns
    -------
    Dataset with national_growth, national_driver (growth_year, sector), last_growth (sector),
    known_growth (known_year, sector), known_driver (known_year, target, sector), base_log, base_sd
    (target, sector), workplace_total (target), and the regional observations
    """
    base = tables["employment_workplace_base"]
    first = int(base["year"].max())
    nation = tables["employment_national"].query("concept == 'workplace'")
    wide = nation.pivot_table(index="year", columns="sector", values="employed")[list(SECTORS)]
    growth = np.log(wide).diff().iloc[1:].drop(index=BREAK_YEAR, errors="ignore")
    driver = national_driver(tables["population_national"])
    years = [int(y) for y in growth.index if y in driver.index]
    panel = xr.Dataset(
        {
            "national_growth": (("growth_year", "sector"), growth.loc[years].to_numpy()),
            "national_driver": (("growth_year", "sector"), driver.loc[years].to_numpy()),
            "last_growth": ("sector", growth.iloc[-1].to_numpy()),
            "known_growth": (
                ("known_year", "sector"),
                growth.loc[first + 1 : study.base_year].to_numpy(),
            ),
        },
        coords={
            "growth_year": years,
            "known_year": list(range(first + 1, study.base_year + 1)),
            "sector": list(SECTORS),
            "target": list(study.targets),
        },
    )
    base = base[base["year"] == first].set_index(["region", "sector"])
    persons = base["persons"].unstack().loc[list(study.targets), list(SECTORS)]
    spread = base["log_sd"].unstack().loc[list(study.targets), list(SECTORS)]
    excess = regional_driver(tables["population"], driver)
    panel = panel.merge(regional_observations(tables, persons, growth, excess))
    known = [_latest(excess, list(study.targets), year) for year in panel["known_year"].values]
    return panel.assign(
        known_driver=(
            ("known_year", "target", "sector"),
            np.reshape(known, (-1, len(persons), len(SECTORS))),
        ),
        base_log=(("target", "sector"), np.log(persons.to_numpy(dtype=float))),
        base_sd=(("target", "sector"), spread.to_numpy(dtype=float)),
        workplace_total=("target", persons.sum(axis=1).to_numpy(dtype=float)),
    )


def regional_driver(population: pd.DataFrame, nation: pd.DataFrame) -> xr.DataArray:
    """Growth of each sector's driver in a region over the nation's (region, year, sector)."""
    regions = {
        str(region): national_driver(frame) for region, frame in population.groupby("region")
    }
    years = [y for y in nation.index if all(y in table.index for table in regions.values())]
    values = np.stack([table.loc[years] - nation.loc[years] for table in regions.values()])
    coords = {"region": list(regions), "year": years, "sector": list(SECTORS)}
    return xr.DataArray(values, coords, ("region", "year", "sector"))


def _latest(excess: xr.DataArray, targets: list[str], year: int) -> np.ndarray:
    """Driver growth of the targets in `year`, or in the last year that has been counted."""
    counted = min(int(year), int(excess["year"].max()))
    return excess.sel(region=targets, year=counted).values


def sector_driver(bands: Mapping[str, np.ndarray]) -> np.ndarray:
    """Log driver of every sector on a last axis, from logs of the age bands (D3)."""
    care = np.log(sum(share * np.exp(bands[name]) * _scale(name) for name, share in CARE.items()))
    known = {**bands, "care": care}
    zero = np.zeros_like(bands["all"])
    return np.stack([known.get(DRIVER.get(s, ""), zero) for s in SECTORS], axis=-1)


def _scale(band: str) -> float:
    """Weight that turns a share of use into use per person, at Norway's age structure of 2024."""
    return {"all": 1.0, "65-79": 1.0 / 0.14, "80+": 1.0 / 0.05}[band]


def national_driver(frame: pd.DataFrame) -> pd.DataFrame:
    """Growth of each sector's driver in the nation, year t at 1 January t+1 (year by sector)."""
    logs = band_logs(frame)
    rows = sector_driver({name: logs[name].to_numpy() for name in BANDS})
    table = pd.DataFrame(rows, index=logs.index - 1, columns=list(SECTORS))
    return table.diff().dropna()


def band_logs(frame: pd.DataFrame) -> pd.DataFrame:
    """Log residents of the age bands that drive sectors, on 1 January (year by band)."""
    wide = frame.pivot_table(index="year", columns="age", values="persons")
    sums = {name: wide.loc[:, low:high].sum(axis=1) for name, (low, high) in BANDS.items()}
    return pd.DataFrame(np.log(pd.DataFrame(sums)))

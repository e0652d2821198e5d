"""Panel of the sector block: national growth, regional deviations, the reconciled base.

Definitions
-----------
D1  growth[s,t] = log E[s,t] - log E[s,t-1] of the nation at the workplace; 2014/15 is left out
    (new register)
D2  deviation[c,s,t] = growth of area c minus growth of the nation in the same source
D3  driver[s]: the age band whose growth moves the sector; year t uses 1 January t+1
D4  residence[r,s]: mean yearly growth of residents at work in a sector, over the nation's
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import SECTORS
from bayesgap.spec.study import Study

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
NATION = "Hele landet"
RESIDENCE = ("01-03", "10-33", "84", "85", "86-88")
BASE_YEAR = 2022


def build_sectors_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Growth of the nation, of areas and of residents, and the reconciled base.

    Returns
    -------
    Dataset with national_growth, national_driver (growth_year, sector), deviation (cell) with its
    area, sector and size, residence_mean, residence_se (target, residence_sector), base_log,
    base_sd (target, sector), workplace_total (target)
    """
    nation = tables["employment_national"].query("concept == 'workplace'")
    wide = nation.pivot_table(index="year", columns="sector", values="employed")[list(SECTORS)]
    growth = np.log(wide).diff().drop(index=[wide.index[0], BREAK_YEAR])
    driver = national_driver(tables["population_national"])
    years = [int(y) for y in growth.index if y in driver.index]
    panel = xr.Dataset(
        {
            "national_growth": (("growth_year", "sector"), growth.loc[years].to_numpy()),
            "national_driver": (("growth_year", "sector"), driver.loc[years].to_numpy()),
            "last_growth": ("sector", growth.iloc[-1].to_numpy()),
            "known_growth": (
                ("known_year", "sector"),
                growth.loc[BASE_YEAR + 1 : study.base_year].to_numpy(),
            ),
        },
        coords={
            "growth_year": years,
            "known_year": list(range(BASE_YEAR + 1, study.base_year + 1)),
            "sector": list(SECTORS),
            "target": list(study.targets),
        },
    )
    panel = panel.merge(deviations(tables))
    panel = panel.merge(residence_growth(tables, list(study.targets)))
    base = tables["employment_workplace_base"].set_index(["region", "sector"])
    persons = base["persons"].unstack().loc[list(study.targets), list(SECTORS)]
    spread = base["log_sd"].unstack().loc[list(study.targets), list(SECTORS)]
    return panel.assign(
        base_log=(("target", "sector"), np.log(persons.to_numpy(dtype=float))),
        base_sd=(("target", "sector"), spread.to_numpy(dtype=float)),
        workplace_total=("target", persons.sum(axis=1).to_numpy(dtype=float)),
        has_driver=("sector", [float(name in DRIVER) for name in SECTORS]),
    )


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
    wide = frame.pivot_table(index="year", columns="age", values="persons")
    logs = {
        name: np.log(wide.loc[:, low:high].sum(axis=1).to_numpy())
        for name, (low, high) in BANDS.items()
    }
    index = wide.index - 1
    return pd.DataFrame(sector_driver(logs), index=index, columns=list(SECTORS)).diff().dropna()


def deviations(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Growth of counties and Telemark areas over the nation's (D2), one row a cell."""
    county = tables["employment_county_accounts"].rename(columns={"employed_1000": "persons"})
    county = county.assign(persons=1000 * county["persons"].astype(float))
    whole = county[county["region"] == NATION]
    parts = county[county["region"] != NATION]
    telemark = tables["employment_workplace_telemark"].rename(columns={"employed": "persons"})
    telemark = telemark[telemark["sector"].isin(list(SECTORS))]
    nation = tables["employment_national"].query("concept == 'workplace'")
    nation = nation.rename(columns={"employed": "persons"})
    frame = pd.concat([_over(parts, whole), _over(telemark, nation)])
    areas = sorted(frame["region"].unique())
    return xr.Dataset(
        {
            "deviation": ("cell", frame["deviation"].to_numpy()),
            "cell_size": ("cell", frame["persons"].to_numpy()),
            "cell_area": ("cell", [areas.index(name) for name in frame["region"]]),
            "cell_sector": ("cell", [list(SECTORS).index(name) for name in frame["sector"]]),
        },
        coords={"area": areas},
    )


def _over(parts: pd.DataFrame, whole: pd.DataFrame, least: float = 150.0) -> pd.DataFrame:
    """Yearly growth of cells above `least` persons minus the whole's."""
    wide = parts.pivot_table(index=["region", "sector"], columns="year", values="persons")
    wide = wide.where(wide >= least).sort_index(axis=1)
    total = whole.pivot_table(index="sector", columns="year", values="persons")
    total = total[wide.columns]
    growth = np.log(wide).diff(axis=1)
    nation = np.log(total).diff(axis=1).reindex(growth.index.get_level_values("sector"))
    excess = pd.DataFrame(growth.to_numpy() - nation.to_numpy(), growth.index, growth.columns)
    excess = excess.drop(columns=[c for c in excess.columns if c == BREAK_YEAR])
    long = excess.stack().rename("deviation").reset_index()
    size = wide.stack().rename("persons").reset_index()
    return long.dropna().merge(size, on=["region", "sector", "year"])


def residence_growth(tables: Mapping[str, pd.DataFrame], targets: list[str]) -> xr.Dataset:
    """Mean yearly growth of residents at work over the nation's, and its standard error (D4)."""
    frame = tables["employment_residence_by_municipality"]
    wide = frame.pivot_table(
        index=["region", "sector", "year"], columns="municipality", values="employed"
    )
    nation = tables["employment_national"].query("concept == 'residence'")
    total = nation.pivot_table(index="year", columns="sector", values="employed")
    mean = np.zeros((len(targets), len(RESIDENCE)))
    error = np.zeros_like(mean)
    for i, region in enumerate(targets):
        for j, sector in enumerate(RESIDENCE):
            table = wide.loc[region].loc[sector].dropna(axis=1, how="all")
            before, after = table.shift(1), table
            both = before.notna() & after.notna()
            growth = np.log(after.where(both).sum(axis=1) / before.where(both).sum(axis=1))
            excess = (growth - np.log(total[sector]).diff()).drop(index=BREAK_YEAR)
            excess = excess[np.isfinite(excess)]
            mean[i, j] = excess.mean()
            error[i, j] = excess.std() / np.sqrt(len(excess))
    return xr.Dataset(
        {
            "residence_mean": (("target", "residence_sector"), mean),
            "residence_se": (("target", "residence_sector"), error),
        },
        coords={"residence_sector": list(RESIDENCE)},
    )

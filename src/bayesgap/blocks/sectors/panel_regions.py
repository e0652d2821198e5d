"""Regional observations of the sector block: areas, residents' industries, workplace totals.

Definitions
-----------
D2  deviation[c,s,t] = growth of area c minus growth of the nation in the same source
D4  residence[r,s] = mean yearly growth of residents at work in a sector (or in all) over the
    nation's; of all sectors it is a sum: weights are the base's shares of sectors, and the offset
    is what the region's composition alone gives, sum_s (share[r,s] - share[nation,s]) growth[s]
D5  workplace[r,t] = growth of all employed at the workplace over the nation's, a sum like D4
D6  an area that the targets make up together is their sum: weight[r,s] is r's part of sector s
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.schema import SECTORS

BREAK_YEAR = 2015
NATION = "Hele landet"
RESIDENCE = ("00-99", "01-03", "10-33", "84", "85", "86-88")
TOTAL = "00-99"
UNSEEN = 10.0  # standard error of a growth that nobody observed: gives it no weight
SUMS = {"Buskerud": ("Drammensregionen", "Kongsbergregionen", "Ringeriksregionen", "Hallingdal")}
INCOMPLETE = {  # cells that lack a part in the source (data/manifest.toml)
    ("49-53", 2019): ("Akershus", "Nordland - Nordlánnda", "Telemark"),
}
ROUNDED = 100.0  # persons: the accounts count hundreds
DOUBLED = "Telemark"  # a county whose areas are followed by themselves from 2016


def regional_observations(
    tables: Mapping[str, pd.DataFrame],
    base: pd.DataFrame,
    nation: pd.DataFrame,
    driver: xr.DataArray,
) -> xr.Dataset:
    """All that regions tell about growth beyond the nation's.

    Parameters
    ----------
    tables : tidy tables
    base : (target by sector) [person], the reconciled base
    nation : (year by sector), log growth of the nation
    driver : (region, year, sector), growth of drivers over the nation's

    Returns
    -------
    Dataset with deviation (cell) and cell_size, cell_rounding, cell_area, cell_sector, cell_driver;
    area_part (target, sector) and summed (area) for D6; residence (row) with residence_se,
    residence_target, residence_weight, residence_driver (row, sector), residence_offset;
    workplace (place) with workplace_target, workplace_driver (place, sector), workplace_offset;
    share (target, sector)
    """
    targets = [str(name) for name in base.index]
    share = base.div(base.sum(axis=1), axis=0)
    tilt = share.to_numpy() - national_shares(tables).to_numpy()
    out = deviations(tables, base, driver)
    out = out.merge(residence_growth(tables, share, tilt, nation, driver))
    out = out.merge(workplace_growth(tables, targets, tilt, nation, driver))
    return out.assign(share=(("target", "sector"), share.to_numpy()))


def national_shares(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Shares of sectors among the nation's employed at the workplace, mean of all years."""
    nation = tables["employment_national"].query("concept == 'workplace'")
    persons = nation.groupby("sector")["employed"].mean()[list(SECTORS)]
    return persons / persons.sum()


def deviations(
    tables: Mapping[str, pd.DataFrame], base: pd.DataFrame, driver: xr.DataArray
) -> xr.Dataset:
    """Growth of counties and Telemark areas over the nation's (D2), one row a cell."""
    frame = _area_growth(tables)
    areas = sorted(frame["region"].unique())
    targets = [str(name) for name in base.index]
    part = (base / base.sum()).to_numpy()
    summed = [set(SUMS.get(area, "-")) <= set(targets) for area in areas]
    sums = [area for area, whole in zip(areas, summed, strict=True) if whole]
    known = _area_drivers(driver, part, targets, sums)
    cells = zip(frame["region"], frame["year"], frame["sector"], strict=True)
    own = [known.get((area, year), {}).get(sector, 0.0) for area, year, sector in cells]
    return xr.Dataset(
        {
            "deviation": ("cell", frame["deviation"].to_numpy()),
            "cell_size": ("cell", frame["persons"].to_numpy()),
            "cell_rounding": ("cell", frame["rounding"].to_numpy()),
            "cell_area": ("cell", [areas.index(name) for name in frame["region"]]),
            "cell_sector": ("cell", [list(SECTORS).index(name) for name in frame["sector"]]),
            "cell_driver": ("cell", np.array(own)),
            "area_part": (("target", "sector"), part),
            "summed": ("area", np.array(summed, dtype=float)),
        },
        coords={"area": areas, "target": targets, "sector": list(SECTORS)},
    )


def _area_growth(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    county = tables["employment_county_accounts"].rename(columns={"employed_1000": "persons"})
    county = county.assign(persons=1000 * county["persons"].astype(float))
    for (sector, year), names in INCOMPLETE.items():
        damaged = county["region"].isin(names) & (county["sector"] == sector)
        county.loc[damaged & (county["year"] == year), "persons"] = np.nan
    whole = county[county["region"] == NATION]
    telemark = tables["employment_workplace_telemark"].rename(columns={"employed": "persons"})
    telemark = telemark[telemark["sector"].isin(list(SECTORS))]
    twice = (county["region"] == DOUBLED) & (county["year"] >= telemark["year"].min())
    parts = county[(county["region"] != NATION) & ~twice]
    nation = tables["employment_national"].query("concept == 'workplace'")
    nation = nation.rename(columns={"employed": "persons"})
    return pd.concat([_over(parts, whole, ROUNDED), _over(telemark, nation)])


def _area_drivers(
    driver: xr.DataArray, part: np.ndarray, targets: list[str], sums: list[str]
) -> dict[tuple[str, int], dict[str, float]]:
    """Growth of drivers over the nation's by area and year, then by sector, where it is known.

    Areas among `sums` are those of the targets, by their `part` of each sector's jobs.
    """
    regions, years = list(driver["region"].values), [int(year) for year in driver["year"].values]
    values = driver.transpose("year", "sector", "region").to_numpy()
    within = values[..., [regions.index(target) for target in targets]]
    by_area = {str(region): values[..., place] for place, region in enumerate(regions)}
    by_area |= dict.fromkeys(sums, np.vecdot(within, part.T))
    return {
        (area, year): dict(zip(SECTORS, map(float, of_year), strict=True))
        for area, by_year in by_area.items()
        for year, of_year in zip(years, by_year, strict=True)
    }


def _over(
    parts: pd.DataFrame, whole: pd.DataFrame, rounded: float = 0.0, least: float = 150.0
) -> pd.DataFrame:
    """Yearly growth of cells above `least` persons minus the whole's, and its rounding."""
    wide = parts.pivot_table(index=["region", "sector"], columns="year", values="persons")
    wide = wide.where(wide >= least).sort_index(axis=1)
    total = whole.pivot_table(index="sector", columns="year", values="persons")
    total = total[wide.columns]
    growth = np.log(wide).diff(axis=1)
    nation = np.log(total).diff(axis=1).reindex(growth.index.get_level_values("sector"))
    excess = pd.DataFrame(growth.to_numpy() - nation.to_numpy(), growth.index, growth.columns)
    excess = excess.drop(columns=[c for c in excess.columns if c == BREAK_YEAR])
    long = excess.stack().rename("deviation").reset_index()
    rounding = rounding_variance(wide, wide.shift(axis=1), rounded)
    for name, values in (("persons", wide), ("rounding", rounding)):
        column = values.stack().rename(name).reset_index()
        long = long.dropna().merge(column, on=["region", "sector", "year"])
    return long


def rounding_variance(now: Any, before: Any, rounded: float) -> Any:
    """Variance of a log change when both counts were rounded to a multiple of `rounded` persons."""
    return rounded**2 / 12 * (1 / now**2 + 1 / before**2)


def residence_growth(
    tables: Mapping[str, pd.DataFrame],
    share: pd.DataFrame,
    tilt: np.ndarray,
    nation: pd.DataFrame,
    driver: xr.DataArray,
) -> xr.Dataset:
    """Mean yearly growth of residents at work over the nation's, and its standard error (D4).

    Where no residents are observed, it is 0 with the standard error `UNSEEN`.
    """
    rows = []
    for place, region in enumerate(share.index):
        for sector in RESIDENCE:
            excess = residence_excess(tables, str(region), sector)
            years = [y for y in excess.index if y in driver["year"].values]
            single = (np.array(list(SECTORS)) == sector).astype(float)
            weight = share.to_numpy()[place] if sector == TOTAL else single
            if len(years) < 2:
                rows.append((0.0, UNSEEN, place, weight, np.zeros(len(SECTORS)), 0.0))
                continue
            offset = tilt[place] @ nation.loc[excess.index].mean().to_numpy()
            rows.append(
                (
                    excess.mean(),
                    excess.std() / np.sqrt(len(excess)),
                    place,
                    weight,
                    driver.sel(region=region, year=years).mean("year").values,
                    offset if sector == TOTAL else 0.0,
                )
            )
    value, error, target, weight, own, offset = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return xr.Dataset(
        {
            "residence": ("row", value),
            "residence_se": ("row", error),
            "residence_target": ("row", target),
            "residence_weight": (("row", "sector"), weight),
            "residence_driver": (("row", "sector"), own),
            "residence_offset": ("row", offset),
        }
    )


def residence_excess(tables: Mapping[str, pd.DataFrame], region: str, sector: str) -> pd.Series:
    """Yearly growth of a region's residents at work in a sector over the nation's (year)."""
    frame = tables.get("employment_residence_by_municipality")
    if frame is None:
        return pd.Series(dtype=float)
    rows = frame[(frame["region"] == region) & (frame["sector"] == sector)]
    after = rows.pivot_table(index="year", columns="municipality", values="employed")
    before = after.shift(1)
    both = before.notna() & after.notna()
    growth = np.log(after.where(both).sum(axis=1) / before.where(both).sum(axis=1))
    nation = tables["employment_national"].query("concept == 'residence'")
    chosen = nation if sector == TOTAL else nation[nation["sector"] == sector]
    total = chosen.groupby("year")["employed"].sum()
    excess = (growth - np.log(total).diff()).drop(index=BREAK_YEAR, errors="ignore")
    return excess[np.isfinite(excess)]


def workplace_growth(
    tables: Mapping[str, pd.DataFrame],
    targets: list[str],
    tilt: np.ndarray,
    nation: pd.DataFrame,
    driver: xr.DataArray,
) -> xr.Dataset:
    """Yearly growth of all employed at the workplace over the nation's (D5)."""
    status = tables["employment_status"].query("measure == 'employed_by_workplace'")
    persons = status.pivot_table(index="year", columns="region", values="persons")[targets]
    total = tables["employment_national"].query("concept == 'workplace'")
    whole = np.log(total.groupby("year")["employed"].sum()).diff()
    growth = np.log(persons).diff().dropna()
    excess = growth.sub(whole.loc[growth.index], axis=0)
    years, places = excess.index.to_numpy(), range(len(targets))
    own = driver.sel(region=targets, year=years).transpose("year", "region", "sector")
    return xr.Dataset(
        {
            "workplace": ("place", excess.to_numpy().ravel()),
            "workplace_target": ("place", np.tile(places, len(years))),
            "workplace_driver": (("place", "sector"), own.values.reshape(-1, len(SECTORS))),
            "workplace_offset": ("place", (nation.loc[years].to_numpy() @ tilt.T).ravel()),
        }
    )

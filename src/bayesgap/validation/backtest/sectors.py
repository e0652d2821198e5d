"""Employment by sector from old data: counties, Telemark's areas, Buskerud's employed residents.

The block's law for areas (`blocks/sectors/fast.py`) is fitted to what was known at an origin and
drawn forwards by the block's own forecast. An area's people are not known here, so drivers are the
nation's, and go on with the growth of the five years before: less than the whole model knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.sectors.panel import BANDS, BREAK_YEAR, band_logs, national_driver
from bayesgap.blocks.sectors.panel_regions import INCOMPLETE, NATION, ROUNDED, rounding_variance
from bayesgap.schema import SECTORS
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.study import Study
from bayesgap.validation.backtest import baselines
from bayesgap.validation.backtest.population_baselines import baseline_cases
from bayesgap.validation.backtest.results import MODEL
from bayesgap.validation.backtest.scores import pairs_within, scored_cases

BLOCK = "sectors"
HORIZONS = (1, 3, 5)
DRAWS = 500
LEAST_SEEN = 150  # persons of a cell whose growth is looked at, as in the block's panel
LEAST_SCORED = 1000  # persons of a cell that is scored: accounts are rounded to a hundred
RESIDENTS = "Buskerud, residents"
TREND_YEARS = 5
# One county in another year's parts: the source has zeros where a part does not exist.
JOINED = {"Nord-Trøndelag": "Trøndelag", "Sør-Trøndelag": "Trøndelag"}
WHOLE = {"Trøndelag - Trööndelage": "Trøndelag"}
# Buskerud's borders: where a series breaks in 2020, and whose rows begin and end with it.
MOVED, MOVED_YEAR, PASSING = "Drammensregionen", 2020, "Jevnaker"


@dataclass(frozen=True)
class Source:
    """Employed in areas (area, year, sector) and in the nation (year, sector) of one source."""

    group: str
    areas: xr.DataArray
    nation: xr.DataArray
    origins: Sequence[int]
    rounded: float = 0.0  # persons: what counts are a multiple of


def sources(tables: Mapping[str, pd.DataFrame]) -> list[Source]:
    """Counties in the regional accounts, Telemark's areas and Buskerud's residents in registers."""
    county = tables["employment_county_accounts"].rename(columns={"employed_1000": "persons"})
    county = county.assign(persons=1000 * county["persons"].astype(float))
    for (sector, year), names in INCOMPLETE.items():
        damaged = county["region"].isin(names) & (county["sector"] == sector)
        county.loc[damaged & (county["year"] == year), "persons"] = np.nan
    county = county.assign(region=county["region"].replace({**JOINED, **WHOLE}))
    accounts = _cube(county)
    areas = _cube(tables["employment_workplace_telemark"].rename(columns={"employed": "persons"}))
    return [
        Source(
            "counties",
            accounts.drop_sel(region=NATION),
            accounts.sel(region=NATION, drop=True),
            range(2012, 2019),
            ROUNDED,
        ),
        Source("Telemark", areas, _register(tables, "workplace"), range(2019, 2024)),
        Source(
            RESIDENTS,
            _residents(tables["employment_residence_by_municipality"]),
            _register(tables, "residence"),
            (2012, 2013, *range(BREAK_YEAR, 2024)),  # from 2014 everything lies beyond the break
        ),
    ]


def _register(tables: Mapping[str, pd.DataFrame], concept: str) -> xr.DataArray:
    """The nation's employed (year, sector) in the register."""
    rows = tables["employment_national"].query(f"concept == '{concept}'")
    cube = _cube(rows.rename(columns={"employed": "persons"}).assign(region=NATION))
    return cube.sel(region=NATION, drop=True)


def _residents(rows: pd.DataFrame) -> xr.DataArray:
    """Buskerud's employed residents in five sectors; where a series breaks, it has another name."""
    known = rows[rows["municipality"] != PASSING]
    since = (known["year"] >= BREAK_YEAR).map({True: f" from {BREAK_YEAR}", False: ""})
    moved = (known["region"] == MOVED) & (known["year"] >= MOVED_YEAR)
    area = known["region"] + since.mask(moved, f" from {MOVED_YEAR}")
    return _cube(known.assign(region=area, persons=known["employed"]))


def _cube(rows: pd.DataFrame) -> xr.DataArray:
    """Persons (region, year, sector); NaN where a sector is not told."""
    known = rows[rows["sector"].isin(list(SECTORS))].dropna(subset="persons")
    sums = known.groupby(["region", "year", "sector"])["persons"].sum().to_xarray()
    return sums.astype(float).reindex(sector=list(SECTORS))


def area_panel(
    source: Source, tables: Mapping[str, pd.DataFrame], origin: int
) -> tuple[xr.Dataset, xr.Dataset]:
    """What `fit_areas` and the forecast read at `origin`, and the drivers of the years ahead."""
    nation = _growth(source.nation.sel(year=slice(None, origin)))
    nation = nation.sel(year=nation["year"] != BREAK_YEAR)
    people = tables["population_national"]
    people = people[people["year"] <= origin + 1]  # counted on 1 January after the 4th quarter
    driver = national_driver(people).loc[nation["year"].values, list(SECTORS)]
    seen = source.areas.sel(year=slice(None, origin))
    seen = seen.where(seen >= LEAST_SEEN)
    shared = _growth(source.nation.sel(year=seen["year"]))
    deviation = _growth(seen) - shared
    deviation = deviation.where(deviation["year"] != BREAK_YEAR)
    rounding = rounding_variance(seen, seen.shift(year=1), source.rounded)
    base = seen.sel(year=origin, drop=True).fillna(LEAST_SEEN)
    names = base["region"].values
    panel = xr.Dataset(
        {
            "national_growth": (("growth_year", "sector"), nation.values),
            "national_driver": (("growth_year", "sector"), driver.to_numpy()),
            "last_growth": ("sector", nation.values[-1]),
            "area_deviation": (("area", "year", "sector"), deviation.values),
            "area_persons": (
                ("area", "year", "sector"),
                seen.sel(year=deviation["year"]).values,
            ),
            "area_rounding": (
                ("area", "year", "sector"),
                rounding.sel(year=deviation["year"]).transpose("region", "year", "sector").values,
            ),
            "area_base": (("area", "sector"), base.values),
            "workplace_total": ("target", base.sum("sector").values),
            "known_growth": (("known_year", "sector"), np.empty((0, len(SECTORS)))),
            "known_driver": (
                ("known_year", "target", "sector"),
                np.empty((0, len(names), len(SECTORS))),
            ),
        },
        coords={"target": names, "sector": list(SECTORS), "growth_year": nation["year"].values},
    )
    return panel, _drivers(people, names, origin)


def _growth(persons: xr.DataArray) -> xr.DataArray:
    return xr.DataArray(np.log(persons)).diff("year")


def _drivers(people: pd.DataFrame, names: np.ndarray, origin: int) -> xr.Dataset:
    """log_driver (chain, draw, region, year, driver) of the nation, its trend going on."""
    logs = band_logs(people)
    yearly = (logs.loc[origin + 1] - logs.loc[origin + 1 - TREND_YEARS]) / TREND_YEARS
    years = np.arange(max(HORIZONS) + 1)
    ahead = logs.loc[origin + 1].to_numpy() + years[:, None] * yearly.to_numpy()
    whole = np.broadcast_to(ahead, (1, DRAWS, len(names), *ahead.shape))
    coords = {"region": names, "year": origin + 1 + years, "driver": list(BANDS)}
    dims = ("chain", "draw", "region", "year", "driver")
    return xr.Dataset({"log_driver": (dims, whole)}, coords=coords)


def drawn_employment(
    source: Source, tables: Mapping[str, pd.DataFrame], study: Study, origin: int
) -> xr.DataArray:
    """Drawn persons (sample, region, sector, horizon) from `origin`."""
    from bayesgap.blocks.sectors import model as sectors
    from bayesgap.blocks.sectors.fast import fit_areas

    panel, drivers = area_panel(source, tables, origin)
    seeds = block_seed(study.seed, BLOCK, origin).generate_state(2)
    priors = block_priors(study, BLOCK)
    posterior = fit_areas(panel, priors, DRAWS, int(seeds[0]))
    rng = np.random.default_rng(int(seeds[1]))
    years = range(origin + 1, origin + max(HORIZONS) + 1)
    cycle = xr.DataArray(
        rng.standard_normal((1, DRAWS, len(years))),
        coords={"year": list(years)},
        dims=("chain", "draw", "year"),
    )
    found = sectors.forecast(posterior, panel, years, rng, drivers, cycle)
    growth = found["employment_growth"].cumsum("year").sel(year=[origin + h for h in HORIZONS])
    persons = found["employment_base"] * np.exp(growth)
    persons = persons.assign_coords(year=list(HORIZONS)).rename(year="horizon")
    return persons.stack(sample=("chain", "draw")).transpose(
        "sample", "region", "sector", "horizon"
    )


def employment_outcomes(source: Source) -> pd.DataFrame:
    """What came: region (an area's sector), area, sector, group, origin, horizon, outcome, size."""
    rows = []
    years = source.areas["year"].values.tolist()
    for origin, horizon in pairs_within(years, HORIZONS):
        pair = xr.Dataset(
            {
                "size": source.areas.sel(year=origin, drop=True),
                "outcome": source.areas.sel(year=origin + horizon, drop=True),
            }
        )
        rows.append(pair.to_dataframe().reset_index().assign(origin=origin, horizon=horizon))
    table = pd.concat(rows).rename(columns={"region": "area"}).dropna()
    table = table[(table["size"] >= LEAST_SCORED) & (table["outcome"] > 0)]
    name = table["area"] + ": " + table["sector"]
    return table.assign(region=name, group=source.group).reset_index(drop=True)


def sector_cases(
    source: Source, tables: Mapping[str, pd.DataFrame], study: Study, origin: int
) -> pd.DataFrame:
    """Scored cases of the model from one origin."""
    came = employment_outcomes(source)
    drawn = drawn_employment(source, tables, study, origin)
    rows = []
    for horizon, part in came[came["origin"] == origin].groupby("horizon"):
        places = (xr.DataArray(part[name].to_numpy(), dims="case") for name in ("area", "sector"))
        area, sector = places
        draws = drawn.sel(horizon=horizon, region=area, sector=sector).transpose("sample", "case")
        known = part[["region", "group", "origin", "horizon", "size"]]
        rows.append(scored_cases(known, draws.values, part["outcome"].to_numpy()))
    return pd.concat(rows, ignore_index=True).assign(block=BLOCK, method=MODEL)


def sector_rivals(source: Source) -> pd.DataFrame:
    """Dressed baselines of the same cells: no change, drift, the nation's trend of the sector."""
    came = employment_outcomes(source)
    points = pd.concat(_points(source, came), ignore_index=True)
    return baseline_cases(points, came, source.origins, BLOCK)


def _points(source: Source, came: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for _, part in came.groupby(["origin", "horizon"]):
        origin, horizon = (int(part[name].iloc[0]) for name in ("origin", "horizon"))
        until = source.areas.sel(year=slice(None, origin))
        cells = [xr.DataArray(part[n].to_numpy(), dims="case") for n in ("area", "sector")]
        series = until.sel(region=cells[0], sector=cells[1]).transpose("case", "year").values
        nation = source.nation.sel(sector=cells[1]).transpose("case", "year")
        whole = nation.sel(year=slice(None, origin)).values
        known = part[["region", "group", "origin", "horizon"]].reset_index(drop=True)
        laws = {name: law(series, horizon) for name, law in baselines.OF_SERIES.items()}
        if whole.shape[1] > TREND_YEARS:
            trend = (whole[:, -1] / whole[:, -1 - TREND_YEARS]) ** (horizon / TREND_YEARS)
            laws["national_trend"] = series[:, -1] * trend
        for method, found in laws.items():
            if found is not None:
                rows = known.assign(method=method, point=found)
                yield rows[np.isfinite(rows["point"])]

"""Base table of employment by region and sector, made by reconciliation (never typed).

Nobody publishes employment by workplace, sector and region for three of the four target regions.
The command `bayesgap data reconcile` makes it from what is published, in these steps:

R1  County composition: accounts of 2019 by sector, put on the register's definition of sectors by
    the national ratio register / accounts 2019, rolled to 2022 by national register growth.
R2  Region: county composition times the location quotient of its residents (five published groups;
    the other sectors share one quotient), tempered by an exponent near one, since residence is not
    workplace.
R3  Drammensregionen: cells that the report publishes (health and care, education, public
    administration, information and communication) are averaged in, weighted by precision.
R4  Fitting (`ipf`): workplace totals of 2022 exactly, county shares by sector softly, as the
    county's border is not the regions' border. Groups observed by sector are added as they are.
R5  Spread: all inputs are perturbed by their errors and R1-R4 run again, 200 times, seeded; log_sd
    is the standard deviation of the log cell, joined with a floor.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.data.ipf import Array, Margin, ipf
from bayesgap.schema import SECTORS

__all__ = ["Margin", "ipf", "reconcile_sector_base", "write_reconciled"]

FILE = "employment_workplace_base.csv"
BASE = 2022
DRAWS, SEED = 200, 20221
CODES = list(SECTORS)
TRACKED = ("01-03", "10-33", "84", "85", "86-88")  # groups of the residence table
OBSERVED_PART = {"Kongsbergregionen": "Notodden-Tinn-Hjartdal"}
FITTED = ("Drammensregionen", "Kongsbergregionen", "Ringeriksregionen", "Hallingdal")
COUNTY = "Buskerud"
OTHER_COUNTY = {  # regions without residence groups take their county's composition
    "Oslo": "Oslo",
    "Asker": "Akershus",
    "Bærum": "Akershus",
    "Horten": "Vestfold",
    "Tønsberg-Færder": "Vestfold",
    "Sandefjord": "Vestfold",
    "Larvik": "Vestfold",
}
# Part of Drammensregionen's jobs in Holmestrand (Vestfold): its residents are about a seventh.
HOLMESTRAND_SHARE, HOLMESTRAND_SD = 0.11, 0.02
SD_COUNTY, SD_RATIO = 0.05, 0.04  # log errors of R1: borders and rounding; change of definition
SD_TRACKED, SD_OTHER = 0.12, 0.35  # log errors of R2: published group; sector without any figure
SD_PLAIN = 0.30  # county composition without any regional information
TEMPER_SD = 0.25  # exponent of the location quotient: 1 +- this
SOFT_WEIGHT = 3.0  # of the county margin (three quarters of a log discrepancy is removed)
FLOOR_ASSUMED, FLOOR_OBSERVED = 0.05, 0.02
# R3: share of (or persons at) the workplaces and log error. Health: 24 000 - 6 600; the shares are
# of a base the report does not name, hence wider than their rounding.
PUBLISHED_SD = {"86-88": 0.04, "85": 0.10, "84": 0.13, "58-63": 0.08}


def reconcile_sector_base(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Employment by workplace of 2022, region x sector, with the log spread of each cell.

    Parameters
    ----------
    tables
        employment_county_accounts, employment_national, employment_residence_by_municipality,
        employment_workplace_telemark, employment_status and report_figures.

    Returns
    -------
    DataFrame
        region, sector, year, persons, log_sd, concept, border_year, coverage, source, status.
    """
    rng = np.random.default_rng(SEED)
    regions, totals = _totals(tables)
    point = _cells(tables, regions, totals, None)
    drawn = _cells(tables, regions, totals, rng)
    floor = np.array(
        [FLOOR_OBSERVED if _is_observed(r, tables) else FLOOR_ASSUMED for r in regions]
    )
    spread = np.hypot(np.log(drawn).std(axis=0), floor[:, None])
    index = pd.MultiIndex.from_product([regions, CODES], names=["region", "sector"])
    frame = pd.DataFrame(
        {"persons": point.ravel().round(1), "log_sd": spread.ravel().round(4)}, index
    )
    return frame.reset_index().assign(
        year=BASE,
        concept="workplace",
        border_year=2024,
        coverage="all",
        source="bayesgap data reconcile (SSB 11713, 07984, 13470, 11618; Menon report)",
        status="assumed",
    )[
        [
            "region",
            "sector",
            "year",
            "persons",
            "log_sd",
            "concept",
            "border_year",
            "coverage",
            "source",
            "status",
        ]
    ]


def write_reconciled(folder: Path) -> list[Path]:
    """Read the tables of `folder`, reconcile and write the base table there, atomically."""
    names = (
        "employment_county_accounts",
        "employment_national",
        "employment_residence_by_municipality",
        "employment_workplace_telemark",
        "employment_status",
        "report_figures",
    )
    tables = {n: pd.read_csv(folder / f"{n}.csv", dtype={"sector": str}) for n in names}
    target = folder / FILE
    handle, scratch = tempfile.mkstemp(dir=folder, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            reconcile_sector_base(tables).to_csv(stream, index=False, lineterminator="\n")
        Path(scratch).chmod(0o644)
        Path(scratch).replace(target)
    finally:
        Path(scratch).unlink(missing_ok=True)
    return [target]


def _totals(tables: Mapping[str, pd.DataFrame]) -> tuple[list[str], Array]:
    """Regions whose cells can be made, and their workplace totals of 2022 (persons)."""
    status = tables["employment_status"]
    rows = status[(status["measure"] == "employed_by_workplace") & (status["year"] == BASE)]
    total = rows.set_index("region")["persons"]
    observed = set(tables["employment_workplace_telemark"]["region"]) - set(OBSERVED_PART.values())
    known = [*FITTED, *OTHER_COUNTY, *sorted(observed)]
    regions = [region for region in known if region in total.index]
    return regions, total.loc[regions].to_numpy(float)


def _is_observed(region: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    return region in set(tables["employment_workplace_telemark"]["region"])


def _cells(
    tables: Mapping[str, pd.DataFrame],
    regions: list[str],
    totals: Array,
    rng: np.random.Generator | None,
) -> Array:
    """Reconciled persons (draw?, region, sector): the point without `rng`, else DRAWS draws."""
    noise = _Noise(rng)
    cells = np.empty((*noise.batch, len(regions), len(CODES)))
    wanted = dict(zip(regions, totals, strict=True))
    fitted = _fitted(tables, {r: wanted[r] for r in FITTED}, noise)
    for k, region in enumerate(regions):
        if region in FITTED:
            cells[..., k, :] = fitted[..., FITTED.index(region), :]
        elif region in OTHER_COUNTY:
            mix = _county_mix(tables, OTHER_COUNTY[region], noise) * noise.log(SD_PLAIN)
            cells[..., k, :] = wanted[region] * mix / mix.sum(-1, keepdims=True)
        else:
            cells[..., k, :] = _observed(tables, region, wanted[region])
    return cells


class _Noise:
    """Lognormal perturbations with leading dim draw, or ones without a generator."""

    def __init__(self, rng: np.random.Generator | None) -> None:
        self.rng = rng
        self.batch = () if rng is None else (DRAWS,)

    def normal(self, shape: tuple[int, ...] = (len(CODES),)) -> Array:
        """Return standard normal perturbations, zero without a generator."""
        full = (*self.batch, *shape)
        return np.zeros(full) if self.rng is None else self.rng.standard_normal(full)

    def log(self, sd: float | Array, shape: tuple[int, ...] = (len(CODES),)) -> Array:
        """Return lognormal factors of log spread `sd`."""
        return np.exp(sd * self.normal(shape))


def _register(tables: Mapping[str, pd.DataFrame], year: int) -> Array:
    """National employment by workplace (register) of `year`, by sector, persons."""
    rows = tables["employment_national"].query("concept == 'workplace' and year == @year")
    return rows.set_index("sector")["employed"].reindex(CODES).to_numpy(float)


def _county_mix(tables: Mapping[str, pd.DataFrame], county: str, noise: _Noise) -> Array:
    """R1: shares by sector of `county` in 2022 on the register's definition."""
    accounts = tables["employment_county_accounts"].query("year == 2019")
    wide = accounts.pivot(index="region", columns="sector", values="employed_1000").reindex(
        columns=CODES
    )
    own = wide.loc[county].fillna(0.05).clip(lower=0.05).to_numpy(float)
    ratio = _register(tables, 2019) / (1000.0 * wide.loc["Hele landet"].to_numpy(float))
    ratio[CODES.index("05-09")] = 1.0  # the accounts leave the shelf out of the counties
    growth = _register(tables, BASE) / _register(tables, 2019)
    rounding = 0.029 / own  # uniform within 0.1 thousand
    mix = own * ratio * growth * noise.log(np.hypot(SD_COUNTY, rounding)) * noise.log(SD_RATIO)
    return mix / mix.sum(axis=-1, keepdims=True)


def _quotients(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """R2: location quotient of residents, region x sector (mean of 2019 and 2024 shares)."""
    rows = tables["employment_residence_by_municipality"]
    rows = rows[rows["year"].isin([2019, 2024])]
    wide = rows.pivot_table(
        index=["region", "sector"], columns="year", values="employed", aggfunc="sum"
    )
    wide = wide.unstack("sector").stack("year", future_stack=True)
    tracked = wide[list(TRACKED)]
    tracked = tracked.assign(other=wide["00-99"] - tracked.sum(axis=1))
    county = tracked.groupby(level="year").sum()
    share = tracked.div(tracked.sum(axis=1), axis=0)
    base = county.div(county.sum(axis=1), axis=0)
    quotient = share.div(base.reindex(share.index.get_level_values("year")).to_numpy())
    mean = np.exp(np.log(quotient).groupby(level="region").mean())
    return pd.DataFrame({s: mean[s if s in TRACKED else "other"] for s in CODES})


def _fitted(tables: Mapping[str, pd.DataFrame], totals: dict[str, float], noise: _Noise) -> Array:
    """R2-R4 for the target regions: persons (draw?, region, sector)."""
    county = _county_mix(tables, COUNTY, noise)
    vestfold = _county_mix(tables, "Vestfold", noise)
    outside = HOLMESTRAND_SHARE + HOLMESTRAND_SD * noise.normal((1,))
    quotient = np.log(_quotients(tables).loc[list(FITTED)].to_numpy())
    temper = 1.0 + TEMPER_SD * noise.normal((len(FITTED), 1))
    errors = np.array([SD_TRACKED if s in TRACKED else SD_OTHER for s in CODES])
    mix = county[..., None, :] * np.exp(temper * quotient)
    mix = mix * noise.log(errors, (len(FITTED), len(CODES)))
    mix[..., 0, :] = (1.0 - outside) * mix[..., 0, :] + outside * vestfold
    observed = {r: _observed(tables, part) for r, part in OBSERVED_PART.items()}
    rest = np.array([totals[r] - observed.get(r, np.zeros(1)).sum() for r in FITTED])
    seed = rest[:, None] * mix / mix.sum(axis=-1, keepdims=True)
    seed[..., 0, :] = _averaged(tables, seed[..., 0, :], totals[FITTED[0]], errors, noise)
    columns = county * rest.sum()
    weight = SOFT_WEIGHT
    cells = ipf(seed, [Margin((-1,), columns, weight), Margin((-2,), rest)])
    for k, region in enumerate(FITTED):
        cells[..., k, :] += observed.get(region, 0.0)
    return cells


def _averaged(
    tables: Mapping[str, pd.DataFrame], seed: Array, total: float, errors: Array, noise: _Noise
) -> Array:
    """R3: log cells of Drammensregionen averaged with published figures by precision."""
    figure = tables["report_figures"].set_index("id")["value"].astype(float)
    persons = {
        "86-88": figure["demand_health_2040"] - figure["demand_health_change"],
        "85": figure["share_teaching_emp"] * total,
        "84": figure["share_admin_emp"] * total,
        "58-63": figure["ict_today"],
    }
    log = np.log(seed)
    for sector, value in persons.items():
        k = CODES.index(sector)
        own = np.hypot(errors[k], SD_COUNTY) ** -2
        theirs = PUBLISHED_SD[sector] ** -2
        published = np.log(value) + PUBLISHED_SD[sector] * noise.normal(())
        log[..., k] = (own * log[..., k] + theirs * published) / (own + theirs)
    return np.exp(log)


def _observed(tables: Mapping[str, pd.DataFrame], region: str, total: float | None = None) -> Array:
    """Observed workplaces of 2022 by sector; unknown sector spread, scaled to `total` if given."""
    rows = tables["employment_workplace_telemark"].query("region == @region and year == @BASE")
    values = rows.set_index("sector")["employed"].astype(float)
    cells = values.reindex(CODES).fillna(0.0).clip(lower=1.0).to_numpy()
    return cells * ((values.sum() if total is None else total) / cells.sum())

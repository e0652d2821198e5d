"""Panel of the education block: stocks as logits, cohort weights, assumed shapes.

Definitions
-----------
D1  the stock of year t belongs to the population of 1 January t+1; who is a years old then was
    born in c = t - a
D2  observed logits of a stock, `none` joined to primary and `unknown` left out:
    upper_secondary = logit(all above primary), tertiary = logit(tertiary | above primary),
    academic = logit(bachelor + master | tertiary), long = logit(master | bachelor + master)
D3  a stock is a mixture over cells of ages with weights w = persons in the cell / persons
D4  persons of a cell without (with) immigrant background: weight w times 1 - m (m), with m the
    immigrants' share at that age: observed share of ages 30-66, tilted by the nation's profile
D6  the nation's profile: log-odds by age of the last year told, over those of ages 30-66; its sd is
    half of what the profile moved between two years, `MOVED_SD` where one year alone tells
D5  values between knots of cohorts are linear in the cohort: weights `basis`

Assumed stocks (rows that stand in where nobody published any) are no observations: their logits
are NaN, and only their immigrants' share is used, which D4 needs.

Immigrants, and regions' residents of 16 and over, before 2014 are left out: 15-20 % of immigrants
were `unknown` then, and not at random.
Every year of a stock is read: that neighbouring years share 96 % of their people is for the law's
persistence to say. Years that a table lacks are left out. The last year of the immigrants' share
is the last stock: the law counts from it, and everything after it is forecast.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.education.ages import (
    ADULT_EDGES,
    STOCK_EDGES,
    Floats,
    cell_shares,
    centres,
    logit,
    persons,
)
from bayesgap.blocks.education.fields_panel import build_fields_panel
from bayesgap.blocks.education.survey_panel import build_survey_panel
from bayesgap.errors import DataError, Problem
from bayesgap.schema import WORKING_AGES
from bayesgap.study.study import Study

STOCK_GROUPS = ("all residents", "without immigrants")  # of a published stock
STOCK_LEVELS = ("primary", "upper secondary", "tertiary")
LOGITS = ("upper_secondary", "tertiary", "academic", "long")
STOCK_YEARS = tuple(range(1971, 2020))
SHARE_YEARS = tuple(range(2011, 2020))
IMMIGRANT_YEARS = tuple(range(2014, 2020))  # `unknown` breaks 2013/14
RESIDENT_YEARS = tuple(range(2014, 2025))  # `unknown` breaks 2013/14
NATION_YEARS = tuple(range(2004, 2025))
VOCATIONAL_FROM = 2016
UNKNOWN_UNTIL = 2013
RECENT = 3
MOVED_SD, LEAST_SD = 0.25, 0.1  # of the immigrants' ages, in log-odds
YOUNGEST_SEEN = 29  # years before the last stock in which its youngest were born
SEEDS = (
    "education_cohort_shape",
    "education_completion",
    "immigrants_by_age",
    "education_immigrant_splits",
)
NATION = "Norway"


@dataclass(frozen=True)
class Years:
    """Years of each source that a panel reads where its table has them."""

    stock: Sequence[int] = STOCK_YEARS
    share: Sequence[int] = SHARE_YEARS
    immigrant: Sequence[int] = IMMIGRANT_YEARS
    nation: Sequence[int] = NATION_YEARS
    resident: Sequence[int] = RESIDENT_YEARS


TODAY = Years()


def build_education_panel(
    tables: Mapping[str, pd.DataFrame], study: Study, read: Years = TODAY
) -> xr.Dataset:
    """Everything that the education block conditions on, from the years `read`.

    Returns
    -------
    Dataset with
    stock_logit (region, stock_year, choice), immigrant_logit (region, immigrant_year, choice),
    immigrant_share_logit (region, share_year): ages 30-66, background apart;
    nation_logit (nation_year, logit), resident_logit (resident_region, resident_year, logit):
    ages 16 and over, NaN where higher vocational is not told apart;
    stock_weight (region, stock_year, stock_cell), nation_weight (nation_year, adult_cell),
    resident_weight and resident_immigrants (resident_region, resident_year, adult_cell): shares;
    unknown_excess (nation_year): `unknown` as a part of its share in 2013;
    shape_mean, shape_sd (logit, knot), completion_level, completion_sd (logit, age) on the
    complementary log-log scale, immigrant_age, immigrant_age_sd (age_knot), split_mean, split_sd
    (split): assumed; age_weight (target, stock_age):
    residents 30-66 at the base year as shares
    """
    require_seeds(tables)
    people = persons(tables["population"], study.regions)
    panel = (
        seeds(tables)
        .merge(immigrant_ages(tables))
        .assign_coords(target=list(study.targets), choice=list(LOGITS[:2]))
    )
    panel = panel.merge(stocks(tables["education_residents_30_66"], study.regions, read))
    panel = panel.merge(adults(tables, study, read))
    panel = panel.merge(build_survey_panel(tables)).merge(build_fields_panel(tables, study))
    profile = np.interp(WORKING_AGES, panel["age_knot"].values, panel["immigrant_age"].values)
    years = panel["stock_year"].values
    weight = cell_shares(people, years, STOCK_EDGES)
    told = panel["share_year"].values
    share = panel["immigrant_share_logit"].sel(share_year=np.clip(years, told[0], told[-1]))
    latest = people.sel(year=min(STOCK_YEARS[-1] + 1, int(people["year"].max())))
    immigrants = tilted(share.values, latest, profile, STOCK_EDGES)
    native = weight * (1.0 - immigrants)
    panel["stock_weight"] = (
        ("region", "stock_year", "stock_cell"),
        native / native.sum(-1, keepdims=True),
    )
    places, since = list(panel["resident_region"].values), panel["resident_year"].values
    panel["resident_weight"] = (
        ("resident_region", "resident_year", "adult_cell"),
        cell_shares(people.sel(region=places), since, ADULT_EDGES),
    )
    last = extended_share(panel["immigrant_share_logit"].sel(region=places), since)
    panel["resident_immigrants"] = (
        ("resident_region", "resident_year", "adult_cell"),
        tilted(last, latest.sel(region=places), profile, ADULT_EDGES),
    )
    recent = people.sel(region=list(study.targets), year=study.base_year, age=slice(30, 66))
    panel["age_weight"] = (recent / recent.sum("age")).rename(region="target", age="stock_age")
    return panel.drop_vars("year", errors="ignore")


def require_seeds(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise DataError unless every assumed table of this block is there."""
    fix = "Restore it; data/README.md says how."
    missing = [
        Problem(f"{name}.csv", None, None, "the assumed table is missing", fix)
        for name in SEEDS
        if name not in tables
    ]
    if missing:
        raise DataError(missing)


def tilted(
    share_logit: Floats, people: xr.DataArray, profile: Floats, edges: Sequence[int]
) -> Floats:
    """Immigrants' share (region, year, cell) from the log-odds of ages 30-66 (region, year): D4."""
    counts = people.transpose("region", "age").values[:, 30:67]
    offset = np.interp(np.arange(30, 67), WORKING_AGES, profile)
    centre = (counts * offset).sum(-1) / counts.sum(-1)
    at_cells = np.interp(centres(edges), WORKING_AGES, profile)
    odds = share_logit[..., None] + at_cells - centre[:, None, None]
    return 1.0 / (1.0 + np.exp(-odds))


def last_stock(panel: xr.Dataset) -> int:
    """Year of the last stock by background."""
    return int(panel["share_year"].values[-1])


def last_cohort(panel: xr.Dataset) -> int:
    """Year of birth of the youngest in the last stock by background."""
    return last_stock(panel) - YOUNGEST_SEEN


def extended_share(share_logit: xr.DataArray, years: Sequence[int]) -> Floats:
    """Log-odds of the immigrants' share (region, year) in `years`.

    Before the first stock they are as in it; after the last they grow on as in the last `RECENT`
    years (assumed).
    """
    ordered = share_logit.transpose("region", "share_year")
    first, last = (int(ordered["share_year"].values[end]) for end in (0, -1))
    before = max(last - RECENT, first)
    known = ordered.sel(share_year=np.clip(years, first, last)).values
    grown = ordered.sel(share_year=last) - ordered.sel(share_year=before)
    growth = grown / max(last - before, 1)
    ahead = np.array([max(year - last, 0) for year in years])
    return known + growth.values[:, None] * ahead


def stocks(frame: pd.DataFrame, regions: Sequence[str], read: Years = TODAY) -> xr.Dataset:
    """Observed logits of ages 30-66 by background (D2) and the immigrants' share."""
    table = frame.pivot_table(
        index=["region", "year", "background"], columns="level", values="persons"
    )
    table = table.to_xarray().sel(region=list(regions))
    low = table["primary"] + table["none"]
    above = table["upper_secondary"] + table["tertiary"]
    finished = np.log(above / low)
    tertiary = np.log(table["tertiary"] / table["upper_secondary"])
    both = xr.concat([finished, tertiary], dim="choice").transpose(
        "region", "year", "choice", "background"
    )
    everyone = table["all"].transpose("region", "year", "background")
    share = everyone.sel(background="immigrants") / everyone.sel(background="all")
    groups = frame.groupby(["region", "background"])["status"]
    standing_in = groups.agg(lambda status: (status == "assumed").any()).to_xarray()
    both = both.where(~standing_in.sel(region=list(regions)))
    stock = _known(read.stock, both)
    arrived = _known(read.immigrant, both)
    told = both.where(both["year"] >= IMMIGRANT_YEARS[0])
    shares = unbroken(_known(read.share, share))
    odds = share.copy(data=logit(share.values)).sel(year=shares)
    return xr.Dataset(
        {
            "stock_logit": _years(both, "non_immigrants", "stock_year", stock),
            "immigrant_logit": _years(told, "immigrants", "immigrant_year", arrived),
            "immigrant_share_logit": odds.rename(year="share_year"),
        },
        coords={"region": list(regions)},
    )


def _known(years: Iterable[int], table: xr.DataArray | xr.Dataset) -> list[int]:
    """Those of `years` that the table has; its last year, whatever that tells, if it has none."""
    there = [int(year) for year in table["year"].values]
    return [year for year in years if year in there] or [max(there)]


def unbroken(years: Sequence[int]) -> list[int]:
    """The end of `years`, after the last one that is missing."""
    breaks = [now for before, now in pairwise(years) if now != before + 1]
    return [year for year in years if year >= max(breaks, default=years[0])]


def _years(array: xr.DataArray, background: str, name: str, years: Sequence[int]) -> xr.DataArray:
    chosen = array.sel(background=background, year=list(years), drop=True)
    return chosen.rename(year=name)


def adults(tables: Mapping[str, pd.DataFrame], study: Study, read: Years = TODAY) -> xr.Dataset:
    """Observed logits of ages 16 and over (D2), nation and regions with six levels."""
    frame = tables["education_residents_16plus"]
    table = frame.pivot_table(index=["region", "year"], columns="level", values="persons")
    table = table.to_xarray()
    known = [region for region in study.regions if region in table["region"].values]
    places = known or list(study.targets)
    nation = persons(tables["population_national"].assign(region=NATION), [NATION])
    unknown = table["unknown"] / table.to_dataarray("level").sum("level")
    until = min(UNKNOWN_UNTIL, int(table["year"].max()))
    excess = unknown.sel(region=NATION) / unknown.sel(region=NATION, year=until)
    years, since = _known(read.nation, table), _known(read.resident, table)
    before = excess.where(excess["year"] <= UNKNOWN_UNTIL, 0.0).sel(year=years)
    logits = adult_logits(table)
    return xr.Dataset(
        {
            "nation_logit": (
                ("nation_year", "logit"),
                logits.sel(region=NATION, year=years).values,
            ),
            "resident_logit": (
                ("resident_region", "resident_year", "logit"),
                logits.reindex(region=places).sel(year=since).values,
            ),
            "nation_weight": (
                ("nation_year", "adult_cell"),
                cell_shares(nation, years, ADULT_EDGES)[0],
            ),
            "unknown_excess": ("nation_year", before.values),
        },
        coords={
            "nation_year": years,
            "resident_year": since,
            "resident_region": places,
            "stock_cell": centres(STOCK_EDGES),
            "adult_cell": centres(ADULT_EDGES),
        },
    )


def adult_logits(table: xr.Dataset) -> xr.DataArray:
    """Four logits (region, year, logit) of six levels.

    Before `VOCATIONAL_FROM` higher vocational is counted as upper secondary: `tertiary` is then
    the coarse logit(academic | above primary) and `academic` is unknown.
    """
    academic = table["bachelor"] + table["master"]
    tertiary = academic + table["higher_vocational"]
    above = tertiary + table["upper_secondary"]
    told = table["year"] >= VOCATIONAL_FROM
    vocational = table["higher_vocational"].where(told)
    parts = [
        np.log(above / table["primary"]),
        np.log(tertiary / table["upper_secondary"]),
        np.log(academic / vocational),
        np.log(table["master"] / table["bachelor"]),
    ]
    joined = xr.concat(parts, dim=pd.Index(LOGITS, name="logit"))
    return joined.transpose("region", "year", "logit")


def seeds(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Assumed shapes over cohorts and ages."""
    shape = tables["education_cohort_shape"].set_index(["logit", "cohort"])
    mean = shape["value"].unstack().loc[list(LOGITS)]
    spread = shape["sd"].unstack().loc[list(LOGITS)]
    level, level_sd = completion(tables["education_completion"])
    splits = tables["education_immigrant_splits"].set_index("logit").reindex(LOGITS[2:])
    return xr.Dataset(
        {
            "shape_mean": (("logit", "knot"), logit(mean.to_numpy())),
            "shape_sd": (("logit", "knot"), spread.to_numpy()),
            "completion_level": (("logit", "age"), level),
            "completion_sd": (("logit", "age"), level_sd),
            "split_mean": ("split", splits["value"].to_numpy()),
            "split_sd": ("split", splits["sd"].to_numpy()),
        },
        coords={
            "logit": list(LOGITS),
            "knot": mean.columns.to_numpy(),
            "age": list(WORKING_AGES),
            "split": list(LOGITS[2:]),
        },
    )


def immigrant_ages(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Log-odds that the nation's residents of an age are immigrants, over ages 30-66 (D6)."""
    frame = tables["immigrants_by_age"]
    nation = persons(tables["population_national"].assign(region=NATION), [NATION])
    middle = (frame["first_age"] + frame["last_age"]) / 2.0
    wide = frame.assign(age=middle).pivot_table(index="age", columns="year", values="share")
    odds = logit(wide.to_numpy(dtype=float))
    for column, year in enumerate(wide.columns):
        people = nation.sel(year=max(int(year), int(nation["year"].min())), region=NATION)
        weight = people.sel(age=slice(30, 66)).values
        known = np.isfinite(odds[:, column])
        ages = np.arange(30, 67)
        odds[:, column] -= (
            weight @ np.interp(ages, wide.index[known], odds[known, column]) / (weight.sum())
        )
    last = pd.DataFrame(odds, index=wide.index).ffill(axis=1).iloc[:, -1]
    spread = 0.5 * (np.nanmax(odds, axis=1) - np.nanmin(odds, axis=1))
    twice = np.isfinite(odds).sum(1) > 1
    return xr.Dataset(
        {
            "immigrant_age": ("age_knot", last.to_numpy()),
            "immigrant_age_sd": (
                "age_knot",
                np.where(twice, np.maximum(spread, LEAST_SD), MOVED_SD),
            ),
        },
        coords={"age_knot": wide.index.to_numpy()},
    )


def completion(frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Completed part by age, log(-log) scale (logit, age), and its sd: linear between rows.

    Below the first row nobody has completed; above the last everybody has.
    """
    levels, spreads = [], []
    for name in LOGITS:
        rows = frame[frame["logit"] == name].sort_values("age")
        scale = np.log(-np.log(rows["value"].to_numpy(dtype=float)))
        known = rows["age"].to_numpy(dtype=float)
        value = np.interp(WORKING_AGES, known, scale)
        low, high = np.array(WORKING_AGES) < known[0], np.array(WORKING_AGES) > known[-1]
        levels.append(np.where(low, 5.0, np.where(high, -20.0, value)))
        spreads.append(np.interp(WORKING_AGES, known, rows["sd"].to_numpy(dtype=float)))
    return np.stack(levels), np.stack(spreads)

"""The published study's figures beside our posterior: one row a figure that a run can speak to.

Every row compares draws with a published point; nothing here is used to fit anything.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.present.markdown import render
from bayesgap.published_study.words import figure_name

LOW_LEVELS = ("primary", "upper_secondary")
UNSKILLED = ("primary", "upper_secondary:general", "upper_secondary:other")


@dataclass(frozen=True)
class Counterpart:
    """How a published figure reads off an outlook of one region, and why the two may differ.

    `figure` is the number of the report's figure that shows it.
    """

    figure: str
    read: Callable[[xr.Dataset], xr.DataArray]
    note: str


def _total(name: str, year: int | None = None) -> Callable[[xr.Dataset], xr.DataArray]:
    """Sum of a variable over groups or sectors; its change since the base year if no year."""
    return _part(name, lambda array: array.sum(str(array.dims[-1])), year)


def _part(
    name: str, pick: Callable[[xr.DataArray], xr.DataArray], year: int | None = None
) -> Callable[[xr.Dataset], xr.DataArray]:
    def read(outlook: xr.Dataset) -> xr.DataArray:
        picked = pick(outlook[name])
        if year is not None:
            return picked.sel(year=year)
        return picked.isel(year=-1) - picked.isel(year=0)

    return read


def _groups(*groups: str) -> Callable[[xr.DataArray], xr.DataArray]:
    return lambda array: array.sel(education=list(groups)).sum("education")


def _levels(*levels: str) -> Callable[[xr.DataArray], xr.DataArray]:
    return lambda array: array.isel(education=np.isin(array["level"], levels)).sum("education")


def _field(field: str) -> Callable[[xr.DataArray], xr.DataArray]:
    return lambda array: array.isel(education=np.isin(array["field"], [field])).sum("education")


def _sectors(*sectors: str) -> Callable[[xr.DataArray], xr.DataArray]:
    return lambda array: array.sel(sector=list(sectors)).sum("sector")


def _level_share(*levels: str) -> Callable[[xr.Dataset], xr.DataArray]:
    def read(outlook: xr.Dataset) -> xr.DataArray:
        force = outlook["labour_force"]
        share = _levels(*levels)(force) / force.sum("education")
        return 100 * (share.isel(year=-1) - share.isel(year=0))

    return read


def _growth(
    name: str, pick: Callable[[xr.DataArray], xr.DataArray], last: int = 2040
) -> Callable[[xr.Dataset], xr.DataArray]:
    def read(outlook: xr.Dataset) -> xr.DataArray:
        picked = pick(outlook[name])
        return picked.sel(year=last) / picked.sel(year=int(outlook["year"][0])) - 1

    return read


def _band(band: str, last: int = 2040) -> Callable[[xr.Dataset], xr.DataArray]:
    return _growth("population", lambda array: array.sel(age_band=band), last)


def _sector_share(*sectors: str) -> Callable[[xr.Dataset], xr.DataArray]:
    def read(outlook: xr.Dataset) -> xr.DataArray:
        jobs = outlook["employment"].isel(year=0)
        return _sectors(*sectors)(jobs) / jobs.sum("sector")

    return read


def _commuting_share(name: str, *levels: str) -> Callable[[xr.Dataset], xr.DataArray]:
    def read(outlook: xr.Dataset) -> xr.DataArray:
        base = outlook.isel(year=0)
        pick = _levels(*levels) if levels else lambda array: array.sum("education")
        return pick(base[name]) / pick(base["employed_residence"])

    return read


def _outside_share(outlook: xr.Dataset) -> xr.DataArray:
    base = outlook.isel(year=0)
    return base["outside"] / base["working_age"]


BASES = "The report mixes residence and workplace bases; ours keeps them apart."
ASSUMED_FIELD = "Fields of the nation are observed; how the region differs is assumed, as width."
CONTRAST = (
    "Ours takes over the report's contrast between levels, not its levels, which add up to more."
)
DRIFT = "Ours lets the skill mix of jobs drift with its history; the report keeps it fixed."
PUBLIC = "The report follows official population paths; ours draws migration and ageing."
COUNTERPARTS: dict[str, Counterpart] = {
    "emp_total_2024": Counterpart("5-1", _total("employed_residence", 2024), BASES),
    "share_health_emp": Counterpart(
        "2-1", _sector_share("86-88"), "A soft margin of our base table."
    ),
    "share_teaching_emp": Counterpart(
        "2-1", _sector_share("85"), "A soft margin of our base table."
    ),
    "share_admin_emp": Counterpart("2-1", _sector_share("84"), "A soft margin of our base table."),
    "commute_out": Counterpart(
        "2-4",
        _total("out_commuters", 2024),
        "2024 against the report's 2023, which reads 20-30 thousand.",
    ),
    "commute_in": Counterpart(
        "2-4", _total("in_commuters", 2024), "2024 against the report's 2023."
    ),
    "commute_out_share": Counterpart(
        "2-4", _commuting_share("out_commuters"), "Same table, later year."
    ),
    "commute_out_share_low": Counterpart(
        "2-5",
        _commuting_share("out_commuters", *LOW_LEVELS),
        "The report's shares by level do not average to its own 35 %; ours must.",
    ),
    "commute_out_share_mid": Counterpart(
        "2-5",
        _commuting_share("out_commuters", "higher_vocational", "bachelor"),
        "The report's shares by level do not average to its own 35 %; ours must.",
    ),
    "commute_out_share_master": Counterpart(
        "2-5",
        _commuting_share("out_commuters", "master"),
        "The report's shares by level do not average to its own 35 %; ours must.",
    ),
    "commute_in_share_below_master": Counterpart(
        "2-5",
        _commuting_share("in_commuters", *LOW_LEVELS, "higher_vocational", "bachelor"),
        CONTRAST,
    ),
    "commute_in_share_master": Counterpart(
        "2-5", _commuting_share("in_commuters", "master"), CONTRAST
    ),
    "pop_working_age_growth": Counterpart("4-1", _band("20-65"), PUBLIC),
    "pop_20_25_2030": Counterpart("4-1", _band("20-25", 2030), PUBLIC),
    "pop_26_40_2030": Counterpart("4-1", _band("26-40", 2030), PUBLIC),
    "pop_40_65_2030": Counterpart("4-1", _band("41-65", 2030), PUBLIC),
    "pop_20_25_2040": Counterpart("4-1", _band("20-25"), PUBLIC),
    "pop_26_40_2040": Counterpart("4-1", _band("26-40"), PUBLIC),
    "pop_40_65_2040": Counterpart("4-1", _band("41-65"), PUBLIC),
    "pop_65plus_2040": Counterpart("4-1", _band("66+"), PUBLIC),
    "pop_65plus_2040_abs": Counterpart(
        "4-1",
        _part("population", lambda array: array.sel(age_band="66+")),
        PUBLIC,
    ),
    "outside_2024": Counterpart(
        "4-4", _outside_share, "Ages 20-65; the report's own base is unclear."
    ),
    "outside_persons": Counterpart(
        "4-4", lambda outlook: outlook["outside"].isel(year=0), "22 100 / 0.21 = 105 238 persons."
    ),
    "labour_force_2040": Counterpart(
        "4-2",
        _total("labour_force", 2040),
        "89 950 is close to the employed; ours adds the unemployed.",
    ),
    "labour_force_change": Counterpart("4-2", _total("labour_force"), PUBLIC),
    "lf_low_change": Counterpart("4-2", _part("labour_force", _levels(*LOW_LEVELS)), PUBLIC),
    "lf_low_share_change": Counterpart(
        "4-2", _level_share(*LOW_LEVELS), "Cohort replacement, drawn."
    ),
    "lf_bachelor_share_change": Counterpart(
        "4-2", _level_share("bachelor"), "Cohort replacement, drawn."
    ),
    "lf_master_share_change": Counterpart(
        "4-2", _level_share("master"), "Cohort replacement, drawn."
    ),
    "lf_vocational_share_change": Counterpart(
        "4-2", _level_share("higher_vocational"), "Cohort replacement, drawn."
    ),
    "demand_change": Counterpart("5-1", _total("demand"), BASES),
    "demand_health_2040": Counterpart(
        "5-2", _part("employment", _sectors("86-88"), 2040), "Pooled growth and ageing, drawn."
    ),
    "demand_health_change": Counterpart(
        "5-2", _part("employment", _sectors("86-88")), "Pooled growth and ageing, drawn."
    ),
    "demand_public_change": Counterpart(
        "5-2",
        _part("employment", _sectors("84", "85", "90-99")),
        "Sectors 84, 85 and 90-99 stand in.",
    ),
    "demand_construction_change": Counterpart(
        "5-2", _growth("employment", _sectors("41-43")), "History grew; the report stops it."
    ),
    "demand_retail_change": Counterpart(
        "5-2", _growth("employment", _sectors("45-47")), "Trend of 2008-2024, drawn."
    ),
    "demand_business_services_change": Counterpart(
        "5-2", _part("employment", _sectors("77-82")), "The report's delimitation is not given."
    ),
    "ict_today": Counterpart(
        "5-3", _part("employment", _sectors("58-63"), 2024), "58-63 also holds media and telecom."
    ),
    "ict_2040_main": Counterpart(
        "5-3", _part("employment", _sectors("58-63"), 2040), "58-63 also holds media and telecom."
    ),
    "demand_health_education_change": Counterpart(
        "5-5", _part("demand", _field("health_care")), DRIFT
    ),
    "demand_unskilled_change": Counterpart("5-5", _part("demand", _groups(*UNSKILLED)), DRIFT),
    "gap_main": Counterpart(
        "6-1", _total("gap"), "Change since 2024: the report starts from balance."
    ),
    "gap_primary": Counterpart("6-2", _part("gap", _groups("primary")), DRIFT),
    "gap_health": Counterpart("6-2", _part("gap", _field("health_care")), ASSUMED_FIELD),
    "gap_master_business": Counterpart(
        "6-2", _part("gap", _groups("master:business_admin")), ASSUMED_FIELD
    ),
    "gap_bachelor_business": Counterpart(
        "6-2", _part("gap", _groups("bachelor:business_admin")), ASSUMED_FIELD
    ),
    "gap_bachelor_social": Counterpart(
        "6-2", _part("gap", _groups("bachelor:social_humanities")), ASSUMED_FIELD
    ),
}


def compare(outlook: xr.Dataset, figures: pd.DataFrame) -> pd.DataFrame:
    """Published figures that have a counterpart, with our median, 80 % interval and percentile.

    Parameters
    ----------
    outlook : Dataset (chain, draw, region, year, ...)
    figures : columns id, quantity, group, region, value, unit

    Returns
    -------
    One row a figure; `percentile` is the share of draws below the published value, in percent;
    the interval is equal-tailed.
    """
    rows = []
    for figure in figures.to_dict("records"):
        counterpart = COUNTERPARTS.get(str(figure["id"]))
        if counterpart is None:
            continue
        draws = counterpart.read(outlook.sel(region=str(figure["region"])))
        rows.append({**beside(figure, draws), "note": counterpart.note})
    return pd.DataFrame(rows)


def beside(figure: Mapping[Hashable, Any], draws: xr.DataArray) -> dict[str, object]:
    """A published figure and our draws of the same quantity: one row of a comparison."""
    values = draws.to_numpy().ravel()
    values = values[np.isfinite(values)]
    published = float(figure["value"])
    low, median, high = np.quantile(values, [0.1, 0.5, 0.9])
    return {
        "id": figure["id"],
        "quantity": figure_name(figure),
        "unit": figure["unit"],
        "median": median,
        "lower80": low,
        "upper80": high,
        "published": published,
        "percentile": 100 * float(np.mean(values < published)),
    }


def without_counterpart(figures: pd.DataFrame) -> list[str]:
    """Ids of published figures that the main scenario does not speak to."""
    return [str(name) for name in figures["id"] if name not in COUNTERPARTS]


def comparison_page(table: pd.DataFrame, missing: list[str], run_id: str, verdict: str) -> str:
    """Markdown page of `compare`'s table, with the health verdict on top."""
    return render(
        "published_study/comparison",
        table=table,
        missing=missing,
        run_id=run_id,
        verdict=verdict,
        plain=plain,
    )


def plain(value: float, unit: str) -> str:
    """A figure as the comparison pages write it."""
    if unit == "share":
        return f"{value:.3f}"
    if unit == "pp":
        return f"{value:.1f}"
    if unit == "count":
        return f"{value:.0f}"
    return f"{round(value, -1):,.0f}".replace(",", " ")

"""Scenarios and recommendations: differences to the main scenario, draw by draw.

Equation
--------
V1  effect = scenario - main on paired draws, for any quantity; the run stores exactly this
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

import pandas as pd
import xarray as xr

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.mobility import by_level
from bayesgap.published_study.result import Missing, Result
from bayesgap.schema import SAMPLE_DIMS, TERTIARY_FIELDS, UPPER_SECONDARY_FIELDS

Analysis = Callable[[ChapterInputs], Result | Missing]
NO_FIELD = "none"
GROWTH = "growth"
BALANCED = "growth_and_three_measures"
PAIRED = "Difference to main on the same draws."


@dataclass(frozen=True)
class Recommendation:
    """One of the report's ten, the scenarios that quantify it, and what they leave out."""

    number: int
    title: str
    levers: tuple[str, ...]
    note: str


RECOMMENDATIONS = (
    Recommendation(
        1,
        "more skilled workers and health staff",
        ("higher_completion", "reskilling"),
        "More complete upper secondary; people move between groups (the total stays). "
        "Pay and admission rules: no.",
    ),
    Recommendation(2, "digital skills in all programmes", (), "Skills within an education group."),
    Recommendation(
        3,
        "better information about education choices",
        ("oslo_education",),
        "An outer bound: choices as in Oslo, which no information campaign has brought about.",
    ),
    Recommendation(
        4,
        "attract and keep the mobile workforce",
        ("less_outmigration", "less_out_commuting"),
        "Fewer young leavers; fewer who commute out.",
    ),
    Recommendation(
        5, "labour immigration and integration", ("high_immigration",), "The official alternative."
    ),
    Recommendation(
        6, "less exclusion", ("less_exclusion",), "From 21 to 18 per cent outside, gradually."
    ),
    Recommendation(
        7,
        "skills where they are needed most, longer working lives",
        ("later_retirement", "reskilling"),
        "Later retirement; moves between groups. Turnover within health care: no.",
    ),
    Recommendation(8, "stronger arenas of cooperation", (), "Organisation has no lever here."),
    Recommendation(
        9,
        "efficiency, above all in the public sector",
        ("public_productivity",),
        "Half a per cent a year more.",
    ),
    Recommendation(10, "continuous analysis", (), "Knowledge has no lever here; this is a tool."),
)


def needs(*names: str) -> Callable[[Analysis], Analysis]:
    """Give `Missing` where the run lacks one of the scenarios."""

    def decorate(analysis: Analysis) -> Analysis:
        @wraps(analysis)
        def checked(material: ChapterInputs) -> Result | Missing:
            lacking = [name for name in names if name not in material.effects]
            if lacking:
                wanted = ",".join(lacking)
                return Missing(wanted, f"Add them with `bayesgap run --scenarios {wanted}`.")
            return analysis(material)

        return checked

    return decorate


def _last(material: ChapterInputs, name: str, quantity: str) -> xr.DataArray:
    return material.effects[name][quantity].sel(year=material.study.horizon, drop=True)


def by_field(array: xr.DataArray) -> xr.DataArray:
    """Education groups summed to fields over levels; `none` is the levels without fields."""
    fields = (NO_FIELD, *dict.fromkeys((*UPPER_SECONDARY_FIELDS, *TERTIARY_FIELDS)))
    own = array["field"].to_numpy()
    parts = [
        array.isel(education=own == ("all" if field == NO_FIELD else field)).sum("education")
        for field in fields
    ]
    return xr.concat(parts, pd.Index(fields, name="field")).transpose(..., "field")


def _force(
    material: ChapterInputs, name: str, sums: Callable[[xr.DataArray], xr.DataArray]
) -> Result:
    effect = _last(material, name, "labour_force")
    coords = {c: material.outlook[c] for c in ("level", "field")}
    summed = sums(effect.assign_coords(coords))
    return Result(summed.rename("change of labour force"), "person", "run", PAIRED)


@needs("less_exclusion")
def less_exclusion(material: ChapterInputs) -> Result:
    """Figure 4-4: labour force in main and with less exclusion, every year."""
    main = material.outlook["labour_force"].sum("education")
    other = main + material.effects["less_exclusion"]["labour_force"].sum("education")
    both = xr.concat([main, other], pd.Index(["main", "less_exclusion"], name="scenario"))
    return Result(both.rename("labour force"), "person", "run", PAIRED)


@needs("less_outmigration")
def less_outmigration(material: ChapterInputs) -> Result:
    """Figure 4-5: labour force by level with fewer young leavers, less that of main."""
    return _force(material, "less_outmigration", by_level)


@needs("high_immigration")
def high_immigration_by_level(material: ChapterInputs) -> Result:
    """Figure 4-6: labour force by level with high immigration, less that of main."""
    return _force(material, "high_immigration", by_level)


@needs("high_immigration")
def high_immigration_by_field(material: ChapterInputs) -> Result:
    """Figure 4-7: labour force by field with high immigration, less that of main."""
    return _force(material, "high_immigration", by_field)


@needs("oslo_education")
def oslo_education_by_level(material: ChapterInputs) -> Result:
    """Figure 4-9: labour force by level with education choices as in Oslo, less that of main."""
    return _force(material, "oslo_education", by_level)


@needs("oslo_education")
def oslo_education_by_field(material: ChapterInputs) -> Result:
    """Figure 4-10: labour force by field with education choices as in Oslo, less that of main."""
    return _force(material, "oslo_education", by_field)


def _sector_paths(material: ChapterInputs, name: str, sector: str) -> Result:
    effect = material.effects[name]["employment"]
    change = effect.sel(sector=sector, drop=True)
    main = material.outlook["employment"]
    known = sector in main["sector"].to_numpy()
    start = main.sel(sector=sector, drop=True) if known else change * 0.0
    both = xr.concat([start, start + change], pd.Index(["main", name], name="scenario"))
    return Result(both.rename("employment"), "person", "run", PAIRED)


@needs("ict_growth")
def ict_growth(material: ChapterInputs) -> Result:
    """Figure 5-3: employment in information and communication, main and growth."""
    found = _sector_paths(material, "ict_growth", "58-63")
    note = f"{PAIRED} 58-63 holds media and telecom beside the report's ICT."
    return Result(found.draws, found.unit, found.standing, note)


@needs("health_industry")
def health_industry(material: ChapterInputs) -> Result:
    """Figure 5-4: employment added in health industry by its growth scenario."""
    found = _sector_paths(material, "health_industry", "health_industry")
    note = f"{PAIRED} Today's health industry lies within other sectors, so that main shows 0 here."
    return Result(found.draws, found.unit, found.standing, note)


def gap_by_scenario(material: ChapterInputs) -> Result:
    """Figure 6-1: change of the gap in main, with growth, and with growth and three measures."""
    gap = material.outlook["gap"].sum("education")
    start, end = material.study.base_year, material.study.horizon
    main = gap.sel(year=end, drop=True) - gap.sel(year=start, drop=True)
    names = [name for name in (GROWTH, BALANCED) if name in material.effects]
    parts = [main, *(main + _last(material, name, "gap").sum("education") for name in names)]
    change = xr.concat(parts, pd.Index(["main", *names], name="scenario"))
    note = "Change since the base year; the report starts from balance."
    if not names:
        note += f" Growth needs `bayesgap run --scenarios {GROWTH},{BALANCED}`."
    return Result(change.rename("change of gap"), "person", "run", note)


def effects_on_gap(material: ChapterInputs, names: Sequence[str]) -> xr.DataArray:
    """Effect (chain, draw, region, scenario) of each scenario on the gap at the horizon."""
    parts = [_last(material, name, "gap").sum("education") for name in names]
    array = xr.concat(parts, pd.Index(list(names), name="scenario"))
    return array.transpose(*SAMPLE_DIMS, "region", "scenario")


def recommendations(material: ChapterInputs) -> Result | Missing:
    """Figure G: effect on the gap of every lever that quantifies a recommendation."""
    levers = dict.fromkeys(name for r in RECOMMENDATIONS for name in r.levers)
    names = [name for name in levers if name in material.effects]
    if not names:
        return Missing(",".join(levers), "Add them with `bayesgap run --scenarios all`.")
    lacking = ", ".join(name for name in levers if name not in names)
    note = f"{PAIRED} Below 0 closes the gap."
    note += f" Not in this run: {lacking}." if lacking else ""
    draws = effects_on_gap(material, names).rename("effect on gap")
    return Result(draws, "person", "run", note)

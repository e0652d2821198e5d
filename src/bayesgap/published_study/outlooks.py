"""Chapters 4.1-4.3, 5.1, 5.3 and 6: what the run's draws say of people, jobs and gaps to 2040."""

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.mobility import by_level
from bayesgap.published_study.result import Result
from bayesgap.schema import SAMPLE_DIMS

REPORT_BANDS = ("20-25", "26-40", "41-65", "66+")


def population_by_age(material: ChapterInputs) -> Result:
    """Figure 4-1: population of the report's age bands, 1 January."""
    people = material.outlook["population"].sel(age_band=list(REPORT_BANDS))
    return Result(
        people.transpose(*SAMPLE_DIMS, "region", "year", "age_band").rename("population"),
        "person",
        "run",
        "The report shows official projections; ours draws migration and ageing.",
    )


def labour_force_by_level(material: ChapterInputs) -> Result:
    """Figure 4-2: labour force by level of education, every year."""
    force = by_level(material.outlook["labour_force"])
    note = "4th quarter, ages 15-74; the report counts the employed."
    return Result(force.rename("labour force"), "person", "run", note)


def labour_force_change(material: ChapterInputs) -> Result:
    """Figure 4-3: change of the labour force by education group from base year to horizon."""
    return _change(material, "labour_force", "change of labour force")


def demand_change(material: ChapterInputs) -> Result:
    """Figure 5-5, main scenario: change of demand by education group."""
    return _change(material, "demand", "change of demand")


def _change(material: ChapterInputs, quantity: str, name: str) -> Result:
    draws = material.outlook[quantity]
    change = draws.isel(year=-1, drop=True) - draws.isel(year=0, drop=True)
    note = "The split by field within a level is assumed throughout."
    return Result(change.drop_vars(["level", "field"]).rename(name), "person", "run", note)


def demand_total(material: ChapterInputs) -> Result:
    """Figure 5-1: jobs wanted at the workplace, total, every year."""
    demand = material.outlook["demand"].sum("education").rename("demand")
    note = (
        "Jobs at the region's workplaces; the report's base fits neither residence nor workplace."
    )
    return Result(demand, "person", "run", note)


def demand_by_sector(material: ChapterInputs) -> Result:
    """Figure 5-2: employment by sector, base year and horizon."""
    ends = [material.study.base_year, material.study.horizon]
    jobs = material.outlook["employment"].sel(year=ends)
    return Result(
        jobs.transpose(*SAMPLE_DIMS, "region", "year", "sector").rename("employment"),
        "person",
        "run",
        "Sector by workplace is reconciled, not observed.",
    )


def gap_by_education(material: ChapterInputs) -> Result:
    """Figure 6-2: change of the gap by education group since the base year.

    The report starts from balance, so that its gap is a change.
    """
    result = _change(material, "gap", "change of gap")
    return Result(
        result.draws, "person", "run", "Change since the base year; the report starts from balance."
    )

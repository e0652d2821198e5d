"""A study and its tables as they were at an origin: nothing that was recorded later is left.

Definitions
-----------
C1  a row of year t is known at the end of t: rows of later years go, and tables that lose all
C2  counts of 1 January t+1 are of the people of the 4th quarter of t: known at the end of t too
C3  tables without years stay, though whoever wrote them knew later years: assumed figures, and the
    nation's that have no series
C4  published figures go: the report that they are of came later than any origin
C5  the survey of unfilled jobs, of one year, stands in for one at the origin where it is later:
    unfilled jobs are counted nowhere, so nothing that is scored rests on it
C6  the base of filled jobs is made anew, from what is left
"""

from collections.abc import Mapping

import pandas as pd

from bayesgap.data.fetch.imputation import observed_base
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.data.reconcile import reconcile_sector_base
from bayesgap.data.schemas import TABLES
from bayesgap.errors import StudyError
from bayesgap.study.bundle import default_study
from bayesgap.study.study import Study, Window, load_study

Tables = Mapping[str, pd.DataFrame]
JANUARY = ("population", "population_national")
BASE = "employment_workplace_base"
SURVEY = "nav_shortage_2017"
SECTOR_TABLE = "employment_workplace_telemark"


def cut_tables(tables: Tables, origin: int) -> dict[str, pd.DataFrame]:
    """Rows that were known at the end of year `origin` (C1-C5); tables without any are left out."""
    out = {}
    for name, frame in tables.items():
        if name == BASE or ("status" in frame and (frame["status"] == "published").all()):
            continue
        known = _dated(frame, origin) if name == SURVEY else frame
        if "year" in known:
            known = known[known["year"] <= origin + (name in JANUARY)]
        if len(known):
            out[name] = known.reset_index(drop=True)
    return out


def _dated(survey: pd.DataFrame, origin: int) -> pd.DataFrame:
    return survey.assign(year=survey["year"].clip(upper=origin))


def cut_study(study: Study, tables: Tables, origin: int, horizon: int) -> Study:
    """`study` as it would have been at `origin`, to the year `horizon`.

    Parameters
    ----------
    tables : of `cut_tables`; regions that a table must name and does not are learned from no more

    Raises
    ------
    StudyError
        Too few years before the origin, or none after it.
    """
    if not study.window.first + 1 < origin < horizon:
        raise StudyError(
            f"An origin must lie at least two years after the first year of the window, "
            f"{study.window.first}, and before the last year that came, {horizon}; found {origin}."
        )
    named = [
        set(tables[table.read_as or name][column])
        for name, table in TABLES.items()
        for column, which in table.regions.items()
        if which == "all" and (table.read_as or name) in tables
    ]
    shocks = tuple(year for year in study.options.shock_years if year <= origin)
    change = {
        "name": f"{study.name}-{origin}",
        "pooling": tuple(r for r in study.pooling if all(r in names for names in named)),
        "window": Window(first=study.window.first, last=origin),
        "base_year": origin,
        "horizon": horizon,
        "options": study.options.model_copy(update={"shock_years": shocks}),
    }
    return study.model_copy(update=change)


def with_base(tables: Tables, study: Study) -> dict[str, pd.DataFrame]:
    """`tables` with the base of filled jobs by sector (C6).

    It is observed where every target's jobs by sector are counted, and reconciled for the regions
    of the embedded study.

    Raises
    ------
    StudyError
        Nothing that is left can make it.
    """
    counted = tables.get(SECTOR_TABLE, pd.DataFrame({"region": []}))
    counted = counted[counted["region"].isin(study.targets)]
    if set(counted["region"]) == set(study.targets):
        status = tables["employment_status"].query("measure == 'employed_by_workplace'")
        total = status.set_index(["region", "year"])["persons"].astype(float)
        wanted = Wanted(study.targets, study.pooling, study.base_year)
        return {**tables, BASE: observed_base(counted, total, wanted)}
    if set(study.targets) == set(load_study(default_study()).targets):
        return {**tables, BASE: reconcile_sector_base(tables, list(study.targets))}
    raise StudyError(
        f"Filled jobs by sector at {study.base_year} must be counted for every target in "
        f"{SECTOR_TABLE}; they are for {sorted(set(counted['region']))}. Choose a later origin, or "
        "add their rows."
    )

"""Chapter 4.4.4: students by field of study.

Equations
---------
S1  log of students of a field among 10 000 of the nation's: a pooled path (`paths`) through the
    register's counts of 1997, 2007 and 2012 and the offers of 2021
S2  log of students in Buskerud against ten years before the base year, all and in business: the
    report's growth, with its rounding
S3  other fields there: growth of all, plus what the field has gained in the nation (S1) in the same
    years, plus own ~ Normal(0, students.own)

Nothing open tells Buskerud's own students by field: S3 is the nation's change at Buskerud's pace.
"""

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.paths import Observations, pooled_paths
from bayesgap.published_study.result import Missing, Result
from bayesgap.schema import SAMPLE_DIMS

GROWTH = {"all": "students_growth_total", "business_admin": "students_growth_business"}
PERIOD = 10
WHOLE = 10_000
# Errors in logs: fields of the register are ours but for borders between them; offers are of
# beginners, who are spread over fields otherwise than all students, by a fifth.
ERROR = {"students": 0.03, "offers": 0.2}
START = 1e-3  # the first year is the measure itself


def students(material: ChapterInputs) -> Result | Missing:
    """Figure 4-8: students in Buskerud by field, from the user's table or as S1 to S3."""
    own = material.tables.get("students")
    if own is not None:
        return counted(material, own)
    known = set(material.tables.get("report_figures", pd.DataFrame({"id": []}))["id"])
    if "students_by_field" not in material.tables or not known >= set(GROWTH.values()):
        return Missing("students", "Students by field and place of study are not published openly.")
    return grown(material)


def counted(material: ChapterInputs, table: pd.DataFrame) -> Result:
    """Students by level and field, from counts of the user's."""
    table = table[table["students"] > 0]
    unit = (table["level"] + ":" + table["field"]).to_numpy()
    persons = table["students"].to_numpy(dtype=float)
    seen = Observations(unit, table["year"].to_numpy(), np.log(persons), persons**-0.5)
    years = range(int(table["year"].min()), material.study.horizon + 1)
    paths = _paths(material, seen, years, "students")
    persons = xr.ufuncs.exp(paths).rename(unit="education").rename("students")
    return Result(persons, "person", "observed", "Counts from students.csv; later years are drawn.")


def grown(material: ChapterInputs) -> Result:
    """Students by field against ten years before the base year (S1 to S3)."""
    last = material.study.base_year
    first = last - PERIOD
    nation = national_gain(material, first, last)
    fields = [*GROWTH, *(f for f in nation["unit"].to_numpy().tolist() if f not in GROWTH)]
    mean, sd = _growth(material, nation, fields)
    start = np.full(len(fields), np.log(WHOLE))
    seen = Observations(
        np.array(fields * 2),
        np.repeat([first, last], len(fields)),
        np.concatenate([start, start + mean]),
        np.concatenate([np.full(len(fields), START), sd]),
    )
    paths = _paths(material, seen, range(first, last + 1), "students")
    index = xr.ufuncs.exp(paths - np.log(WHOLE)).rename(unit="education")
    note = (
        "Growth of all students and of business is the report's, with its rounding; other fields "
        "move with the nation's students and offers (SSB 1997 to 2012, Samordna opptak 2021) "
        "about that, with an assumed spread: Buskerud's own students by field are not published "
        "openly."
    )
    inputs = tuple(GROWTH.values())
    return Result(
        index.rename("students against ten years before"), "share", "published", note, inputs
    )


def national_gain(material: ChapterInputs, first: int, last: int) -> xr.DataArray:
    """Log change (chain, draw, unit) of a field's part of the nation's students (S1)."""
    table = material.tables["students_by_field"]
    total = table.groupby(["year", "measure"])["students"].transform("sum")
    seen = Observations(
        table["field"].to_numpy(),
        table["year"].to_numpy(),
        np.log(WHOLE * table["students"] / total).to_numpy(),
        table["measure"].map(ERROR).to_numpy(dtype=float),
    )
    years = range(int(table["year"].min()), max(last, int(table["year"].max())) + 1)
    paths = _paths(material, seen, years, "students.nation")
    share = paths - np.log(xr.ufuncs.exp(paths).sum("unit"))
    return share.sel(year=last, drop=True) - share.sel(year=first, drop=True)


def _growth(
    material: ChapterInputs, nation: xr.DataArray, fields: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sd of the log growth of each field (S2, S3)."""
    rounded = {}
    for field, figure in GROWTH.items():
        value, half = material.published(figure)
        rounded[field] = np.log1p(value), half / np.sqrt(3.0) / (1.0 + value)
    every, _ = rounded["all"]
    gain, spread = nation.mean(SAMPLE_DIMS), nation.std(SAMPLE_DIMS)
    own = material.priors["students"]["own"].params()["sigma"]
    for field in fields:
        if field not in rounded:
            at = {"unit": field}
            rounded[field] = every + float(gain.sel(at)), float(np.hypot(spread.sel(at), own))
    mean, sd = zip(*(rounded[field] for field in fields), strict=True)
    return np.array(mean), np.array(sd)


def _paths(material: ChapterInputs, seen: Observations, years: range, name: str) -> xr.DataArray:
    """Pooled paths (chain, draw, unit, year) of logs."""
    units = list(dict.fromkeys(seen.unit.tolist()))
    priors, rng = material.priors["students"], material.rng(name)
    return pooled_paths(seen, units, list(years), priors, material.shape, rng)[0]

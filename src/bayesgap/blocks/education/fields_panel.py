"""Panel of fields within levels (E9): what the nation's registers say, and a study's own.

Definitions
-----------
P1  field_employed[e]: log share of e among the employed of its level; field_recent[e] likewise
    among those who finished 1-3 years ago; field_active[e]: log of the first over the log share
    among residents, which tells the labour force from all residents
P2  field_entering[l]: log of a third of those recent over all employed of the level, a year
P3  field_immigrant[c]: log of the share of cell c among immigrants over that among everybody;
    a cell is one or several groups of a level (field_cell)
P4  field_slope[j]: yearly change of an orthonormal contrast of log counts of a level's fields,
    between neighbouring years of a series; contrasts of a level are independent.
    field_slope_rate[j]: the level's rate of entry then, its growth and one in `WORKING_LIFE`
P5  field_own[r,e]: log share of e among residents of r with its level, from the study's own table

What a table lacks is NaN; so is everything where there is no table.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.lent import lent
from bayesgap.schema import EDUCATION
from bayesgap.study.study import Study

GROUPS = tuple(group for group in EDUCATION if ":" in group)
GROUP_LEVEL = tuple(group.partition(":")[0] for group in GROUPS)
FIELD_LEVELS = tuple(dict.fromkeys(GROUP_LEVEL))
OF_LEVEL = np.array([FIELD_LEVELS.index(level) for level in GROUP_LEVEL])  # (group)
INSIDE: Floats = (OF_LEVEL[:, None] == OF_LEVEL[None, :]).astype(float)  # (group, group)

NATIONAL, OWN = "education_fields_national", "education_fields"
IMMIGRANTS, HISTORY = "education_fields_immigrants", "education_fields_history"
RECENT_YEARS = 3.0
WORKING_LIFE = 40.0  # years
REGISTER_SD = 0.02  # of a region's register: unspecified fields, courses counted otherwise
YEARLY_SD = 0.01  # of a region's register for each year that it is apart from the nation's
TECHNICAL = {  # cells of several groups
    "upper_secondary": ("construction", "electrical_mechanical"),
    "bachelor": ("science_engineering", "ict"),
    "master": ("science_engineering", "ict"),
}
LEAST_COUNT = 0.5  # persons in an empty cell of a level that is told
Tables = Mapping[str, pd.DataFrame]


def build_fields_panel(tables: Tables, study: Study) -> xr.Dataset:
    """Everything that fields condition on.

    Returns
    -------
    Dataset with field_employed, field_employed_sd, field_recent, field_recent_sd, field_active
    (field_group), field_entering (field_level), field_year; field_immigrant,
    field_immigrant_sd (field_cell), field_member (field_cell, field_group); field_slope,
    field_slope_rate, field_slope_years, field_slope_sd, field_slope_level (field_contrast);
    field_own, field_own_sd (target, field_group): logs
    """
    panel = national(tables.get(NATIONAL), study)
    panel = panel.merge(immigrants(tables.get(IMMIGRANTS))).merge(slopes(tables.get(HISTORY)))
    own, error = regional(tables.get(OWN), study, int(panel["field_year"]))
    dims = ("target", "field_group")
    return panel.assign(field_own=(dims, own), field_own_sd=(dims, error)).assign_coords(
        target=list(study.targets)
    )


def log_shares(counts: Floats) -> Floats:
    """Logs of shares of each level (..., group); NaN where a level has no counts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(counts / (np.nan_to_num(counts) @ INSIDE))


def national(frame: pd.DataFrame | None, study: Study) -> xr.Dataset:
    """P1 and P2 from the last year of the table."""
    none = np.full(len(GROUPS), np.nan)
    values = dict.fromkeys(("employed", "persons", "recent", "sd", "recent_sd"), none)
    year, entering = study.base_year, np.full(len(FIELD_LEVELS), np.nan)
    if frame is not None:
        year = int(frame["year"].max())
        last = frame[frame["year"] == year].assign(lent=lent(frame[frame["year"] == year]))
        last = last.set_index("education").loc[list(GROUPS)]
        for name, column in (
            ("employed", "employed"), ("persons", "persons"), ("recent", "recent_employed"),
        ):  # fmt: skip
            values[name] = last[column].to_numpy(dtype=float)
        for name in ("sd", "recent_sd"):
            values[name] = np.hypot(last[name].to_numpy(dtype=float), last["lent"])
        sums = [values[n] @ np.eye(len(FIELD_LEVELS))[OF_LEVEL] for n in ("recent", "employed")]
        entering = np.log(sums[0] / RECENT_YEARS / sums[1])
    employed, persons, recent = (
        log_shares(values[name]) for name in ("employed", "persons", "recent")
    )
    return xr.Dataset(
        {
            "field_employed": ("field_group", employed),
            "field_employed_sd": ("field_group", values["sd"]),
            "field_recent": ("field_group", recent),
            "field_recent_sd": ("field_group", values["recent_sd"]),
            "field_active": ("field_group", np.nan_to_num(employed - persons)),
            "field_entering": ("field_level", entering),
            "field_year": year,
        },
        coords={"field_group": list(GROUPS), "field_level": list(FIELD_LEVELS)},
    )


def immigrants(frame: pd.DataFrame | None) -> xr.Dataset:
    """P3 by cell, and which groups a cell holds."""
    if frame is None:
        found, error, member = [np.nan], [np.nan], np.ones((1, len(GROUPS)))
    else:
        sums = frame.groupby("level")[["immigrants", "everybody"]].transform("sum")
        share = frame["immigrants"] / sums["immigrants"]
        found = np.log(share / (frame["everybody"] / sums["everybody"])).to_numpy()
        error = np.hypot(frame["sd"], lent(frame))
        cells = zip(frame["level"], frame["cell"], strict=True)
        member = np.array([members(level, cell) for level, cell in cells])
    return xr.Dataset(
        {
            "field_immigrant": ("field_cell", found),
            "field_immigrant_sd": ("field_cell", error),
            "field_member": (("field_cell", "field_group"), member),
        }
    )


def members(level: str, cell: str) -> Floats:
    """1 for each group (group) of a cell."""
    fields = TECHNICAL[level] if cell == "technical" else (cell,)
    return np.isin(GROUPS, [f"{level}:{field}" for field in fields]).astype(float)


def slopes(frame: pd.DataFrame | None) -> xr.Dataset:
    """P4 by contrast."""
    rows = [] if frame is None else list(_slopes(frame))
    found = np.array(rows or [(np.nan, 1.0, 1.0, 0.0, 0)], dtype=float).T
    names = ("", "_rate", "_years", "_sd", "_level")
    return xr.Dataset(
        {
            f"field_slope{name}": ("field_contrast", column)
            for name, column in zip(names, found, strict=True)
        }
    )


def _slopes(frame: pd.DataFrame) -> Iterator[tuple[float, ...]]:
    """Rows (slope, rate of entry, years, error a year, place of the level)."""
    for (_, level), own in frame.groupby(["series", "level"]):
        counts = own.pivot_table(index="year", columns="cell", values="employed")
        told = np.log(counts.to_numpy(dtype=float)) @ contrasts(counts.shape[1]).T
        error = own.groupby("year")["sd"].max().to_numpy(dtype=float)
        whole = np.log(counts.sum(axis=1).to_numpy(dtype=float))
        for at, years in enumerate(np.diff(counts.index.to_numpy())):
            rate = max((whole[at + 1] - whole[at]) / years, 0.0) + 1.0 / WORKING_LIFE
            apart = np.hypot(error[at], error[at + 1]) / years
            for value in (told[at + 1] - told[at]) / years:
                yield value, rate, years, apart, FIELD_LEVELS.index(str(level))


def contrasts(cells: int) -> Floats:
    """Orthonormal contrasts (contrast, cell) of logs: isometric log-ratios."""
    out = np.zeros((cells - 1, cells))
    for row in range(cells - 1):
        out[row, : row + 1] = 1.0 / (row + 1.0)
        out[row, row + 1] = -1.0
        out[row] *= np.sqrt((row + 1.0) / (row + 2.0))
    return out


def regional(frame: pd.DataFrame | None, study: Study, nation_year: int) -> tuple[Floats, Floats]:
    """P5 and its error (target, group), from the last year of each region."""
    counts = np.full((len(study.targets), len(GROUPS)), np.nan)
    error = counts.copy()
    if frame is not None:
        known = frame[frame["level"].isin(FIELD_LEVELS)]
        for place, region in enumerate(study.targets):
            own = known[known["region"] == region]
            if own.empty:
                continue
            own = own[own["year"] == own["year"].max()]
            persons = own.groupby(own["level"] + ":" + own["field"])["persons"].sum()
            found = persons.reindex(GROUPS, fill_value=0.0).to_numpy(dtype=float)
            told = found @ INSIDE > 0.0  # levels that the table has
            counts[place] = np.where(told, np.maximum(found, LEAST_COUNT), np.nan)
            away = YEARLY_SD * (nation_year - int(own["year"].max()))
            error[place] = np.sqrt(1.0 / counts[place] + REGISTER_SD**2 + away**2)
    return log_shares(counts), error

"""Tables whose rows are every combination of their parts: a combination that is missing.

`data/rows.py` asks for every year that the manifest promises. Tables of the nation promise none, so
that a lost row would only leave a thinner table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from bayesgap.data.content.finding import Finding, Frames, named
from bayesgap.errors import Problem


@dataclass(frozen=True)
class Grid:
    """Within each `block`, rows are all combinations of `parts` (a part may be two columns)."""

    table: str
    block: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


AGES = ("first_age", "last_age")
GRIDS = (
    Grid("employment_national", (), (("year",), ("sector",), ("concept",))),
    Grid("skill_mix", (), (("sector",), ("education",))),
    Grid("employment_workplace_base", (), (("region",), ("sector",))),
    Grid("education_attainment", (), (("year",), AGES, ("level",))),
    Grid("sector_levels_national", (), (("industry",), ("level",), ("year",))),
    Grid("sector_levels_piaac", (), (("sector",), ("level",))),
    Grid("participation_national", ("survey", "first_age"), (("year",), ("level",))),
    Grid("unemployment_national", ("survey",), (("year",), ("level",))),
    Grid("education_cohort_shape", (), (("logit",), ("cohort",))),
    Grid("education_fields_history", ("series",), (("year",), ("level", "cell"))),
    Grid("nav_shortage_2017", (), (("year",), ("region",), ("occupation_code",))),
)


def grid_findings(grid: Grid, frames: Frames) -> Iterator[Finding]:
    """Findings of one grid: every combination without a row."""
    frame = frames[grid.table]
    blocks = frame.groupby(list(grid.block)) if grid.block else [((), frame)]
    for _, rows in blocks:
        full = rows[list(grid.block)].drop_duplicates().head(1)
        for part in grid.parts:
            full = full.merge(rows[list(part)].drop_duplicates(), how="cross")
        have = pd.MultiIndex.from_frame(rows[list(full.columns)])
        for row in full[~pd.MultiIndex.from_frame(full).isin(have)].to_dict("records"):
            keys = {str(name): value for name, value in row.items()}
            found = f"no row for {named(keys)}, though every other combination has one"
            name = f"{grid.table} as a grid"
            yield Finding(Problem(f"{grid.table}.csv", None, None, found, "Add it.", name), 2.0)

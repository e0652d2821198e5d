"""Moves against what became of the people: cohorts, deaths and moves, age by age over all years.

`data/checks.py` compares all ages of a year together, so that moves at the wrong age pass. Here the
balance of one age, summed over years, is held against the root of all that moved or died:

    |cohorts' change + deaths - net moves| <= 6.2 * sqrt(moves + deaths + 1)    (A1)

The limit is the largest ratio of the embedded tables (4.7) and of Linköping's (4.9), times 1.25.
Ages 17 to 27 are left out: registers date the moves of students by other days than those of others.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from bayesgap.data.compare import number
from bayesgap.data.content.finding import CORRECT, Finding, Frames
from bayesgap.errors import Problem

LIMIT = 6.2
STUDENTS = 17, 27
OLDEST = 80  # above it, deaths of the nation are too coarse a guess


def balances(frames: Frames) -> pd.DataFrame:
    """Balance by region and age: `off` [person], `moved` [person], `ratio` of A1, first `line`."""
    flows, key = frames["migration_flows"], ["region", "year", "age"]
    people = pd.concat([frames[n] for n in ("population", "population_pooling") if n in frames])
    people = people[[*key, "persons"]]
    older = people.assign(year=people["year"] - 1, age=people["age"] - 1)
    nation = frames["deaths_national"].merge(frames["population_national"], on=["year", "age"])
    rate = nation[["year", "age"]].assign(rate=nation["deaths"] / nation["persons"])
    cells = flows.assign(line=flows.index).merge(people, on=key)
    cells = cells.merge(older, on=key, suffixes=("", "_next")).merge(rate, on=["year", "age"])
    cells = cells[(cells["age"] <= OLDEST) & ~cells["age"].between(*STUDENTS)]
    died = cells["persons"] * cells["rate"]
    net = cells["in_migration"] - cells["out_migration"]
    cells["off"] = cells["persons_next"] - cells["persons"] + died - net
    cells["moved"] = cells["in_migration"] + cells["out_migration"] + died
    sums = cells.groupby(["region", "age"]).agg(
        off=("off", "sum"), moved=("moved", "sum"), line=("line", "min")
    )
    sums["ratio"] = sums["off"].abs() / np.sqrt(sums["moved"] + 1)
    return sums.reset_index()


def balance_findings(frames: Frames) -> Iterator[Finding]:
    """Ages of a region whose moves do not fit what became of its people."""
    found = balances(frames)
    for row in found[found["ratio"] > LIMIT].to_dict("records"):
        says = f"region {row['region']}, age {row['age']:.0f}: over all years the moves miss what "
        says += f"became of the people by {number(abs(row['off']))}, {number(row['ratio'])} times "
        says += f"the root of all moves and deaths, above {LIMIT:g} (another age, or a row lower?)"
        place = "migration_flows.csv", int(row["line"]), "out_migration and in_migration"
        problem = Problem(*place, says, CORRECT, "migration_flows balance")
        yield Finding(problem, row["ratio"] / LIMIT)

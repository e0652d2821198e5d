"""Spreads and samples: an sd within bounds, an sd that fits its sample, shares that fit counts.

Limits: the smallest and largest sd of each column in the embedded tables, less a fifth and plus a
quarter. `sd` of a share p from n persons was 0.87 to 1.05 times sqrt(p (1 - p) / n) in PIAAC; a
share was 0.72 to 1.82 times its part of the persons asked, from ten persons on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bayesgap.data.compare import number
from bayesgap.data.content.finding import CORRECT, Finding, Frames, Rows, any_of, named
from bayesgap.errors import Problem

BINOMIAL = 0.7, 1.3
WEIGHTED = 0.6, 1.65
TRADES: tuple[Rows, ...] = ({"field": ("building_trades", "electrical_trades")},)  # of another
FEWEST = 10  # persons asked, below which weights may do anything


@dataclass(frozen=True)
class Spread:
    """Bounds of a column of standard deviations; `zero` says that 0 stands for a full count."""

    table: str
    value: str
    low: float
    high: float
    zero: bool = False


SPREADS = (
    Spread("employment_workplace_base", "log_sd", 0.016, 0.5),
    Spread("skill_mix", "sd", 0.024, 1.63),
    Spread("skill_mix", "level_sd", 0.029, 0.83),
    Spread("education_fields_national", "sd", 0.04, 0.125),
    Spread("education_fields_national", "recent_sd", 0.08, 0.5),
    Spread("education_fields_immigrants", "sd", 0.16, 0.375),
    Spread("education_fields_history", "sd", 0.032, 0.05, zero=True),
    Spread("participation_national", "sd", 0.024, 1.32),
    Spread("participation_national", "definition_sd", 0.04, 0.46),
    Spread("unemployment_national", "sd", 0.034, 0.65),
    Spread("unemployment_national", "definition_sd", 0.04, 0.375),
    Spread("education_cohort_shape", "sd", 0.16, 0.5),
    Spread("education_completion", "sd", 0.2, 0.625),
    Spread("education_immigrant_splits", "sd", 0.16, 0.625),
)


def spread_findings(spread: Spread, frames: Frames) -> Iterator[Finding]:
    """Findings of one column of spreads; 0 or less is impossible where it is no full count."""
    values = frames[spread.table][spread.value].dropna()
    fine = values.between(spread.low, spread.high) | (spread.zero & (values == 0))
    for line, value in values[~fine].items():
        found = f"a spread of {number(value)} is outside {spread.low:g} to {spread.high:g}"
        place = f"{spread.table}.csv", int(str(line)), spread.value
        name = f"{spread.table}.{spread.value} as a spread"
        over = max(value / spread.high, spread.low / max(value, 1e-9))
        yield Finding(Problem(*place, found, CORRECT, name), float(over), impossible=value <= 0)


def sampled_spreads(frames: Frames) -> Iterator[Finding]:
    """Spread of a share of the persons asked, against that of a simple sample."""
    frame = frames["study_national"]
    frame = frame[frame["value"].between(0, 1, inclusive="neither")]
    sample = np.sqrt(frame["value"] * (1 - frame["value"]) / frame["respondents"])
    ratio = frame["sd"] / sample
    for line in frame.index[~ratio.between(*BINOMIAL)]:
        keys = {name: frame.at[line, name] for name in ("first_age", "last_age")}
        found = f"{named(keys)}: the spread is {number(ratio[line])} times that of a simple sample "
        found += f"of {number(frame.at[line, 'respondents'])}, outside 0.7 to 1.3"
        place = "study_national.csv", int(line), "sd"
        over = max(ratio[line] / BINOMIAL[1], BINOMIAL[0] / max(ratio[line], 1e-9))
        yield Finding(Problem(*place, found, CORRECT, "study_national sample"), float(over))


def weighted_shares(table: str, by: list[str], frames: Frames) -> Iterator[Finding]:
    """Share of a survey against its part of the persons asked."""
    frame = frames[table]
    frame = frame[~any_of(frame, TRADES)] if "field" in frame else frame
    groups = frame.groupby(by)
    share = frame["share"] / groups["share"].transform("sum")
    part = frame["respondents"] / groups["respondents"].transform("sum")
    ratio = share / part
    enough = np.maximum(share, part) * groups["respondents"].transform("sum") >= FEWEST
    for line in frame.index[enough & ~ratio.between(*WEIGHTED)]:
        keys = {name: frame.at[line, name] for name in frame.columns[:3] if name != "share"}
        found = f"{named(keys)}: a share of {number(share[line])} by {number(part[line])} of the "
        found += (
            f"persons asked: {number(ratio[line])} times, outside {WEIGHTED[0]} to {WEIGHTED[1]}"
        )
        problem = Problem(f"{table}.csv", int(line), "share", found, CORRECT, f"{table} sample")
        yield Finding(problem, float(max(ratio[line], 1 / max(ratio[line], 1e-9))))

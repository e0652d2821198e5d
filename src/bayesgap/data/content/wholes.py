"""Parts that make a whole, and figures that stand in many rows and must be the same in each."""

from collections.abc import Iterator
from dataclasses import dataclass

from bayesgap.data.compare import number
from bayesgap.data.content.finding import CORRECT, Finding, Frames, Rows, any_of, derived, named
from bayesgap.errors import Problem


@dataclass(frozen=True)
class Whole:
    """Shares `value` of a table that add up to 1 for each `by`, within `tolerance`."""

    table: str
    value: str
    by: tuple[str, ...]
    tolerance: float
    without: tuple[Rows, ...] = ()


@dataclass(frozen=True)
class Constant:
    """A column that says the same in all rows with the same `by`."""

    table: str
    value: str
    by: tuple[str, ...]


# Tolerance: three shares of three digits, five of four digits (embedded: 0.001 and 0.0002).
WHOLES = (
    Whole("education_attainment", "share", ("year", "first_age"), 0.002),
    Whole("sector_levels_piaac", "share", ("sector",), 0.0005),
    Whole(
        "sector_fields_piaac",
        "share",
        ("sector", "level"),
        0.001,
        ({"field": ("building_trades", "electrical_trades")},),
    ),
)
CONSTANTS = (
    Constant("occupation_education", "count", ("prefix",)),
    Constant("occupation_education", "persons", ("prefix",)),
    Constant("skill_mix", "level_sd", ("sector", "level")),
    Constant("participation_national", "sd", ("survey", "first_age", "last_age", "level")),
    Constant("participation_national", "definition_sd", ("survey", "first_age", "level")),
    Constant("unemployment_national", "sd", ("survey", "level")),
    Constant("unemployment_national", "definition_sd", ("survey", "level")),
)


def whole_findings(whole: Whole, frames: Frames) -> Iterator[Finding]:
    """Findings of one whole: every group whose shares do not add up to 1."""
    frame = frames[whole.table]
    frame = frame[~any_of(frame, whole.without)].dropna(subset=[whole.value])
    groups = frame.assign(line=frame.index).groupby(list(whole.by))
    sums = groups.agg(sum=(whole.value, "sum"), line=("line", "min")).reset_index()
    for row in sums.to_dict("records"):
        off = abs(row["sum"] - 1)
        if off > whole.tolerance:
            keys = {str(name): row[name] for name in whole.by}
            found = f"{named(keys)}: the shares add up to {number(row['sum'])}, not to 1 within "
            found += f"{whole.tolerance:g}"
            name = f"{whole.table}.{whole.value} as a whole"
            at = f"{whole.table}.csv", int(row["line"]), whole.value
            yield Finding(Problem(*at, found, CORRECT, name), 1 + off)


def constant_findings(constant: Constant, frames: Frames) -> Iterator[Finding]:
    """Findings of one constant: every row that differs from most of its group."""
    frame = derived(frames[constant.table]).dropna(subset=[constant.value])
    by, value = list(constant.by), constant.value
    usual = frame.groupby(by)[value].transform(lambda v: v.mode().iloc[0])
    for line in frame.index[frame[value] != usual]:
        keys = {name: frame.at[line, name] for name in by}
        is_, most = frame.at[line, value], usual[line]
        found = (
            f"{named(keys)}: {number(is_)} differs from the other rows, which say {number(most)}"
        )
        name = f"{constant.table}.{value} as a constant"
        problem = Problem(f"{constant.table}.csv", int(line), value, found, CORRECT, name)
        yield Finding(problem, float(max(is_, most) / max(min(is_, most), 1e-9)))

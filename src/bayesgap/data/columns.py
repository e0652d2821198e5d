"""What columns of tables may hold, and what must hold between rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bayesgap import schema
from bayesgap.errors import require_folder

Folder = Literal["buskerud", "national", "seeds"]
SHARED: tuple[Folder, ...] = ("national", "seeds")  # tables that every study reads


@dataclass(frozen=True)
class Code:
    """Text from a closed list."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """Name of a region of one of `kinds` in `reference/regions.csv`."""

    kinds: tuple[str, ...] = ("target", "pooling")


@dataclass(frozen=True)
class Number:
    """A number in [low, high]; `whole` if it counts something."""

    low: float
    high: float
    whole: bool = True


@dataclass(frozen=True)
class Text:
    """Free text; may be empty only where `empty` says so."""

    empty: bool = False


Column = Code | Region | Number | Text


def require_tables(folder: Path) -> None:
    """Raise DataError unless there is a folder of tables."""
    require_folder(folder, "Name a folder of tables; data/README.md lists them.")


@dataclass(frozen=True)
class Table:
    """Columns of a table and what must hold between its rows.

    `key` tells rows apart. Every combination of `series` must have every year that the manifest
    promises, and each such year every combination of `cells` that the table has anywhere.
    `regions` are the columns that must name every region of the study, or its targets. A
    `derived` table is made from the others by a command (`read_tables` can leave it out). An
    `optional` table is not among the embedded data: a study that has it adds it to its folder.
    """

    columns: Mapping[str, Column]
    key: tuple[str, ...]
    series: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    regions: Mapping[str, Literal["all", "targets"]] = field(default_factory=dict)
    folder: Folder = "buskerud"
    derived: bool = False
    optional: bool = False
    read_as: str | None = None


STATUS = Code(("observed", "published", "assumed"))
CONCEPT = Code(("residence", "workplace"))
RESIDENCE = Code(("residence",))
WORKPLACE = Code(("workplace",))
YEAR = Number(1980, 2060)
AGE = Number(0, schema.AGE_MAX)
PERSONS = Number(0, 1_000_000)
NATION = Number(0, 10_000_000)
SECTORS = tuple(schema.SECTORS)
SECTOR = Code(SECTORS)
SECTOR_OR_UNSTATED = Code(("00", *SECTORS))
SECTOR_OR_ALL = Code((*SECTORS, "all"))
REGION = Region()
EDUCATION = Code(schema.EDUCATION)
LEVEL = Code(schema.LEVELS)
FIELD = Code(tuple(dict.fromkeys((*schema.UPPER_SECONDARY_FIELDS, *schema.TERTIARY_FIELDS))))
LEVEL_OR_ALL = Code((*schema.LEVELS, "all"))
SURVEY = Code(("lfs", "piaac"))
FIELD_LEVEL = Code(("upper_secondary", "bachelor", "master"))
FIELD_CELL = Code((*FIELD.codes, "technical"))  # a source that does not split a field further
ERROR = Number(0, 10, whole=False)
LOGIT = Code(("upper_secondary", "tertiary", "academic", "long"))
SHARE = Number(0, 1, whole=False)
LOG_ODDS = Number(-10, 10, whole=False)
SURVEYED: dict[str, Column] = {"share": SHARE, "respondents": Number(0, 10_000)}
FLOW_GROUP = Region(("target", "pooling", "group"))


def provenance(concept: Column = CONCEPT) -> dict[str, Column]:
    """Columns that say where a row comes from."""
    return {
        "concept": concept,
        "border_year": Number(1980, 2060),
        "coverage": Text(),
        "source": Text(),
        "status": STATUS,
    }


def seed(by: Mapping[str, Column], value: Column, *, spread: bool = True) -> Table:
    """A table of assumed values with their spread `sd`, one row each combination of `by`."""
    sd: dict[str, Column] = {"sd": Number(0, 10, whole=False)} if spread else {}
    why: dict[str, Column] = {"source": Text(), "status": STATUS}
    return Table({**by, "value": value, **sd, **why}, key=tuple(by), folder="seeds")


def nation(by: Mapping[str, Column], values: Mapping[str, Column]) -> Table:
    """A table of figures of the whole nation that every study reads, one row each of `by`."""
    why: dict[str, Column] = {"source": Text(), "status": STATUS}
    return Table({**by, **values, **why}, key=tuple(by), folder="national")

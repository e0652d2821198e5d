"""What each table must look like: one entry a table, in `TABLES`, nothing anywhere else.

To add a table: add its entry here, its figures to `data/<folder>/<name>.csv`, and its origin to
`data/manifest.toml` (then run `scripts/refresh_manifest.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    `derived` table is made from the others by a command (`read_tables` can leave it out).
    """

    columns: Mapping[str, Column]
    key: tuple[str, ...]
    series: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    regions: Mapping[str, Literal["all", "targets"]] = field(default_factory=dict)
    folder: Folder = "buskerud"
    derived: bool = False
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
REGION = Region()
EDUCATION = Code(schema.EDUCATION)
LEVEL = Code(schema.LEVELS)
FIELD = Code(tuple(dict.fromkeys((*schema.UPPER_SECONDARY_FIELDS, *schema.TERTIARY_FIELDS))))
LOGIT = Code(("upper_secondary", "tertiary", "academic", "long"))
SHARE = Number(0, 1, whole=False)
LOG_ODDS = Number(-10, 10, whole=False)
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


def _population() -> Table:
    return Table(
        # a region's single year of age; the largest is Oslo's 27-year-olds, 16 387
        {
            "region": REGION,
            "year": YEAR,
            "age": AGE,
            "persons": Number(0, 50_000),
            **provenance(RESIDENCE),
        },
        key=("region", "year", "age"),
        series=("region",),
        cells=("age",),
        regions={"region": "all"},
        read_as="population",
    )


TABLES: dict[str, Table] = {
    "population": _population(),
    "population_pooling": _population(),
    "population_national": Table(
        {"year": YEAR, "age": AGE, "persons": Number(1_000, 200_000), **provenance(RESIDENCE)},
        key=("year", "age"),
        cells=("age",),
    ),
    "deaths_national": Table(
        {"year": YEAR, "age": AGE, "deaths": Number(0, 30_000), **provenance(RESIDENCE)},
        key=("year", "age"),
        cells=("age",),
    ),
    "migration_flows": Table(
        {
            "region": FLOW_GROUP,
            "year": YEAR,
            "age": AGE,
            "out_migration": Number(0, 2_000),
            "in_migration": Number(0, 2_000),
            **provenance(RESIDENCE),
        },
        key=("region", "year", "age"),
        series=("region",),
        cells=("age",),
    ),
    "education_residents_30_66": Table(
        {
            "region": REGION,
            "year": YEAR,
            "background": Code(("all", "immigrants", "non_immigrants")),
            "level": Code(("all", "none", "primary", "upper_secondary", "tertiary", "unknown")),
            "persons": PERSONS,
            **provenance(RESIDENCE),
        },
        key=("region", "year", "background", "level"),
        series=("region",),
        cells=("background", "level"),
        regions={"region": "all"},
    ),
    "education_residents_16plus": Table(
        {
            "region": Region(("target", "pooling", "group", "nation")),
            "year": YEAR,
            "level": Code((*schema.LEVELS, "unknown")),
            "persons": NATION,
            **provenance(RESIDENCE),
        },
        key=("region", "year", "level"),
        series=("region",),
        cells=("level",),
    ),
    "upper_secondary_completion_county": Table(
        {
            "region": Region(("county",)),
            "year": YEAR,
            "unit": Code(("Personer", "Prosent")),
            "value": Number(0, 50_000, whole=False),
            **provenance(RESIDENCE),
        },
        key=("region", "year", "unit"),
        series=("region",),
        cells=("unit",),
    ),
    "employment_status": Table(
        {
            "region": REGION,
            "year": YEAR,
            "measure": Code(("population_15_74", "employed_by_residence", "employed_by_workplace")),
            "persons": PERSONS,
            **provenance(),
        },
        key=("region", "year", "measure"),
        series=("region",),
        cells=("measure",),
        regions={"region": "targets"},
    ),
    "commuting": Table(
        {
            "home": Region(("target", "pooling", "outside")),
            "work": Region(("target", "pooling", "outside")),
            "year": YEAR,
            "employed": PERSONS,
            **provenance(Code(("residence to workplace",))),
        },
        key=("home", "work", "year"),
        series=("home", "work"),
        regions={"home": "targets", "work": "targets"},
    ),
    "employment_residence_by_municipality": Table(
        {
            "region": Region(("target",)),
            "municipality": Text(),
            "year": YEAR,
            "sector": Code(("00-99", *SECTORS)),
            "employed": PERSONS,
            **provenance(RESIDENCE),
        },
        key=("municipality", "year", "sector"),
        series=("municipality",),
        cells=("sector",),
    ),
    "employment_workplace_telemark": Table(
        {
            "region": FLOW_GROUP,
            "year": YEAR,
            "sector": SECTOR_OR_UNSTATED,
            "employed": PERSONS,
            **provenance(WORKPLACE),
        },
        key=("region", "year", "sector"),
        series=("region",),
        cells=("sector",),
    ),
    "employment_county_accounts": Table(
        {
            "region": Region(("county", "county_total")),
            "year": YEAR,
            "sector": SECTOR,
            "employed_1000": Number(0, 1_000, whole=False),
            **provenance(WORKPLACE),
        },
        key=("region", "year", "sector"),
        series=("region",),
        cells=("sector",),
    ),
    "employment_national": Table(
        {
            "year": YEAR,
            "sector": SECTOR_OR_UNSTATED,
            "concept": CONCEPT,
            "employed": NATION,
            **provenance(),
        },
        key=("year", "sector", "concept"),
        cells=("sector", "concept"),
    ),
    "official_projection_total": Table(
        {"region": REGION, "year": YEAR, "population": NATION, **provenance(RESIDENCE)},
        key=("region", "year"),
        series=("region",),
    ),
    "nav_shortage_2017": Table(
        {
            "year": YEAR,
            "occupation_code": Number(1_000, 9_999),
            "occupation": Text(),
            "region": Region(("survey",)),
            "shortage_estimate": Number(0, 100_000),
            **provenance(WORKPLACE),
        },
        key=("year", "occupation_code", "region"),
        series=("region",),
        cells=("occupation_code",),
    ),
    "report_figures": Table(
        {
            "id": Text(),
            "quantity": Text(),
            "region": Region(("target", "total", "nation")),
            "year": YEAR,
            "group": Text(),
            "value": Number(-1_000_000, 1_000_000, whole=False),
            "unit": Code(("persons", "share", "pp", "count")),
            "half_width": Number(0, 1_000_000, whole=False),
            "place": Text(),
            "note": Text(empty=True),
            **provenance(Code(("report",))),
        },
        key=("id",),
    ),
    "employment_workplace_base": Table(
        {
            "region": Region(("target",)),
            "sector": SECTOR,
            "persons": Number(0, 1_000_000, whole=False),
            "log_sd": Number(0, 5, whole=False),
            "year": YEAR,
            **provenance(WORKPLACE),
        },
        key=("region", "sector", "year"),
        series=("region",),
        cells=("sector",),
        regions={"region": "targets"},
        derived=True,
    ),
    "occupation_education": nation(
        {"prefix": Number(1, 9_999), "education": EDUCATION},
        {"value": SHARE, "count": Number(1, 1_000_000), "persons": PERSONS},
    ),
    "vacancies_by_occupation": nation(
        {
            "region": Region(("survey",)),
            "year": YEAR,
            "month": Number(1, 12),
            "occupation_group": Text(),
        },
        {"vacancies": PERSONS},
    ),
    "students_by_field": nation(
        {"year": YEAR, "field": FIELD, "measure": Code(("students", "offers"))},
        {"students": PERSONS},
    ),
    # assumed inputs: small, each row with a spread and the reason in its source
    "education_cohort_shape": seed({"logit": LOGIT, "cohort": Number(1900, 2040)}, SHARE),
    "education_completion": seed({"logit": LOGIT, "age": AGE}, SHARE),
    "education_field_shares": seed({"education": EDUCATION}, SHARE),
    "education_immigrant_age": seed({"age": AGE}, LOG_ODDS),
    "education_immigrant_splits": seed({"logit": LOGIT}, LOG_ODDS),
    "participation_profile": seed({"age": AGE, "level": LEVEL}, SHARE),
    "study_share": seed({"age": AGE}, SHARE),
    "unemployment": seed({"level": LEVEL}, SHARE),
    "commuting_levels": seed({"direction": Code(("out", "in")), "level": LEVEL}, LOG_ODDS),
    "skill_mix_levels": seed({"sector": SECTOR, "level": LEVEL}, SHARE),
    "skill_mix_fields": seed({"sector": SECTOR, "field": FIELD}, Number(0, 100, whole=False)),
    "skill_mix": replace(
        seed({"sector": SECTOR, "education": EDUCATION}, SHARE), folder="buskerud", derived=True
    ),
}

"""What each table must look like: one entry a table, in `TABLES`, nothing anywhere else.

To add a table: add its entry here, or in `national_tables` if every study reads it, its figures to
`data/<folder>/<name>.csv`, and its origin to `data/manifest.toml` (then run
`scripts/refresh_manifest.py`).
"""

from bayesgap import schema
from bayesgap.data.columns import (
    AGE,
    CONCEPT,
    EDUCATION,
    ERROR,
    FIELD,
    FIELD_LEVEL,
    FLOW_GROUP,
    LEVEL,
    NATION,
    PERSONS,
    REGION,
    RESIDENCE,
    SECTOR,
    SECTOR_OR_UNSTATED,
    SECTORS,
    SHARE,
    STATUS,
    WORKPLACE,
    YEAR,
    Code,
    Number,
    Region,
    Table,
    Text,
    provenance,
)
from bayesgap.data.national_tables import NATIONAL


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
    "employed_sector_education": Table(
        {
            "region": REGION,
            "year": YEAR,
            "sector": SECTOR,
            "level": LEVEL,
            "field": Code((*FIELD.codes, "all")),
            "employed": PERSONS,
            **provenance(WORKPLACE),
        },
        key=("region", "year", "sector", "level", "field"),
        optional=True,
    ),
    "education_fields": Table(
        {
            "region": REGION,
            "year": YEAR,
            "level": FIELD_LEVEL,
            "field": FIELD,
            "persons": PERSONS,
            **provenance(RESIDENCE),
        },
        key=("region", "year", "level", "field"),
        optional=True,
    ),
    "skill_mix": Table(
        {
            "sector": SECTOR,
            "education": EDUCATION,
            "value": SHARE,
            "sd": ERROR,
            "level_sd": ERROR,
            "source": Text(),
            "status": STATUS,
        },
        key=("sector", "education"),
        derived=True,
    ),
    **NATIONAL,
}

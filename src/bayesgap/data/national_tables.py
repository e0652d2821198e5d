"""Tables that every study reads: figures of the nation, and what is assumed, row by row."""

from bayesgap.data.columns import (
    AGE,
    EDUCATION,
    ERROR,
    FIELD,
    FIELD_CELL,
    FIELD_LEVEL,
    LEVEL,
    LEVEL_OR_ALL,
    LOG_ODDS,
    LOGIT,
    NATION,
    PERSONS,
    SECTOR_OR_ALL,
    SHARE,
    SURVEY,
    SURVEYED,
    YEAR,
    Code,
    Number,
    Region,
    Table,
    Text,
    nation,
    seed,
)
from bayesgap.data.sector_sums import LEVEL_SUMS, SECTOR_SUMS, SURVEY_FIELDS

NATIONAL: dict[str, Table] = {
    # figures of the nation: every study reads them, unless it has a table of the same name
    "education_fields_national": nation(
        {"year": YEAR, "education": EDUCATION},
        {
            "persons": NATION,
            "employed": NATION,
            "recent_employed": NATION,
            "sd": ERROR,
            "recent_sd": ERROR,
        },
    ),
    "education_fields_immigrants": nation(
        {"level": FIELD_LEVEL, "cell": FIELD_CELL},
        {"immigrants": NATION, "everybody": NATION, "sd": ERROR},
    ),
    "education_fields_history": nation(
        {"series": Text(), "year": YEAR, "level": FIELD_LEVEL, "cell": FIELD_CELL},
        {"employed": NATION, "sd": ERROR},
    ),
    "immigrants_by_age": nation(
        {"year": YEAR, "first_age": AGE, "last_age": AGE}, {"share": SHARE}
    ),
    "education_attainment": nation(
        {
            "year": YEAR,
            "first_age": AGE,
            "last_age": AGE,
            "level": Code(("primary", "upper_secondary", "tertiary")),
        },
        {"share": SHARE},
    ),
    "sector_levels_national": nation(
        {"industry": Code(tuple(SECTOR_SUMS)), "level": Code(tuple(LEVEL_SUMS)), "year": YEAR},
        {"employed": NATION},
    ),
    "sector_levels_piaac": nation({"sector": SECTOR_OR_ALL, "level": LEVEL}, SURVEYED),
    "sector_fields_piaac": nation(
        {
            "sector": SECTOR_OR_ALL,
            "level": Code(("upper_secondary", "tertiary", "bachelor", "master")),
            "field": Code(SURVEY_FIELDS),
        },
        SURVEYED,
    ),
    "health_educated_national": nation(
        {
            "year": YEAR,
            "field": Code(("health_social", "other")),
            "level": Code(
                ("all", "primary+upper_secondary", "bachelor", "master", "bachelor+master")
            ),
            "place": Code(("all", "86-88")),
        },
        {"employed": NATION},
    ),
    "participation_national": nation(
        {"survey": SURVEY, "year": YEAR, "first_age": AGE, "last_age": AGE, "level": LEVEL_OR_ALL},
        {"value": SHARE, "sd": ERROR, "definition_sd": ERROR},
    ),
    "unemployment_national": nation(
        {"survey": SURVEY, "year": YEAR, "level": LEVEL_OR_ALL},
        {"value": SHARE, "sd": ERROR, "definition_sd": ERROR},
    ),
    "study_national": nation(
        {"year": YEAR, "first_age": AGE, "last_age": AGE},
        {"value": SHARE, "sd": SHARE, "respondents": PERSONS},
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
    "education_immigrant_splits": seed({"logit": LOGIT}, LOG_ODDS),
}

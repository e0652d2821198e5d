"""How much each series of the tables may change from one row to the next.

The limits were measured on the embedded tables (edition of 2024), which are official statistics of
15 regions, of municipalities, counties and the nation, and on the tables of Linköping, Finnmark
and Trondheim (`scripts/content_limits.py FOLDER ...` prints them). Each is the largest share that
N1 of `neighbours` needs there, times 1.25 and rounded up to a hundredth; none is below 0.05.
`tests/data/content/test_limits.py` measures them anew on the embedded tables.
"""

from bayesgap.data.content.finding import Rows
from bayesgap.data.content.neighbours import Series

CHANCE = 4.0  # standard errors of a count
MOVES = 4.5  # counts that vary more than by chance: families move, firms open and close
SURVEYED = 10.0  # one interviewed stands for some hundred employed: ten times the error
FEW = 6.0  # persons: counts below some twenty are no more regular than that
UNKNOWN: tuple[Rows, ...] = ({"level": ("unknown", "none", "higher_vocational")},)
UNKNOWN_WHY = "`unknown` and `none` break in 2013/14, `higher_vocational` is 0 before 2016"
BEFORE: tuple[Rows, ...] = ({"year": tuple(range(2000, 2015))},)
BEFORE_WHY = UNKNOWN_WHY
LEAVING_HOME: tuple[Rows, ...] = ({"age": (0, *range(16, 23), 89)},)
LEAVING_WHY = "moves peak at 19 to 20 in a town with a university; 89 stands for all older ages"
ELSEWHERE: tuple[Rows, ...] = ({"home": ("elsewhere",)}, {"work": ("elsewhere",)})
ELSEWHERE_WHY = "the rest of the country has limits of its own"
UNSTATED: tuple[Rows, ...] = ({"sector": ("00",)},)
UNSTATED_WHY = "`00` is what the register could not place"
LONG_GAP: tuple[Rows, ...] = ({"year": (2024,)},)
LONG_GAP_WHY = "13 years lie before 2024, which is another register"
COUNTIES: tuple[Rows, ...] = (
    {"employed_1000": (0,)},
    {"sector": ("49-53",), "year": (2019,)},
    {"sector": ("64-66",), "region": ("Akershus",)},
)
COUNTIES_WHY = (
    "0 stands for counties that did not exist; 49-53 lacks a part in 2019; Akershus' banks"
)

SERIES: tuple[Series, ...] = (
    Series("population", "persons", "year", ("region", "cohort"), 0.05, 0.17, root=CHANCE),
    Series("population", "persons", "year", ("region", "age"), 0.05, 0.18, root=CHANCE),
    Series("population_pooling", "persons", "year", ("region", "cohort"), 0.05, 0.14, root=CHANCE),
    Series("population_pooling", "persons", "year", ("region", "age"), 0.23, 0.27, root=CHANCE),
    Series("population_national", "persons", "year", ("cohort",), 0.05, 0.17, root=CHANCE),
    Series("population_national", "persons", "year", ("age",), 0.15, 0.21, root=CHANCE),
    Series("deaths_national", "deaths", "year", ("age",), 0.09, 0.16, root=CHANCE, grain=FEW),
    Series(
        "migration_flows",
        "in_migration",
        "year",
        ("region", "age"),
        0.15,
        0.36,
        root=MOVES,
        grain=FEW,
    ),
    Series(
        "migration_flows",
        "in_migration",
        "age",
        ("region", "year"),
        0.05,
        0.05,
        root=MOVES,
        grain=FEW,
        spared=LEAVING_HOME,
        why=LEAVING_WHY,
    ),
    Series(
        "migration_flows",
        "out_migration",
        "year",
        ("region", "age"),
        0.06,
        0.78,
        root=MOVES,
        grain=FEW,
    ),
    Series(
        "migration_flows",
        "out_migration",
        "age",
        ("region", "year"),
        0.4,
        0.05,
        root=MOVES,
        grain=FEW,
        spared=LEAVING_HOME,
        why=LEAVING_WHY,
    ),
    Series(
        "education_residents_30_66",
        "persons",
        "year",
        ("region", "background", "level"),
        0.18,
        0.09,
        root=CHANCE,
        without=UNKNOWN,
        why=UNKNOWN_WHY,
    ),
    Series(
        "education_residents_30_66",
        "persons",
        "year",
        ("region", "background", "level"),
        0.49,
        1.86,
        root=CHANCE,
        grain=FEW,
        only={"level": ("unknown", "none")},
        without=BEFORE,
        why=BEFORE_WHY,
    ),
    Series(
        "education_residents_16plus",
        "persons",
        "year",
        ("region", "level"),
        0.06,
        0.07,
        root=CHANCE,
        without=UNKNOWN,
        why=UNKNOWN_WHY,
    ),
    Series("upper_secondary_completion_county", "value", "year", ("region", "unit"), 0.1, 0.13),
    Series("employment_status", "persons", "year", ("region", "measure"), 0.05, 0.06),
    Series(
        "commuting",
        "employed",
        "year",
        ("home", "work"),
        0.11,
        0.06,
        root=CHANCE,
        grain=FEW,
        without=ELSEWHERE,
        why=ELSEWHERE_WHY,
    ),
    Series(
        "commuting",
        "employed",
        "year",
        ("home", "work"),
        0.54,
        0.6,
        root=CHANCE,
        only={"home": ("elsewhere",)},
    ),
    Series(
        "commuting",
        "employed",
        "year",
        ("home", "work"),
        0.05,
        0.05,
        root=CHANCE,
        only={"work": ("elsewhere",)},
    ),
    Series(
        "employment_residence_by_municipality",
        "employed",
        "year",
        ("municipality", "sector"),
        0.09,
        0.13,
        root=CHANCE,
    ),
    Series(
        "employment_workplace_telemark",
        "employed",
        "year",
        ("region", "sector"),
        0.11,
        0.31,
        root=MOVES,
        grain=FEW,
        without=UNSTATED,
        why=UNSTATED_WHY,
    ),
    Series(
        "employment_county_accounts",
        "employed_1000",
        "year",
        ("region", "sector"),
        0.37,
        0.63,
        grain=0.15,
        without=COUNTIES,
        why=COUNTIES_WHY,
    ),
    Series(
        "employment_national",
        "employed",
        "year",
        ("concept", "sector"),
        0.24,
        0.11,
        without=UNSTATED,
        why=UNSTATED_WHY,
    ),
    Series("official_projection_total", "population", "year", ("region",), 0.05, 0.05),
    Series("education_attainment", "share", "year", ("first_age", "level"), 0.14, 0.1),
    Series(
        "education_fields_history",
        "employed",
        "year",
        ("series", "level", "cell"),
        0.05,
        0.68,
        only={"level": ("master",)},
        without=LONG_GAP,
        why=LONG_GAP_WHY,
    ),
    Series(
        "education_fields_history",
        "employed",
        "year",
        ("series", "level", "cell"),
        0.05,
        0.14,
        only={"level": ("upper_secondary", "bachelor")},
        without=LONG_GAP,
        why=LONG_GAP_WHY,
    ),
    Series("immigrants_by_age", "share", "first_age", ("year",), 0.2, 0.6),
    Series(
        "sector_levels_national",
        "employed",
        "year",
        ("industry", "level"),
        0.25,
        0.31,
        root=SURVEYED,
    ),
    Series(
        "participation_national",
        "value",
        "year",
        ("survey", "first_age", "last_age", "level"),
        0.16,
        0.2,
        only={"first_age": (15, 25, 35, 45, 55)},
    ),
    Series(
        "participation_national",
        "value",
        "year",
        ("survey", "first_age", "last_age", "level"),
        0.57,
        0.34,
        only={"first_age": (65,)},
    ),
    Series(
        "participation_national",
        "sd",
        "year",
        ("survey", "first_age", "last_age", "level"),
        0.05,
        0.05,
    ),
    Series("unemployment_national", "value", "year", ("survey", "level"), 0.72, 0.7),
    Series("unemployment_national", "sd", "year", ("survey", "level"), 0.05, 0.05),
    Series(
        "vacancies_by_occupation",
        "vacancies",
        "time",
        ("region", "occupation_group"),
        1.56,
        3.85,
        root=CHANCE,
    ),
    Series("students_by_field", "students", "year", ("field", "measure"), 0.19, 0.75),
    Series("education_cohort_shape", "value", "cohort", ("logit",), 0.27, 0.05),
    Series("education_cohort_shape", "sd", "cohort", ("logit",), 0.22, 0.38),
    Series("education_completion", "value", "age", ("logit",), 1.14, 24.12),
    Series("education_completion", "sd", "age", ("logit",), 0.05, 0.05),
)

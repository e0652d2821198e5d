"""Names that are public API: dims, code lists, units, columns of the summary.

Sign: gap = demand - supply, in persons; positive means shortage.
"""

SCHEMA_VERSION = "1"
SAMPLE_DIMS = ("chain", "draw")

LEVELS = ("primary", "upper_secondary", "higher_vocational", "bachelor", "master")
UPPER_SECONDARY_FIELDS = (
    "general",
    "health_care",
    "construction",
    "electrical_mechanical",
    "other",
)
TERTIARY_FIELDS = (
    "teaching",
    "health_care",
    "social_humanities",
    "business_admin",
    "science_engineering",
    "ict",
    "other",
)
EDUCATION = (
    "primary",
    *(f"upper_secondary:{field}" for field in UPPER_SECONDARY_FIELDS),
    "higher_vocational",
    *(f"{level}:{field}" for level in ("bachelor", "master") for field in TERTIARY_FIELDS),
)
EDUCATION_LEVEL = tuple(group.partition(":")[0] for group in EDUCATION)
EDUCATION_FIELD = tuple(group.partition(":")[2] or "all" for group in EDUCATION)

# Parts that the gap is told of where draws are split or weighted: the whole, levels, groups.
GAP_PARTS = ("all", *LEVELS, *(group for group in EDUCATION if group not in LEVELS))

# Blocks of the model, slowest to fit first, so that two processes end at about the same time.
BLOCKS = (
    "population",
    "education",
    "sectors",
    "skill_mix",
    "participation",
    "commuting",
    "imbalance",
)

SECTORS = {
    "01-03": "agriculture, forestry and fishing",
    "05-09": "mining and quarrying",
    "10-33": "manufacturing",
    "35-39": "electricity, water and waste",
    "41-43": "construction",
    "45-47": "retail and wholesale",
    "49-53": "transport and storage",
    "55-56": "accommodation and food",
    "58-63": "information and communication",
    "64-66": "finance and insurance",
    "68-75": "professional and real estate services",
    "77-82": "business services",
    "84": "public administration",
    "85": "education",
    "86-88": "health and care",
    "90-99": "personal and cultural services",
}
OVERLAYS = {"health_industry": "health industry"}  # sectors that exist in some scenarios only

AGE_MAX = 89  # open group 89+
AGES = tuple(range(AGE_MAX + 1))
WORKING_AGES = tuple(range(15, 75))  # the labour force statistics cover 15-74

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
SUMMARY_COLUMNS = (
    "run_id",
    "study",
    "scenario",
    "region",
    "year",
    "quantity",
    "education",
    "level",
    "field",
    "sector",
    "unit",
    "output_type",
    "output_type_id",
    "value",
)
EDUCATION_QUANTITIES = ("supply", "demand", "gap", "labour_force")
PUBLISHED = (*EDUCATION_QUANTITIES, "employment", "population")
SHORTAGE = "gap>0"  # output_type_id of a probability
UNITS = {
    "supply": "person",
    "demand": "person",
    "gap": "person",
    "population": "person",
    "labour_force": "person",
    "employment": "person",
}


def education_index() -> dict[str, tuple[str, list[str]]]:
    """Coordinates of the `education` dim: group, level and field."""
    return {
        "education": ("education", list(EDUCATION)),
        "level": ("education", list(EDUCATION_LEVEL)),
        "field": ("education", list(EDUCATION_FIELD)),
    }

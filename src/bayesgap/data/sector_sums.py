"""Groups in which the nation's surveys and registers count sectors, levels and fields."""

SECTOR_SUMS: dict[str, tuple[str, ...]] = {
    "01-09": ("01-03", "05-09"),
    "10-33": ("10-33",),
    "35-43": ("35-39", "41-43"),
    "45-56": ("45-47", "55-56"),
    "49-53": ("49-53",),
    "58-63": ("58-63",),
    "64-66": ("64-66",),
    "68-75": ("68-75",),
    "77-82": ("77-82",),
    "84": ("84",),
    "85": ("85",),
    "86-88": ("86-88",),
    "90-99": ("90-99",),
}
LEVEL_SUMS: dict[str, tuple[str, ...]] = {
    "primary": ("primary",),
    "upper_secondary": ("upper_secondary",),
    "tertiary": ("higher_vocational", "bachelor", "master"),
}
SURVEY_FIELDS = (
    "general",
    "teaching",
    "humanities_languages_arts",
    "social_business_law",
    "science_maths_computing",
    "engineering_manufacturing_construction",
    "agriculture_veterinary",
    "health_welfare",
    "services",
    "building_trades",
    "electrical_trades",
)

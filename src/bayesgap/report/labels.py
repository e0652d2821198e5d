"""How figures and names are written for people, in tables and figures alike."""

from bayesgap import schema

ALL = "all"
NO_FIELD = "none"
LEVEL_LABELS = {
    "primary": "primary school",
    "upper_secondary": "upper secondary",
    "higher_vocational": "higher vocational",
    "bachelor": "bachelor",
    "master": "master",
}
FIELD_LABELS = {
    NO_FIELD: "without a field",
    "general": "general",
    "health_care": "health and care",
    "construction": "construction",
    "electrical_mechanical": "electrical, mechanical",
    "other": "other",
    "teaching": "teaching",
    "social_humanities": "social, humanities",
    "business_admin": "business, administration",
    "science_engineering": "science, engineering",
    "ict": "ICT",
}


def part_label(part: str) -> str:
    """Plain name of a level, field, education group or sector."""
    if part in schema.SECTORS:
        return f"{part} {schema.SECTORS[part]}"
    if part in schema.OVERLAYS:
        return schema.OVERLAYS[part]
    level, _, field = part.partition(":")
    if field:
        return f"{LEVEL_LABELS[level]}: {FIELD_LABELS[field]}"
    return LEVEL_LABELS.get(part) or FIELD_LABELS.get(part) or part


def person(number: int, signed: bool) -> str:
    """Thousands apart by a space, a true minus, and a plus where the sign matters."""
    text = f"{abs(number):,}".replace(",", " ")
    if number < 0:
        return f"−{text}"
    return f"+{text}" if signed and number > 0 else text


def chance(probability: float) -> str:
    """Percent, without claiming certainty."""
    if probability > 0.99:
        return "> 99 %"
    if probability < 0.01:
        return "< 1 %"
    return f"{100 * probability:.0f} %"

"""How figures and names are written for people, in tables and figures alike."""

from bayesgap import schema
from bayesgap.present.odds import Language
from bayesgap.present.parts import NO_FIELD

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
LEVEL_LABELS_NB = {
    "primary": "grunnskole",
    "upper_secondary": "videregående",
    "higher_vocational": "fagskole",
    "bachelor": "bachelor",
    "master": "master",
}
FIELD_LABELS_NB = {
    NO_FIELD: "uten fagfelt",
    "general": "allmennfag",
    "health_care": "helse og omsorg",
    "construction": "bygg og anlegg",
    "electrical_mechanical": "elektro og mekanikk",
    "other": "annet",
    "teaching": "undervisning",
    "social_humanities": "samfunnsfag og humaniora",
    "business_admin": "økonomi og administrasjon",
    "science_engineering": "naturvitenskap og teknologi",
    "ict": "IKT",
}


def part_label(part: str) -> str:
    """Plain name of a level, field, education group or sector."""
    if part in schema.SECTORS:
        return f"{part} {schema.SECTORS[part]}"
    if part in schema.OVERLAYS:
        return schema.OVERLAYS[part]
    return education_label(part, "en")


def education_label(part: str, language: Language) -> str:
    """Plain name of a level, field or education group in Norwegian bokmål or English."""
    norwegian = language == "nb"
    levels = LEVEL_LABELS_NB if norwegian else LEVEL_LABELS
    fields = FIELD_LABELS_NB if norwegian else FIELD_LABELS
    level, _, field = part.partition(":")
    if field:
        return f"{levels[level]}: {fields[field]}"
    return levels.get(part) or fields.get(part) or part


def person(number: int, signed: bool) -> str:
    """Thousands apart by a space, a true minus, and a plus where the sign matters."""
    text = f"{abs(number):,}".replace(",", " ")
    if number < 0:
        return f"−{text}"
    return f"+{text}" if signed and number > 0 else text

"""Everyday words of occupations and educations, and the education group that they belong to.

Usage: python scripts/occupation_words.py FACTS_FOLDER
Writes data/reference/occupations.csv. A word is kept where at least half of those who are listed
in its occupation have one education. `share` says which part of that group's employed work in the
occupation; it is empty where our group is only a part of the register's cell.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).parents[1] / "data" / "reference" / "occupations.csv"
TABLE = "no_occupations_by_level_field_2024.csv"
OURS = {
    "upper_secondary_basic": "upper_secondary",
    "upper_secondary_complete": "upper_secondary",
    "post_secondary_nus5": "higher_vocational",
    "phd": "master",
}
LEAST = 0.5  # of the listed, in one education
FIELDS = {
    "teaching_pedagogy": "teaching",
    "business_admin": "business_admin",
    "health_social_sport": "health_care",
    "social_law": "social_humanities",
    "humanities_arts": "social_humanities",
}
WHOLE = {"teaching_pedagogy", "business_admin", "health_social_sport"}  # cells that are our groups
ICT, BUILDING = ("251", "252"), ("711", "712", "834")  # heads of occupations in technical cells
WORDS = {  # STYRK-08: English words, Norwegian words
    "2223": ("nurse;nurses;nursing", "sykepleier;sykepleiere;sykepleie"),
    "2221": ("specialist nurse;midwife", "spesialsykepleier;jordmor"),
    "2224": ("social educator;disability nurse", "vernepleier;vernepleiere"),
    "2212": ("doctor;physician;medicine", "lege;leger;medisin"),
    "2341": ("teacher;teachers;primary school teacher", "lærer;lærere;grunnskolelærer"),
    "2330": ("upper secondary teacher", "lektor;lektorer"),
    "2342": ("kindergarten teacher;preschool teacher", "barnehagelærer;førskolelærer"),
    "2635": ("social worker;social work", "sosionom;barnevernspedagog;sosialrådgiver"),
    "3412": ("milieu therapist", "miljøterapeut;miljøarbeider"),
    "2634": ("psychologist;psychology", "psykolog;psykologer;psykologi"),
    "2611": ("lawyer;lawyers;law", "advokat;jurist;jurister;jus"),
    "2411": ("auditor", "revisor;revisorer"),
    "3313": ("accountant;accounting;bookkeeper", "regnskapsfører;regnskap"),
    "2142": ("civil engineer", "sivilingeniør;byggingeniør"),
    "2511": ("systems analyst", "systemanalytiker"),
    "5321": ("health care worker;care worker", "helsefagarbeider;omsorgsarbeider"),
    "7115": ("carpenter;carpenters", "tømrer;tømrere;snekker"),
    "7126": ("plumber;plumbers", "rørlegger;rørleggere"),
    "7411": ("electrician;electricians", "elektriker;elektrikere"),
    "7231": ("car mechanic;mechanic", "bilmekaniker;mekaniker"),
    "7233": ("industrial mechanic", "industrimekaniker"),
    "8342": ("excavator operator", "anleggsmaskinfører;maskinfører"),
}  # fmt: skip


def group_of(level: str, field: str, code: str) -> str | None:
    """Our education group of a cell of the register, where the occupation decides it."""
    if level == "primary":
        return level
    level = OURS.get(level, level)
    if field == "science_crafts_technical":
        vocational = level == "upper_secondary"
        field = "ict" if code.startswith(ICT) else "science_engineering"
        if vocational:
            field = "construction" if code.startswith(BUILDING) else "electrical_mechanical"
        return f"{level}:{field}"
    if level == "higher_vocational":
        return level
    return f"{level}:{FIELDS[field]}" if field in FIELDS else None


def rows_of(folder: Path) -> list[dict[str, object]]:
    """One row an occupation whose listed workers have mostly one education."""
    listed: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "education" / TABLE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed[row["styrk08"]].append(row)
    return [row for code in WORDS if (row := _row(code, listed[code]))]


def _row(code: str, cells: list[dict[str, str]]) -> dict[str, object] | None:
    total = sum(int(cell["implied_employed"]) for cell in cells)
    largest = max(cells, key=lambda cell: int(cell["implied_employed"]), default=None)
    if largest is None or int(largest["implied_employed"]) < LEAST * total:
        return None
    group = group_of(largest["level"], largest["field"], code)
    if group is None:
        return None
    english, norwegian = WORDS[code]
    whole = largest["field"] in WHOLE and largest["level"] in ("bachelor", "master")
    return {
        "styrk08": code,
        "english": english,
        "norwegian": norwegian,
        "education": group,
        "of_listed": round(int(largest["implied_employed"]) / total, 3),
        "share": largest["share"] if whole else "",
        "employed": largest["employed"] if whole else "",
        "source": largest["source"],
    }


if __name__ == "__main__":
    found = rows_of(Path(sys.argv[1]))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)

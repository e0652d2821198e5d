"""Figures of education that every study reads, tidy in data/national, from compiled facts.

Usage: python scripts/import_education.py FACTS_FOLDER
The folder holds `education/`, the compiled tables; nothing is filled or invented here.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

OUT = Path(__file__).parents[1] / "data" / "national"
REGISTER = (
    "SSB education register and employer register, 1 November 2024, by utdanning.no; sums of "
    "github andreaskostol/AI-Norway, commit 4df51d5d"
)
LABOUR_SD, UNSURE_SD, RECENT_SD = 0.05, 0.1, 0.1
# Most who have just finished general upper secondary study on, with a job beside.
PASSING, PASSING_SD = "upper_secondary:general", 0.4
UNSURE = ("other", "ict")  # fields whose borders differ most between sources
NOT_OWN = "; wage earners only: the self-employed, about one in ten, are missing"
FIELDS = {  # NUS 2000, first digit
    "general": "general",
    "humanities_arts": "social_humanities",
    "teaching_pedagogy": "teaching",
    "social_law": "social_humanities",
    "business_admin": "business_admin",
    "science_crafts_technical": "technical",
    "health_social_sport": "health_care",
}
SPLIT = {  # upper secondary has no business, teaching and social sciences of its own
    "upper_secondary": ("general", "technical", "health_care"),
    "bachelor": ("teaching", "social_humanities", "business_admin", "technical", "health_care"),
}
TECHNICAL = {
    "upper_secondary": ("construction", "electrical_mechanical"),
    "bachelor": ("science_engineering", "ict"),
}
# Before 2014 vocational colleges were counted as upper secondary: so they are in the history.
NUS_LEVELS = dict.fromkeys((3, 4, 5), "upper_secondary") | {6: "bachelor", 7: "master", 8: "master"}
ISCED = {"ED0-2": "primary", "ED3_4": "upper_secondary", "ED5-8": "tertiary"}
BANDS = ("Y20-24", "Y25-34", "Y35-44", "Y45-54", "Y55-64")
UNBROKEN = (2014, 2020)  # levels are new in 2014, the questionnaire in 2021
ENDS = (2000, 2001, 2007, 2011)  # of unbroken series: years between repeat the same slope
TOLD = ("teaching", "social_humanities", "business_admin")  # fields that every year tells
HISTORY = {
    "upper_secondary": {"general": "general"} | dict.fromkeys(TOLD, "other"),
    "bachelor": dict(zip(TOLD, TOLD, strict=True)),
    "master": dict(zip(TOLD, TOLD, strict=True)),
}


def fields_national(folder: Path) -> pd.DataFrame:
    """Residents of 20-70, employed, and employed who finished 1-3 years ago, by our groups."""
    frame = pd.read_csv(folder / "groups21_2024_national.csv")
    frame = frame[frame["education"] != "unknown"]
    unsure = frame["education"].str.partition(":")[2].isin(UNSURE)
    return frame[["year", "education", "persons", "employed", "recent_employed"]].assign(
        sd=unsure.map({True: UNSURE_SD, False: LABOUR_SD}),
        recent_sd=frame["education"].map({PASSING: PASSING_SD}).fillna(RECENT_SD),
        source=REGISTER + NOT_OWN,
        status="observed",
    )


def level_cells(level: str) -> tuple[str, ...]:
    """Cells of a level that one digit of the field code tells apart, but `other`."""
    return SPLIT["upper_secondary" if level == "upper_secondary" else "bachelor"]


def fields_immigrants(folder: Path) -> pd.DataFrame:
    """Immigrants of 16 and over, and everybody, by level and cell."""
    frame = pd.read_csv(folder / "ssb_immigrants_level_field_2011.csv")
    frame = frame[(frame["population"] == "immigrants 16+") & (frame["sex"] == "all")]
    frame = frame[frame["level"].isin(["upper_secondary", "bachelor", "master"])]
    frame = frame[frame["field"] != "all"]
    immigrants = by_cell(frame)
    everybody = pd.concat([residents_2011(folder), tertiary_2024(folder)])
    joined = immigrants.merge(everybody, on=["level", "cell"], validate="one_to_one")
    tertiary = joined["level"] != "upper_secondary"
    reference = tertiary.map({False: "SSB utniv 2011", True: REGISTER})
    return joined.assign(
        sd=tertiary.map({False: 0.2, True: 0.3}),
        source="SSB utniv 2011, tables 08 and 09 of 2012; everybody: " + reference,
        status="observed",
    )


def by_cell(frame: pd.DataFrame) -> pd.DataFrame:
    """Persons by level and cell, from rows by level and first digit of the field."""
    own = [
        FIELDS[field] if FIELDS.get(field) in level_cells(level) else "other"
        for level, field in zip(frame["level"], frame["field"], strict=True)
    ]
    sums = frame.assign(cell=own).groupby(["level", "cell"], as_index=False)["persons"].sum()
    return sums.rename(columns={"persons": "immigrants"}).astype({"immigrants": int})


def residents_2011(folder: Path) -> pd.DataFrame:
    """Everybody with upper secondary in 2011, by cell."""
    frame = pd.read_csv(folder / "ssb_residents_level_field_age_2005_2009_2011.csv")
    frame = frame[(frame["year"] == 2011) & (frame["level"] == "upper_secondary")]
    frame = frame[(frame["age"] == "all") & (frame["field"] != "all")]
    return by_cell(frame).rename({"immigrants": "everybody"}, axis=1)


def tertiary_2024(folder: Path) -> pd.DataFrame:
    """Everybody with a degree in 2024, by cell: nothing older tells all fields."""
    frame = fields_national(folder)
    level, field = frame["education"].str.partition(":")[[0, 2]].to_numpy().T
    cell = pd.Series(field, frame.index).replace(dict.fromkeys(TECHNICAL["bachelor"], "technical"))
    frame = frame.assign(level=level, cell=cell)[pd.Series(level, frame.index).isin(HISTORY)]
    frame = frame[frame["level"] != "upper_secondary"]
    sums = frame.groupby(["level", "cell"], as_index=False)["persons"].sum()
    return sums.rename(columns={"persons": "everybody"})


def fields_history(folder: Path) -> pd.DataFrame:
    """Employed by level and field in years of two series; the last year is today's register."""
    old = pd.read_csv(folder / "ssb_employed_level_field_1998_2011.csv")
    old = old[old["year"].isin(ENDS)].rename(columns={"persons": "employed"})
    series = old["population"].str.extract(r"^(\w+ \d\d-\d\d)")[0]
    old = old.assign(
        sd=0.0, series=series, source=old["source"].str.split(" (", regex=False).str[0]
    )
    now = pd.read_csv(folder / "nus_level_field_2024_national.csv")
    now = now.assign(
        level=now["nus_level"].map(NUS_LEVELS), sd=0.04, series="employed 15-74", source=REGISTER
    )
    frame = pd.concat([old, now], ignore_index=True)
    cells = [
        HISTORY.get(level, {}).get(FIELDS.get(field, ""))
        for level, field in zip(frame["level"], frame["field"], strict=True)
    ]
    keys = ["series", "year", "level", "cell", "sd", "source"]
    sums = frame.assign(cell=cells).groupby(keys, as_index=False)["employed"].sum()
    columns = ["series", "year", "level", "cell", "employed", "sd", "source"]
    return sums[columns].astype({"employed": int}).assign(status="observed")


def attainment(folder: Path) -> pd.DataFrame:
    """Residents by age and level, labour force survey: years between two breaks."""
    frame = pd.read_csv(folder / "eurostat_attainment_age_isced_no_1996_2021.csv")
    frame = frame[(frame["sex"] == "T") & (frame["unit"] == "PC") & frame["age"].isin(BANDS)]
    frame = frame[frame["year"].between(*UNBROKEN)]
    frame = frame.assign(level=frame["isced11"].map(ISCED)).dropna(subset=["level", "value"])
    ages = frame["age"].str.extract(r"Y(\d+)-(\d+)").astype(int)
    share = (frame["value"] / 100.0).round(4)
    frame = frame.assign(first_age=ages[0], last_age=ages[1], share=share, status="observed")
    frame = frame.assign(source="Eurostat edat_lfse_03 (labour force survey, Statistics Norway)")
    keys = ["year", "first_age", "last_age", "level"]
    return frame.sort_values(keys)[[*keys, "share", "source", "status"]]


TABLES: dict[str, Callable[[Path], pd.DataFrame]] = {
    "education_fields_national": fields_national,
    "education_fields_immigrants": fields_immigrants,
    "education_fields_history": fields_history,
    "education_attainment": attainment,
}


def main(folder: Path) -> None:
    """Write every table."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name, made in TABLES.items():
        made(folder / "education").to_csv(OUT / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

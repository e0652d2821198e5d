"""Write the tables of unfilled jobs and of students: data/national/*.csv, from compiled facts.

Usage: python scripts/import_shortage.py FACTS_FOLDER [REALDATA_FOLDER]
FACTS_FOLDER holds the facts on education, REALDATA_FOLDER (default FACTS_FOLDER/../../realdata)
the register of occupations. What no source tells is fitted, by these rules; weights and errors
of the fit are judged, so that the table counts as assumed.

Occupation to education
-----------------------
O1  known[o,e]: the register's ten commonest occupations of each level and field, 1 November 2024
O2  level[o,l]: a county's register (2020) fitted to the nation's occupations (labour force survey)
    and to its levels (register 2024)
O3  the part of O2 beyond O1 goes to fields as the survey of adult skills, the known part and the
    nation do, a third each; all is fitted to the employed of each of the 21 groups (hard margin)
    and to O2 (soft)
O4  groups that the register's one-digit fields hide (construction, electrical and mechanical, ICT)
    are OWN times likelier in an occupation of their own trade, before the fit
O5  count[o]: the counted jobs whose sampling error equals the spread of `REPEATS` fits with every
    input shaken by its error
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.data.ipf import Margin, ipf
from bayesgap.schema import EDUCATION, EDUCATION_LEVEL

OUT = Path(__file__).parents[1] / "data" / "national"
OWN = 10.0
REPEATS = 200
SHAKE = {"field": 0.4, "level": 0.1, "own": 0.5}  # sds in logs
SEED = 20241101
SMALL = 0.001  # shares below are left out
LIST = "no_occupations_by_level_field_2024"
# head of the occupation code: row of the county's register
OCCUPATIONS = {
    "1": "100", "21": "210", "22": "226", "221": "221", "222": "222", "23": "233", "231": "231",
    "2341": "234", "2342": "234", "24": "240", "25": "250", "26": "260", "31": "310", "32": "320",
    "33": "330", "34": "340", "35": "350", "4": "400", "51": "510", "512": "510", "513": "510",
    "52": "510", "531": "531", "532": "532", "54": "510", "6": "600", "711": "711", "712": "712",
    "713": "713", "72": "720", "73": "730", "741": "741", "742": "742", "75": "730", "81": "810",
    "82": "820", "83": "830", "9": "900",
}  # fmt: skip
SAME_ROW = {"225": "226", "232": "233", "235": "233"}  # of the register, joined
BROAD = {"Grunnskole og uoppgitt utdanning": 0, "Videregående skole": 1}  # else 2
BROAD_LEVEL = {"primary": 0, "upper_secondary": 1, "higher_vocational": 1}
NUS_LEVEL = {
    "upper_secondary_basic": "upper_secondary", "upper_secondary_complete": "upper_secondary",
    "post_secondary_nus5": "higher_vocational", "phd": "master",
}  # fmt: skip
NUS_FIELDS = {  # groups of a one-digit field within upper secondary, and within bachelor and master
    "general": (("general",), ("other",)),
    "humanities_arts": (("other",), ("social_humanities",)),
    "teaching_pedagogy": (("other",), ("teaching",)),
    "social_law": (("other",), ("social_humanities",)),
    "business_admin": (("other",), ("business_admin",)),
    "science_crafts_technical": (
        ("construction", "electrical_mechanical", "other"),
        ("science_engineering", "ict"),
    ),
    "health_social_sport": (("health_care", "other"), ("health_care", "other")),
}
NUS_REST = (("other",), ("other",))
SKILLS_LEVEL = {
    "post_secondary_isced4": "upper_secondary", "higher_vocational_isced5b": "higher_vocational"
}  # fmt: skip
SKILLS_FIELDS = {
    "engineering_manufacturing_construction": (
        ("construction", "electrical_mechanical", "other"),
        ("science_engineering",),
    ),
    "science_maths_computing": (("other",), ("science_engineering", "ict")),
    "health_welfare": (("health_care",), ("health_care",)),
    "teaching": (("other",), ("teaching",)),
    "social_business_law": (("other",), ("social_humanities", "business_admin")),
    "humanities_languages_arts": (("other",), ("social_humanities",)),
    "general": (("general",), ("other",)),
}
TRADE = {
    "upper_secondary:construction": ("71",),
    "upper_secondary:electrical_mechanical": ("72", "74", "31", "81"),
    "upper_secondary:other": ("51", "73", "75"),  # food and crafts, of the same one-digit field
    "bachelor:ict": ("25", "35"),
    "master:ict": ("25", "35"),
}
STUDENT_FIELDS = {
    "humanities_arts": "social_humanities", "social_law": "social_humanities",
    "teaching_pedagogy": "teaching", "business_admin": "business_admin",
    "science_crafts_technical": "science_engineering", "health_social_sport": "health_care",
}  # fmt: skip
SPLIT = {"engineering_manufacturing_construction": "science_crafts_technical"}


def head_of(code: str) -> str | None:
    """The longest head in `OCCUPATIONS` of an occupation's code; None for the armed forces."""
    return next((code[:n] for n in (4, 3, 2, 1) if code[:n] in OCCUPATIONS), None)


def groups_of(level: str, field: str, fields: dict) -> list[int]:
    """Places in `EDUCATION` of the groups that a level and a field of a source hold."""
    level = {**NUS_LEVEL, **SKILLS_LEVEL}.get(level, level)
    if level in ("primary", "higher_vocational"):
        return [EDUCATION.index(level)]
    names = fields.get(field, NUS_REST)[level != "upper_secondary"]
    return [EDUCATION.index(f"{level}:{name}") for name in names]


def own_trade(own: float) -> np.ndarray:
    """Weight (occupation, education) of a group in an occupation of its own trade (O4)."""
    return np.array(
        [[own if o.startswith(TRADE.get(e, ("-",))) else 1.0 for e in EDUCATION]
         for o in OCCUPATIONS]
    )  # fmt: skip


def within_fields(folder: Path, employed: np.ndarray) -> dict[str, np.ndarray]:
    """Employed (education) of each one-digit field; `all` of every field together."""
    frame = pd.read_csv(folder / "nus3_groups_2024_national.csv")
    by = frame.groupby(["field_1digit", "group21"])["employed"].sum().unstack(fill_value=0)
    table = by.reindex(columns=list(EDUCATION), fill_value=0).astype(float)
    return {"all": employed, **{str(field): row.to_numpy() for field, row in table.iterrows()}}


def spread_out(
    rows: list[tuple[int, str, list[int], float]], fields: dict[str, np.ndarray]
) -> np.ndarray:
    """Persons (occupation, education) of rows (occupation, field, groups, persons)."""
    own = own_trade(OWN)
    out = np.zeros(own.shape)
    for place, field, groups, persons in rows:
        size = fields.get(field, fields["all"])
        parts = own[place, groups] * (size if size[groups].sum() else fields["all"])[groups]
        out[place, groups] += persons * parts / parts.sum()
    return out


def listed(folder: Path) -> list[tuple[int, str, list[int], float]]:
    """Employed by occupation, level and field as far as the register's lists go (O1)."""
    frame = pd.read_csv(folder / f"{LIST}.csv", dtype={"styrk08": str})
    frame = frame[frame["level"] != "unknown"].assign(head=frame["styrk08"].map(head_of))
    frame = frame.dropna(subset="head")
    by = frame.groupby(["head", "level", "field"])["implied_employed"].sum()
    order = list(OCCUPATIONS)
    return [
        (order.index(o), f, groups_of(lev, f, NUS_FIELDS), float(n))
        for (o, lev, f), n in by.items()
    ]


def skills(folder: Path) -> list[tuple[int, str, list[int], float]]:
    """Shares of level and field within occupations of two digits, survey of adult skills."""
    frame = pd.read_csv(folder / "piaac_no_occupation_level_field_2012.csv", dtype={"isco08": str})
    frame = frame[frame["by"] == "level_field"].set_index("isco08")
    out = []
    for place, head in enumerate(OCCUPATIONS):
        found = next((head[:n] for n in (2, 1) if head[:n] in frame.index), None)
        for category, share in frame.loc[[found], ["category", "share"]].to_numpy():
            level, _, field = category.partition(":")
            groups = groups_of(level, field, SKILLS_FIELDS)
            out.append((place, SPLIT.get(field, "all"), groups, float(share)))
    return out


def employed_by_group(folder: Path) -> np.ndarray:
    """Employed (education) of the nation, November 2024."""
    frame = pd.read_csv(folder / "groups21_2024_national.csv").set_index("education")
    return frame.loc[list(EDUCATION), "employed"].to_numpy(dtype=float)


def levels(folder: Path, realdata: Path, known: np.ndarray, employed: np.ndarray) -> np.ndarray:
    """Employed (occupation, level of three) of the nation (O2)."""
    register = pd.read_parquet(
        realdata / "occupation_education_age_vestfold_telemark_2015_2020.parquet"
    ).query("year == 2020")
    code = register["occupation"].str[:3].replace(SAME_ROW)
    broad = register["education"].map(BROAD).fillna(2).astype(int)
    county = register["employed"].groupby([code, broad]).sum().unstack().astype(float)
    rows = list(OCCUPATIONS.values())
    weight = known.sum(1) + 1.0  # of occupations that the county's register joins
    joined = np.array([weight[[r == row for r in rows]].sum() for row in rows])
    seed = county.loc[rows].to_numpy() * (weight / joined)[:, None] + 1.0
    survey = pd.read_csv(folder / "eurostat_employed_isco1_isced_no_1996_2023.csv")
    survey = survey.query("age == 'Y_GE15' and sex == 'T' and isced11 == 'TOTAL' and year == 2023")
    jobs = survey.set_index("isco08")["value"]
    digits = [o[0] for o in OCCUPATIONS]
    first = np.array([float(jobs[f"OC{d}"]) for d in digits])
    tally = pd.Series(seed.sum(1)).groupby(digits).transform("sum").to_numpy()
    by_row = seed.sum(1) / tally * first
    broad_level = np.array([BROAD_LEVEL.get(lev, 2) for lev in EDUCATION_LEVEL])
    by_level = np.bincount(broad_level, weights=employed)
    by_row *= by_level.sum() / by_row.sum()
    return ipf(seed, [Margin((-2,), by_row), Margin((-1,), by_level)])


def within(persons: np.ndarray, broad: np.ndarray) -> np.ndarray:
    """Shares (occupation, education) within each of the three levels; 0 where none are known."""
    total = np.stack([persons[:, broad == k].sum(1) for k in range(3)], axis=1)[:, broad]
    return np.divide(persons, total, out=np.zeros_like(persons), where=total > 0)


def fitted(
    known: np.ndarray, level: np.ndarray, sample: np.ndarray, employed: np.ndarray, noise: float,
    rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Employed (occupation, education) (O3); `noise` 1 shakes every input by its error, 0 none."""
    shake = {name: noise * sd for name, sd in SHAKE.items()}
    own = own_trade(OWN * np.exp(shake["own"] * rng.standard_normal()))
    broad = np.array([BROAD_LEVEL.get(lev, 2) for lev in EDUCATION_LEVEL])
    level = level * np.exp(shake["level"] * rng.standard_normal(level.shape))
    have = np.stack([known[:, broad == k].sum(1) for k in range(3)], axis=1)
    rest = np.maximum(level - have, 0.02 * level)
    nation = within(employed * own, broad)
    parts = np.stack([nation, *(within(x, broad) for x in (sample, known))])
    held = parts.sum(-1, keepdims=True) > 0
    profile = (parts * held).sum(0) / 3.0 + 0.02 * nation
    profile = within(profile * np.exp(shake["field"] * rng.standard_normal(profile.shape)), broad)
    seed = known + rest[:, broad] * profile
    three = np.maximum(level, have)
    seed3 = np.stack([seed[:, broad == k].sum(1) for k in range(3)], axis=1)
    for _ in range(3):  # soft towards the levels of each occupation, then exact in each group
        seed = seed * ((three / seed3) ** 0.5)[:, broad]
        seed = seed * (employed / seed.sum(0))
        seed3 = np.stack([seed[:, broad == k].sum(1) for k in range(3)], axis=1)
    return seed


def shares(persons: np.ndarray) -> np.ndarray:
    """Shares (occupation, education) within each occupation."""
    return persons / persons.sum(1, keepdims=True)


def occupation_education(folder: Path, realdata: Path) -> pd.DataFrame:
    """Education of those who work in an occupation, with the count that its spread is worth."""
    rng = np.random.default_rng(SEED)
    employed = employed_by_group(folder)
    fields = within_fields(folder, employed)
    known, sample = spread_out(listed(folder), fields), spread_out(skills(folder), fields)
    level = levels(folder, realdata, known, employed)
    table = fitted(known, level, sample, employed, 0.0, rng)
    repeats = np.stack(
        [shares(fitted(known, level, sample, employed, 1.0, rng)) for _ in range(REPEATS)]
    )
    mean = shares(table)
    count = (mean * (1 - mean)).sum(1) / repeats.var(0).sum(1) - 1.0
    rows = []
    for place, head in enumerate(OCCUPATIONS):
        kept = np.where(mean[place] >= SMALL, mean[place], 0.0)
        for group, value in zip(EDUCATION, kept / kept.sum(), strict=True):
            if value:
                rows.append((head, group, round(value, 5), round(count[place])))
    frame = pd.DataFrame(rows, columns=["prefix", "education", "value", "count"])
    frame["persons"] = [round(table[list(OCCUPATIONS).index(p)].sum()) for p in frame["prefix"]]
    source = (
        "SSB education register and a-ordningen, 1 Nov 2024 (utdanning.no, ten commonest "
        "occupations of a level and field), fitted to levels of SSB's register (Vestfold and "
        "Telemark 2020), Eurostat lfsa_egised 2023 and PIAAC 2012; weights and errors of the fit "
        "are judged"
    )
    return frame.assign(source=source, status="assumed")


def vacancies(folder: Path) -> pd.DataFrame:
    """Advertised vacancies by Nav's occupation groups, monthly, the county and the nation."""
    frame = pd.read_csv(folder / "nav_seekers_vacancies_by_occupation_2025_2026.csv")
    names = {"Buskerud": "buskerud", "Landet": "norge"}  # as the employer survey names them
    frame = frame[frame["region"].isin(list(names))].dropna(subset="vacancies_advertised")
    date = frame["date"].str.split("-")
    return pd.DataFrame(
        {
            "region": frame["region"].map(names),
            "year": date.str[0],
            "month": date.str[1].astype(int),
            "occupation_group": frame["occupation_group"],
            "vacancies": frame["vacancies_advertised"].astype(int),
            "source": "Nav, job seekers and vacancies by occupation; github evensrii/Telemark "
            "commit 2f2c2110d",
            "status": "observed",
        }
    ).sort_values(["region", "year", "month", "occupation_group"])


def students(folder: Path) -> pd.DataFrame:
    """Students of the nation by field, and those who were offered a place."""
    frame = pd.read_csv(folder / "ssb_students_graduates_by_field.csv", dtype=str)
    frame = frame[frame["measure"] == "students in tertiary education"]
    frame = frame.rename(columns={"year_or_period": "year"}).assign(measure="students")
    offers = pd.read_csv(folder / "samordna_opptak_by_field.csv", dtype=str)
    offers = offers[offers["region"] == "Norway"].assign(measure="offers")
    both = pd.concat([frame, offers])
    both = both[both["field"] != "all"]
    field = both["field"].map(STUDENT_FIELDS).fillna("other")
    both = both[(both["measure"] == "students") | (field != "other")]  # offers lack most of it
    source = np.where(
        both["measure"] == "students",
        "SSB Statistical Yearbook, table 170",
        "Samordna opptak 2021, via github evensrii/Telemark",
    )
    by = [both["year"], field.rename("field"), both["measure"]]
    sums = both["persons"].astype(int).groupby([*by, pd.Series(source, both.index, name="source")])
    return (
        sums.sum()
        .rename("students")
        .reset_index()
        .assign(status="observed")[["year", "field", "measure", "students", "source", "status"]]
    )


def main(folder: Path, realdata: Path) -> None:
    """Write every table."""
    OUT.mkdir(exist_ok=True)
    tables = {
        "occupation_education": occupation_education(folder, realdata),
        "vacancies_by_occupation": vacancies(folder),
        "students_by_field": students(folder),
    }
    for name, frame in tables.items():
        frame.to_csv(OUT / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    given = Path(sys.argv[1])
    main(given, Path(sys.argv[2]) if len(sys.argv) > 2 else given.parents[1] / "realdata")

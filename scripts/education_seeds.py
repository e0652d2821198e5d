"""Priors of cohorts, completion and immigrants, made from the figures that come nearest.

Usage: python scripts/education_seeds.py FACTS_FOLDER
Writes data/seeds/education_{cohort_shape,completion,immigrant_splits}.csv. No table tells cohorts
of the register; each row names the figure that it rests on, and why its spread is wider than that
figure's error. What the models learn comes from stocks and surveys that they observe.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit

SEEDS = Path(__file__).parents[1] / "data" / "seeds"
KNOTS = tuple(range(1920, 2021, 10))
BANDS = {"Y25-34": 29.5, "Y35-44": 39.5, "Y45-54": 49.5, "Y55-64": 59.5}
SURVEY_YEARS = (2010, 2020)
OLD = {"60-66": 63.0, "67+": 76.0}  # middle ages in the register
UNFINISHED = 0.9  # of those who end with a degree, by 29: between PIAAC's 0.87 at 28 and 0.96
PIAAC = {  # middle ages of bands of the survey of 2011-12
    "31-33": 32, "34-36": 35, "37-39": 38, "40-44": 42, "45-49": 47, "50-54": 52, "55-59": 57,
    "60-65": 62.5,
}  # fmt: skip
PLATEAU = ("31-33", "34-36", "37-39")
AGES: dict[str, tuple[str, ...]] = {
    "upper_secondary": ("18", "19", "20", "21", "22", "23", "25", "28"),
    "tertiary": ("21", "22", "23", "24", "25", "26", "28"),
    "academic": ("21", "22", "23", "24", "25", "28", "31-33", "34-36", "37-39", "40-44"),
    "long": ("24", "25", "26", "28"),
}
ENDS = {"academic": ("45-49", "50-54", "55-59", "60-65")}  # ages that have finished, else PLATEAU
LAST = 0.9999  # everybody who will has finished


def surveyed(folder: Path) -> pd.DataFrame:
    """Cohorts' log-odds of upper secondary, and of a degree given that, by mean year of birth."""
    frame = pd.read_csv(folder / "eurostat_attainment_age_isced_no_1996_2021.csv")
    frame = frame[(frame["sex"] == "T") & (frame["unit"] == "PC") & frame["age"].isin(BANDS)]
    wide = frame.pivot_table(index=["age", "year"], columns="isced11", values="value") / 100.0
    rows = []
    for (age, year), own in wide.iterrows():
        if year in SURVEY_YEARS:
            finished, degree = own["ED3-8"], own["ED5-8"] / own["ED3-8"]
            if age == "Y25-34":
                degree /= UNFINISHED
            rows.append((year - BANDS[age], logit(finished), logit(degree)))
    rows += registered(folder)
    return pd.DataFrame(rows, columns=["born", "upper_secondary", "tertiary"]).sort_values("born")


def registered(folder: Path) -> list[tuple[float, float, float]]:
    """The same of the old in two registers; the unknown, 2-3 per cent, count as degrees."""
    frame = pd.read_csv(folder / "ssb_residents_level_field_age_2005_2009_2011.csv")
    frame = frame[frame["age"].isin(OLD) & (frame["field"] == "all") & (frame["year"] < 2011)]
    rows = []
    for (year, age), own in frame.groupby(["year", "age"]):
        persons = own.set_index("level")["persons"]
        finished = persons["all"] - persons["primary"]
        lower = persons["upper_secondary_basic"] + persons["upper_secondary_final"]
        born = year - OLD[str(age)]
        rows.append((born, logit(finished / persons["all"]), logit(1.0 - lower / finished)))
    return rows


def long_degrees(folder: Path) -> pd.DataFrame:
    """Cohorts' log-odds of a long degree among graduates: PIAAC's ages at the register's level."""
    frame = pd.read_csv(folder / "piaac_no_attainment_by_age_2012.csv")
    wide = frame.pivot_table(index="age", columns="what", values="share").loc[list(PIAAC)]
    ratio = (wide["master_or_more"] / wide["bachelor_or_more"]).map(logit)
    register = pd.read_csv(folder.parent / "education_residents_16plus.csv")
    now = register[(register["region"] == "Norway") & (register["year"] == 2012)]
    counts = now.set_index("level")["persons"]
    level = logit(counts["master"] / (counts["master"] + counts["bachelor"]))
    born = [2011.5 - middle for middle in PIAAC.values()]
    shifted = ratio.to_numpy() + level - ratio.mean()
    return pd.DataFrame({"born": born, "long": shifted}).sort_values("born")


def entering_long(folder: Path) -> float:
    """Part of long degrees among employed who finished 1-3 years ago (2024)."""
    frame = pd.read_csv(folder / "groups21_2024_national.csv")
    level = frame["education"].str.partition(":")[0]
    sums = frame.groupby(level)["recent_employed"].sum()
    return float(sums["master"] / (sums["master"] + sums["bachelor"]))


def academic(folder: Path) -> float:
    """Part of bachelor and master among all tertiary, residents of 16 and over, 2016-2024."""
    frame = pd.read_csv(folder.parent / "education_residents_16plus.csv")
    frame = frame[(frame["region"] == "Norway") & (frame["year"] >= 2016)]
    sums = frame.groupby("level")["persons"].sum()
    both = sums["bachelor"] + sums["master"]
    return float(both / (both + sums["higher_vocational"]))


def cohort_shape(folder: Path) -> pd.DataFrame:
    """Rows (logit, cohort) with share, spread in log-odds and the figure behind."""
    seen, rows = surveyed(folder), []
    first, last = seen["born"].min(), seen["born"].max()
    name = "SSB utniv, ages over 60 in 2005 and 2009; Eurostat edat_lfse_03, 25-64 in 2010 and 2020"
    for choice in ("upper_secondary", "tertiary"):
        for knot in KNOTS:
            value = expit(float(np.interp(knot, seen["born"], seen[choice])))
            away = max(first - knot, knot - last, 0.0) / 10.0
            sd = round(0.2 + 0.07 * min(away, 2.0), 2)
            near = "" if not away else f"; the nearest cohort seen is of {first:.0f} or {last:.0f}"
            why = f"assumed: {name}{near}; register and survey differ by up to 0.2 in log-odds"
            rows.append((choice, knot, value, sd, why))
    part = academic(folder)
    why = (
        "assumed: SSB 09429, bachelor and master among all tertiary of 16 and over 2016-2024; no "
        "figure tells cohorts, so 0.4 in log-odds, ten times what the share moved in eight years"
    )
    rows += [("academic", knot, part, 0.4, why) for knot in KNOTS]
    old, new = long_degrees(folder), entering_long(folder)
    for knot in KNOTS:
        late = knot >= 1990
        value = new if late else expit(float(np.interp(knot, old["born"], old["long"])))
        why = (
            "assumed: long degrees among employed who finished 1-3 years ago, register of 2024; "
            "some with a bachelor's degree study on, hence 0.4 in log-odds"
            if late
            else "assumed: PIAAC 2011-12 by age, moved to the register's level of 2012 (SSB "
            "09429); its share of masters is half as large again, hence 0.3 in log-odds"
        )
        rows.append(("long", knot, value, 0.4 if late else 0.3, why))
    frame = pd.DataFrame(rows, columns=["logit", "cohort", "value", "sd", "source"])
    return frame.round({"value": 4}).assign(status="assumed")


def piaac_completed(folder: Path) -> pd.DataFrame:
    """Shares of those who ever finish a step that have done so, by single age, with their error."""
    frame = pd.read_csv(folder / "piaac_no_attainment_by_age_2012.csv")
    share, error = (
        frame.pivot_table(index="age", columns="what", values=v) for v in ("share", "se")
    )
    long = share["master_or_more"] / share["bachelor_or_more"]
    college = share["post_secondary_or_tertiary"] - share["bachelor_or_more"]
    steps = {
        "upper_secondary": (share["upper_secondary_or_more"], error["upper_secondary_or_more"]),
        "tertiary": (share["bachelor_or_more"], error["bachelor_or_more"]),
        "academic": (college, error["post_secondary_or_tertiary"]),
        "long": (long, error["master_or_more"] / share["bachelor_or_more"]),
    }
    rows = []
    for name, (value, sd) in steps.items():
        whole = value.loc[list(ENDS.get(name, PLATEAU))].mean()
        for age in AGES[name]:
            at = PIAAC.get(age) or int(age)
            rows.append((name, at, value[age] / whole, sd[age] / whole))
    return pd.DataFrame(rows, columns=["logit", "age", "share", "se"])


def rising(share: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Nearest rising curve by weighted least squares (pooling of neighbours that fall)."""
    blocks: list[list[float]] = []
    for value, sd in zip(share, error, strict=True):
        blocks.append([value, 1.0 / max(sd, 0.01) ** 2, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            v, w, n = blocks.pop()
            before = blocks[-1]
            before[0] = (before[0] * before[1] + v * w) / (before[1] + w)
            before[1], before[2] = before[1] + w, before[2] + n
    return np.concatenate([np.full(int(n), v) for v, _, n in blocks])


LATE = {  # what is left after the last age that PIAAC tells, by cohorts followed in the survey
    "upper_secondary": ((32, 0.985), (40, LAST)),
    "tertiary": ((32, 0.96), (36, 0.985), (45, LAST)),
    "long": ((32, 0.92), (36, 0.97), (45, LAST)),
    "academic": ((47, LAST),),
}
EARLY = {"tertiary": ((19, 0.004), (20, 0.02)), "academic": ((19, 0.02),), "long": ((22, 0.02),)}
WHY = {
    "late": "assumed: between PIAAC's last age and everybody, nothing tells; nearest: of those "
    "born 1980-84, 52.1 per cent had a degree at 30-34 and 53.0 at 35-44 (Eurostat edat_lfse_03)",
    "early": "assumed: PIAAC 2011-12 met nobody who had done so at this age (about 90 persons), so "
    "one or two in a hundred at most",
    "academic": "; it counts all post-secondary courses, ten times the register, so its spread is "
    "twice as wide",
}


def spread(name: str) -> float:
    """Spread of a curve on the complementary log-log scale: two of them are a year of age."""
    return 0.5 if name == "academic" else 0.25


def completion(folder: Path) -> pd.DataFrame:
    """Rows (logit, age) with the part that has finished, spread and the figure behind."""
    seen, rows = piaac_completed(folder), []
    for name in ("upper_secondary", "tertiary", "academic", "long"):
        rows += [(name, at, v, spread(name), WHY["early"]) for at, v in EARLY.get(name, ())]
        own = seen[seen["logit"] == name]
        curve = rising(own["share"].to_numpy(), own["se"].to_numpy())
        curve = np.clip(curve, 0.01, LATE[name][0][1] - 0.02)
        for age, value, error in zip(own["age"], curve, own["se"], strict=True):
            whole = "45-65" if name in ENDS else "31-39"
            why = f"assumed: PIAAC 2011-12, age {age} against ages {whole}, made rising and "
            why += f"kept under {LATE[name][0][1]} of age {LATE[name][0][0]}"
            why += f"; its error is {error:.2f}" + WHY.get(name, "")
            rows.append((name, int(age), float(value), spread(name), why))
        rows += [(name, age, value, spread(name), WHY["late"]) for age, value in LATE[name]]
    frame = pd.DataFrame(rows, columns=["logit", "age", "value", "sd", "source"])
    return frame.round({"value": 4}).assign(status="assumed")


def immigrant_splits(folder: Path) -> pd.DataFrame:
    """Rows (logit) of immigrants' log-odds against everybody's, and the figure behind."""
    frame = pd.read_csv(folder / "ssb_immigrants_level_field_2011.csv")
    frame = frame[(frame["population"] == "immigrants 16+") & (frame["sex"] == "all")]
    own = frame[frame["field"] == "all"].set_index("level")["persons"]
    register = pd.read_csv(folder.parent / "education_residents_16plus.csv")
    now = register[(register["region"] == "Norway") & (register["year"] == 2011)]
    every = now.set_index("level")["persons"]
    apart = float(np.log(own["master"] / own["bachelor"] / (every["master"] / every["bachelor"])))
    rows = [
        (
            "academic", 0.0, 0.5,
            "assumed: no figure tells immigrants' higher vocational education (until 2014 it was "
            "counted as upper secondary), so no difference, and odds up to 1.6 times either way",
        ),
        (
            "long", round(apart, 3), 0.2,
            "assumed: master's against bachelor's degrees of immigrants and of everybody in 2011 "
            "(SSB utniv table 08, SSB 09429); a fifth of immigrants had an unknown level",
        ),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["logit", "value", "sd", "source"])
    return frame.assign(status="assumed")


def main(folder: Path) -> None:
    """Write the three tables."""
    made = {
        "education_cohort_shape": cohort_shape,
        "education_completion": completion,
        "education_immigrant_splits": immigrant_splits,
    }
    for name, table in made.items():
        table(folder / "education").to_csv(SEEDS / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

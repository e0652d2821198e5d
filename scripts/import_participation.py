"""Carry participation, unemployment and study by age and level over into data/national, tidy.

Usage: python scripts/import_participation.py FACTS_FOLDER
The folder is `education` of the compiled facts (see data/README.md). Shares are copied; sampling
errors that nobody published are worked out from the scatter of the series themselves.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit

OUT = Path(__file__).parents[1] / "data" / "national"
LEVELS = {
    "1-2": "primary",  # as those over 64 are told
    "2": "primary",
    "3": "upper_secondary",
    "5": "higher_vocational",
    "6": "bachelor",
    "7": "master",
    "total": "all",
}
PIAAC_LEVELS = {
    "primary": "primary",
    "upper_secondary": "upper_secondary",
    "higher_vocational_isced5b": "higher_vocational",
    "bachelor": "bachelor",
    "master": "master",
    "all": "all",
}
# How far a figure of the labour force survey may lie from what the model means, in log-odds:
# ISCED 1 is told apart from 2022 on, ISCED 4 and 8 throughout, ISCED 5 also holds two-year college.
DEFINITION = {
    "primary": 0.1,
    "upper_secondary": 0.05,
    "higher_vocational": 0.3,
    "bachelor": 0.05,
    "master": 0.1,
    "all": 0.05,
}
YOUNG = {("15-24", "primary"), ("15-24", "higher_vocational")}  # unfinished degrees, few
LEAST = 0.03  # sampling error that no share of a survey is below
COMPARABLE = 2018  # last year in which 65+ is 65-74
WIDEST = ("16-65", "25-54")  # sums of other bands
ILO = "ILOSTAT {} (LFS, Statistics Norway), github open-numbers/ddf--ilo--ilostat c50d0605"
PIAAC = "OECD PIAAC cycle 1, Norway 2011-12, github jcpernias/RPIAAC 68a1e4e2"


def survey_participation(folder: Path) -> pd.DataFrame:
    """Yearly rows of the labour force survey by band and level."""
    frame = pd.read_csv(folder / "ilo_participation_age_isced_no_2014_2024.csv")
    frame = frame.assign(level=frame["isced11"].map(LEVELS)).dropna(subset=["level"])
    late = (frame["age"] == "65+") & (frame["year"] > COMPARABLE)
    few = [cell in YOUNG for cell in zip(frame["age"], frame["level"], strict=True)]
    frame = frame[~late & ~np.array(few)]
    frame = frame.assign(age=frame["age"].replace("65+", "65-74"), survey="lfs")
    frame["value"] = frame["participation_percent"] / 100
    frame["sd"] = yearly_error(frame)
    frame["definition_sd"] = frame["level"].map(DEFINITION)
    return frame.assign(source=ILO.format("EAP_DWAP_SEX_AGE_EDU_RT"))


def yearly_error(frame: pd.DataFrame) -> np.ndarray:
    """Sampling error of a year in log-odds, one a level, the young apart.

    A series that drifts by variance t a year and is seen with variance s differs by 2 s + k t in k
    years, net of what all series share: s from neighbouring years, t from `drift_of`.
    """
    table = frame.assign(young=frame["age"] == "15-24")
    own = (_apart(table, 1) - drift_of(frame) ** 2) / 2
    keys = pd.MultiIndex.from_frame(table[["level", "young"]])
    return np.sqrt(own.clip(lower=LEAST**2)).reindex(keys).to_numpy()


def drift_of(frame: pd.DataFrame, lags: int = 6) -> float:
    """Drift of a series of adults in a year, in log-odds: how differences grow with the years."""
    adults = frame[(frame["age"] != "15-24") & (frame["level"] != "all")].assign(young=False)
    means = [_apart(adults, k).mean() for k in range(1, lags + 1)]
    return float(np.sqrt(max(0.0, np.polyfit(range(1, lags + 1), means, 1)[0])))


def _apart(table: pd.DataFrame, years: int) -> pd.Series:
    """Mean square of differences over `years`, net of what all series share, by level and young."""
    table = table.assign(y=logit(table["value"]))
    wide = table.pivot_table(index="year", columns=["level", "young", "age"], values="y")
    step = wide.diff(years)
    own = step.sub(step.mean(axis=1), axis=0) ** 2
    return own.mean().groupby(level=["level", "young"]).mean()


def piaac_participation(folder: Path, survey: pd.DataFrame) -> pd.DataFrame:
    """Rows of the survey of adult skills; its answers lean towards the active, by so much."""
    frame = pd.read_csv(folder / "piaac_no_participation_age_level_2012.csv")
    frame = frame[frame["what"] == "participation"].assign(level=frame["level"].map(PIAAC_LEVELS))
    lean = _lean(frame, survey)
    frame = frame[~frame["age"].isin(WIDEST) & (frame["level"] != "all")].dropna(subset=["level"])
    frame = frame.rename(columns={"share": "value"}).assign(survey="piaac", year=2012)
    frame["sd"] = frame["se"] / (frame["value"] * (1 - frame["value"]))
    return frame.assign(definition_sd=lean, source=PIAAC)


def _lean(frame: pd.DataFrame, survey: pd.DataFrame) -> float:
    """Root mean square, over levels, of PIAAC's log-odds at 25-54 less the other survey's."""
    theirs = frame[frame["age"] == "25-54"].set_index("level")["share"]
    bands = survey[survey["age"].isin(["25-34", "35-44", "45-54"]) & (survey["year"] <= 2016)]
    ours = logit(bands["value"]).groupby(bands["level"]).mean()
    return float(np.sqrt(((logit(theirs) - ours).drop("all").dropna() ** 2).mean()))


def survey_unemployment(folder: Path) -> pd.DataFrame:
    """Yearly rows by level; the error is the scatter of a level about what all levels share."""
    frame = pd.read_csv(folder / "ilo_unemployment_isced_no_2014_2024.csv")
    frame = frame[frame["age"] == "15+"].assign(level=frame["isced11"].map(LEVELS))
    frame = frame.dropna(subset=["level"]).assign(survey="lfs")
    frame["value"] = frame["unemployed_percent_of_labour_force"] / 100
    wide = frame.assign(y=logit(frame["value"])).pivot(index="year", columns="level", values="y")
    away = wide - wide.mean()
    scatter = away.sub(away.drop(columns="all").mean(axis=1), axis=0).std()
    frame["sd"] = frame["level"].map(scatter)
    frame["definition_sd"] = frame["level"].map(DEFINITION)
    return frame.assign(source=ILO.format("UNE_DEAP_SEX_AGE_EDU_RT"))


def piaac_unemployment(folder: Path) -> pd.DataFrame:
    """Unemployed of ages 16-65 in the survey of adult skills."""
    frame = pd.read_csv(folder / "piaac_no_participation_age_level_2012.csv")
    frame = frame[(frame["what"] == "unemployed_in_labour_force") & (frame["age"] == "16-65")]
    frame = frame.assign(level=frame["level"].map(PIAAC_LEVELS)).dropna(subset=["level"])
    frame = frame[frame["level"] != "all"].rename(columns={"share": "value"})
    frame["sd"] = frame["se"] / (frame["value"] * (1 - frame["value"]))
    frame["definition_sd"] = frame["level"].map(DEFINITION)
    return frame.assign(survey="piaac", year=2012, source=PIAAC)


def study(folder: Path) -> pd.DataFrame:
    """In study and outside the labour force, by age: share, its error, those who answered."""
    frame = pd.read_csv(folder / "piaac_no_participation_age_level_2012.csv")
    frame = frame[frame["what"] == "studying_outside_labour_force"]
    frame = frame[~frame["age"].isin(WIDEST)].assign(year=2012, source=PIAAC)
    return frame.rename(columns={"share": "value", "se": "sd", "n_group": "respondents"})


def write(frame: pd.DataFrame, name: str, columns: list[str]) -> None:
    """Write one table, sorted, every row observed."""
    if "first_age" in columns:
        ends = frame["age"].str.split("-", expand=True).astype(int)
        frame = frame.assign(first_age=ends[0], last_age=ends[1])
    frame = frame.assign(status="observed")[[*columns, "source", "status"]]
    numbers = frame.select_dtypes("float").columns
    frame = frame.assign(**frame[numbers].round(5))
    keys = [c for c in columns if c not in ("value", "sd", "definition_sd", "respondents")]
    OUT.mkdir(exist_ok=True)
    frame.sort_values(keys).to_csv(OUT / f"{name}.csv", index=False, lineterminator="\n")


def main(folder: Path) -> None:
    """Write the three tables."""
    survey = survey_participation(folder)
    both = pd.concat([survey, piaac_participation(folder, survey)])
    figure = ["value", "sd", "definition_sd"]
    by_age = ["survey", "year", "first_age", "last_age", "level", *figure]
    write(both, "participation_national", by_age)
    idle = pd.concat([survey_unemployment(folder), piaac_unemployment(folder)])
    write(idle, "unemployment_national", ["survey", "year", "level", *figure])
    by_age = ["year", "first_age", "last_age", "value", "sd", "respondents"]
    write(study(folder), "study_national", by_age)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

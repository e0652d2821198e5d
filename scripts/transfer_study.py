"""Make the Swedish study of the transfer test: one municipality's own tables from 2005 on.

Usage, with ../shared beside the checkout: ./dev python scripts/transfer_study.py OUT

The mapping is that of docs/howto/linkoping.toml with longer windows, and with the municipality's
own record of education. It counts the employed, not all residents: residents of 30-66 by level are
those employed at these ages over the assumed rates of employment of their level, scaled to all
residents; who has no known education is left out. How many of them are immigrants, and with which
education, is assumed as in the Norwegian regions that the study learns from, in the same year (in
2011 before that).
"""

import argparse
import json
import shutil
from pathlib import Path

import pandas as pd
from new_studies import ROOT, SHARED, command

from bayesgap.data.fetch.new_study import WITH_FLOWS

NAME, REGION, CODE = "linkoping_past", "Linköping", "0580"
OWN = SHARED / "realdata"
LEVELS = {
    "Förgymnasial": "primary",
    "Gymnasial": "upper_secondary",
    "Kort eftergymnasial": "tertiary",
    "Lång eftergymnasial": "tertiary",
    "Uppgift saknas": "unknown",
}
# Employed of 30-66: half of those of 25-34, and all of 35-64.
AGES = {"25-34 år": 0.5, "35-44 år": 1.0, "45-54 år": 1.0, "55-59 år": 1.0, "60-64 år": 1.0}
TOLD = ("primary", "upper_secondary", "tertiary")
COLUMNS = ["none", *TOLD, "unknown"]  # of the table; nobody is `none` or `unknown` here
STOCK = "linkoping_residents_by_education.csv"
FIRST, FIRST_BACKGROUND, LAST_BACKGROUND = 2005, 2011, 2019
WINDOWS = {
    "first = 2016, last = 2023": "first = 2005, last = 2023",  # moves
    "first = 2017, last = 2022": "first = 2008, last = 2023",  # status
    "first = 2016, last = 2024": "first = 2008, last = 2024",  # industries at the workplace
    'employment_status = "Norwegian regions to learn from."\n': "",
}
EDUCATION = """
[[tables.education_residents_30_66]]
file = "{file}"
title = "Residents aged 30-66 by education, from those employed"
source = "Linköping municipality / SCB, employed residents over assumed rates of employment"
values = {{ persons = "persons" }}
constants = {{ region = "Linköping", concept = "residence" }}
fixed = {{ background = ["all", "non_immigrants"] }}
columns.year = {{ variable = "year", number = true }}
columns.background = {{ variable = "background", map = "same" }}
columns.level = {{ variable = "level", map = "same" }}

[[tables.education_residents_30_66]]
file = "{file}"
title = "Immigrants aged 30-66 by education, as in Norwegian regions"
source = "mean of the Norwegian regions in that year"
status = "assumed"
assumed = "The municipality does not tell: as in the Norwegian regions in that year."
values = {{ persons = "persons" }}
constants = {{ region = "Linköping", concept = "residence" }}
fixed = {{ background = ["immigrants"] }}
columns.year = {{ variable = "year", number = true }}
columns.background = {{ variable = "background", map = "same" }}
columns.level = {{ variable = "level", map = "same" }}

[borrow]
"""


REMARKS = """
A Swedish municipality with its own tables only: residents and moves by age, people at work by home,
by workplace, by industry and by education. Norway's tables, marked assumed, stand in for Sweden's
(mortality, ages at which people move, growth of industries, mix of education within industries),
all of them cut at the origin as well; eight Norwegian regions are learned from where their tables
reach back (residents by age, education in 2011 and 2012). Three levels of education are compared,
since Sweden divides what comes after upper secondary by its length and Norway by its kind. Swedish
registers count people at work at 16-74 in November; who has no known education is in the totals
only.

How many residents have which education is not in the tables. It is taken from those of them who are
at work, over assumed rates of employment of their level, and enters the education block as a stock
of every year from 2005 to the origin. No table says how many residents work elsewhere: an assumed
85 per cent work at home, and the rest follows from the two counts of people at work.
"""


def employed(concept: str) -> pd.DataFrame:
    """Employed by year and level (index) and by age, both sexes."""
    frame = pd.read_csv(OWN / f"linkoping_employed_{concept}_education_age.csv")
    frame = frame[(frame["Kön"] == "Totalt") & frame["Utbildningsnivå"].isin(list(LEVELS))]
    frame = frame.assign(level=frame["Utbildningsnivå"].map(LEVELS)).rename(columns={"År": "year"})
    return frame.drop(columns=["Kön", "Utbildningsnivå"]).groupby(["year", "level"]).sum()


def outcomes() -> pd.DataFrame:
    """Rows of `employed_by_education`, by residence and by workplace."""
    parts = [
        employed(concept)["Samtliga"].rename("employed").reset_index().assign(concept=concept)
        for concept in ("residence", "workplace")
    ]
    return pd.concat(parts).assign(region=REGION, source="Linköping municipality / SCB")


def rates() -> pd.Series:
    """Norwegian rate of employment by level at 25-64, labour force survey."""
    survey, idle = (
        pd.read_csv(ROOT / "data" / "national" / f"{name}_national.csv").query("survey == 'lfs'")
        for name in ("participation", "unemployment")
    )
    profile = survey[survey["first_age"].between(25, 55)].groupby("level")["value"].mean()
    found = profile * (1 - idle.groupby("level")["value"].mean())
    return pd.Series({**found, "tertiary": found["bachelor"]})


def residents() -> pd.DataFrame:
    """Residents of 30-66 by year, background and level, as the education block reads them."""
    people = pd.read_parquet(OWN / "linkoping_demography_age_sex_1968_2025.parquet")
    people = people[people["sex"] == "Båda könen"].assign(age=pd.to_numeric(people["age"]))
    size = people[people["age"].between(30, 66)].groupby("year")["population_dec31"].sum()
    at_work = employed("residence")
    weighted = (at_work[list(AGES)] * pd.Series(AGES)).sum(axis=1).unstack("level")[list(TOLD)]
    everyone = weighted.div(rates()[weighted.columns])
    everyone = everyone.div(everyone.sum(axis=1), axis=0).mul(size, axis=0).dropna()
    norway = pd.read_csv(ROOT / "data" / "buskerud" / "education_residents_30_66.csv")
    norway = norway[norway["region"].isin(WITH_FLOWS)]
    norway = norway.groupby(["year", "background", "level"])["persons"].sum().unstack("level")
    parts = []
    for year, row in everyone.loc[FIRST:LAST_BACKGROUND].iterrows():
        then = norway.loc[max(year, FIRST_BACKGROUND)]
        there = then.loc["immigrants", list(TOLD)].copy()
        there["primary"] += then.loc["immigrants", "none"]
        share = then.loc["immigrants", "all"] / then.loc["all", "all"]
        other = (there / there.sum() * share * row.sum()).round()
        both = row.round()
        for background, counts in {
            "immigrants": other,
            "non_immigrants": both - other,
            "all": both,
        }.items():
            known = counts.reindex(COLUMNS, fill_value=0.0)
            whole = pd.concat([known, pd.Series({"all": counts.sum()})]).astype(int)
            rows = whole.rename_axis("level").rename("persons").reset_index()
            parts.append(rows.assign(year=year, background=background))
    return pd.concat(parts)


def main() -> None:
    """Make the study's folder, its tables, and what its forecasts are scored against."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    own, study = out / "files", out / NAME
    own.mkdir(parents=True, exist_ok=True)
    for path in OWN.glob("linkoping_*"):
        shutil.copy(path, own)
    residents().to_csv(own / STOCK, index=False)
    text = (ROOT / "docs" / "howto" / "linkoping.toml").read_text(encoding="utf-8")
    for short, long in {**WINDOWS, "\n[borrow]\n": EDUCATION.format(file=STOCK)}.items():
        if short not in text:
            raise SystemExit(f"docs/howto/linkoping.toml must have {json.dumps(short)}.")
        text = text.replace(short, long)
    mapping = out / f"{NAME}_mapping.toml"
    mapping.write_text(text, encoding="utf-8")
    at = ("--out", str(out), "--mapping", str(mapping))
    command("study", "new", "--regions", f"{REGION}={CODE}", "--name", NAME, *at)
    command("data", "fetch", str(study / f"{NAME}.toml"), "--own", str(own))
    came = study / "data" / "outcomes"
    came.mkdir()
    outcomes().to_csv(came / "employed_by_education.csv", index=False)
    (study / "transfer.md").write_text(REMARKS.strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

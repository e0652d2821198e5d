# pyright: basic, reportArgumentType=false, reportCallIssue=false
"""Whole-country statistics for validation: read from a folder of the user's, grouped to regions.

They are no part of the project: `bayesgap validate backtest --realdata DIR` names the folder.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bayesgap.errors import RunError
from bayesgap.schema import AGE_MAX

POPULATION = "population_municipality_age_sex_2005_2024.parquet"
HIERARCHY = "csdata_municip_hierarchy_b2024.csv"
SMALLEST = 5_000  # residents from which a municipality is a region of its own
SIZED = 2012  # year of that size
# Official projections are scored municipality by municipality here, small ones too.
WHOLE_COUNTY = "Telemark"
# The source divides Ålesund and Haram by halves before 2024, and Haram is not in the file.
LEFT_OUT = ("1508",)
# Moved borders: what went from one to another is inside the region that both make.
JOINED = (
    ("1806", "1875"),  # Tysfjord, divided in 2020
    ("3905", "3907"),  # Stokke, divided in 2017
    ("4602", "4649"),  # Vågsøy and Flora, 2020
    ("5055", "5059"),  # Snillfjord, divided in 2020
)
# Jumps of over six standard deviations at ages 45-79: (municipality, year of the transition).
BORDER_CHANGES = (("3228", 2019), ("4005", 2019), ("4020", 2019), ("1535", 2020))
FIRST_EMPTY = ("1160", "1576")  # without 2005 in the source
FIRST = 2005


def read_file(folder: Path, name: str) -> pd.DataFrame:
    """One file of the folder, Parquet or CSV.

    Raises
    ------
    RunError
        The file is not there.
    """
    path = folder / name
    if not path.is_file():
        raise RunError(
            f"{path} must be there: the folder of --realdata holds the whole-country statistics "
            "that outcomes are taken from. Name that folder."
        )
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def read_municipalities(folder: Path) -> pd.DataFrame:
    """Residents by municipality: code, name, county, year, age (89 = 89+), persons."""
    people = read_file(folder, POPULATION)
    places = read_file(folder, HIERARCHY)
    code = places["municip_code"].str[-4:]
    names, counties = (
        dict(zip(code, places[c], strict=True)) for c in ("municip_name", "county_name")
    )
    people = people.assign(
        code=people["kommunenr"],
        age=people["age"].clip(upper=AGE_MAX).astype(int),
        year=people["year"].astype(int),
    )
    sums = people.groupby(["code", "year", "age"], as_index=False)["total"].sum()
    sums = sums.rename(columns={"total": "persons"})
    return pd.DataFrame(sums).assign(
        name=sums["code"].map(names), county=sums["code"].map(counties)
    )


def group_regions(people: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Regions from municipalities: those of 5 000 alone, smaller ones with their next in county.

    Small municipalities are taken in the order of their codes, until a group has `SMALLEST`
    residents; what is left at the end of a county goes to its last group. Names begin with the
    first code, so that they are unique.
    """
    sized = people[people["year"] == SIZED]
    size = sized.groupby("code")["persons"].sum()
    about = people.drop_duplicates("code").set_index("code")
    first = {code: pair[0] for pair in JOINED for code in pair}
    groups: list[list[str]] = []
    for county, places in about.drop(index=list(LEFT_OUT), errors="ignore").groupby("county"):
        units: dict[str, list[str]] = {}
        for code in sorted(places.index):
            units.setdefault(first.get(code, code), []).append(code)
        groups += _county_groups(list(units.values()), size, county == WHOLE_COUNTY)
    return {
        f"{codes[0]} {'+'.join(about['name'][code] for code in codes)}": tuple(codes)
        for codes in groups
    }


def _county_groups(
    units: list[list[str]], size: Mapping[str, float], single: bool
) -> list[list[str]]:
    groups, small, waiting = [], [], []
    for unit in units:
        if single or sum(size[c] for c in unit) >= SMALLEST:
            groups.append(unit)
            continue
        waiting = waiting + unit
        if sum(size[c] for c in waiting) >= SMALLEST:
            small, waiting = [*small, waiting], []
    if waiting and small:
        small[-1] = small[-1] + waiting
    return groups + small


def regional_population(
    people: pd.DataFrame, groups: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """Residents by region: region, year, age, persons. A missing first year repeats the second."""
    region = {code: name for name, codes in groups.items() for code in codes}
    second = people[people["code"].isin(FIRST_EMPTY) & (people["year"] == FIRST + 1)]
    whole = pd.concat([people, second.assign(year=FIRST)])
    whole = whole.assign(region=whole["code"].map(region)).dropna(subset="region")
    return whole.groupby(["region", "year", "age"])["persons"].sum().reset_index()


def unusable(groups: Mapping[str, tuple[str, ...]]) -> list[tuple[str, int]]:
    """(Region, year of a transition) whose change is not of people: borders, repeated years."""
    marked = (*BORDER_CHANGES, *((code, FIRST) for code in FIRST_EMPTY))
    return [
        (name, year) for name, codes in groups.items() for code, year in marked if code in codes
    ]

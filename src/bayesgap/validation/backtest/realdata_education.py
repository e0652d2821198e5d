"""Education of residents aged 30-66 in every municipality, at the borders of 2024.

They are no part of the project: `bayesgap validate backtest --realdata DIR` names the folder.
A municipality of an earlier border is followed by its code, and the residents of a region are
counted in two sources: where these disagree, a border moved or the source is wrong.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xarray as xr

from bayesgap.validation.backtest.realdata import read_file

EDUCATION = "education_pop30_66_municipality_imdi_2011_2020.parquet"
BORDERS = "csdata_municip_redistricting_b2024.csv"
BACKGROUNDS = {
    "Hele befolkningen": "all",
    "Befolkningen unntatt innvandrere": "non_immigrants",
    "Innvandrere": "immigrants",
}
LEVELS = {
    "alle": "all",
    "Grunnskole": "primary",
    "Videregående skole": "upper_secondary",
    "Universitet og høgskole": "tertiary",
    "ingen": "none",
    "uoppgitt": "unknown",
}
AGES = (30, 66)
AGREE = 0.01  # part by which two counts of the same residents may differ: both are rounded


def read_education(folder: Path) -> pd.DataFrame:
    """Residents 30-66: code (of 2024), year, background, level, persons.

    A municipality that was divided later is left out.

    Raises
    ------
    RunError
        A file is not in `folder`.
    """
    rows = read_file(folder, EDUCATION)
    rows = rows[rows["sex"] == "Alle"]
    borders = read_file(folder, BORDERS)
    first, last = int(rows["year"].min()), int(rows["year"].max()) + 1
    borders = borders[(borders["weighting"] == 1) & borders["calyear"].between(first, last)]
    old, new = (borders[f"location_code_{c}"].str[-4:] for c in ("original", "current"))
    code = rows["region"].str[-4:].map(dict(zip(old, new, strict=True)))
    known = rows.assign(
        code=code,
        background=rows["background"].map(BACKGROUNDS),
        level=rows["education"].map(LEVELS),
    ).dropna(subset=["code", "background", "level"])
    sums = known.groupby(["code", "year", "background", "level"])["persons"].sum()
    return sums.reset_index()


def regional_education(
    rows: pd.DataFrame, groups: Mapping[str, tuple[str, ...]], people: xr.DataArray
) -> pd.DataFrame:
    """Residents 30-66 of regions whose border can be followed: region, year, background, ...

    A year is left out where the region's residents are not those of `people`, and so is a region
    that lacks a year before the last.

    Parameters
    ----------
    rows : of `read_education`
    groups : municipalities of each region
    people : residents (region, year, age) on 1 January: a stock of year t is that of t + 1
    """
    region = {code: name for name, codes in groups.items() for code in codes}
    own = rows.assign(region=rows["code"].map(region)).dropna(subset="region")
    by = ["region", "year", "background", "level"]
    table = own.groupby(by)["persons"].sum().reset_index()
    whole = table[(table["background"] == "all") & (table["level"] == "all")]
    counted = whole.set_index(["region", "year"])["persons"].to_xarray()
    stock = people.sel(age=slice(*AGES)).sum("age")
    same = stock.sel(region=counted["region"], year=counted["year"] + 1).values
    agree = abs(counted / same - 1) <= AGREE
    followed = agree.sel(year=agree["year"] < agree["year"].max()).all("year")
    marked = (agree & followed).rename("kept").to_dataframe().reset_index()
    both = table.merge(marked[marked["kept"]], on=["region", "year"])
    return both[[*by, "persons"]].assign(status="observed")

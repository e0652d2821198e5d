"""The nation's attainment by age in the labour force survey: what a cohort has reached by when.

Definitions
-----------
S1  survey_logit[b,t]: logits of ages b in year t, as D2 of the panel: all above primary; tertiary,
    higher vocational with it, of these
S2  survey_weight[b,t]: the nation's residents by cell of ages, as shares of the ages b
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.education.ages import ADULT_EDGES, Floats

TABLE = "education_attainment"
LEVELS = ("primary", "upper_secondary", "tertiary")


def build_survey_panel(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Logits and weights of every band of ages and year; without a table, one row of NaN.

    Returns
    -------
    Dataset with survey_logit (survey_band, survey_year, choice) and survey_weight (survey_band,
    survey_year, adult_cell)
    """
    frame, people = tables.get(TABLE), tables["population_national"]
    counts = people.set_index(["year", "age"])["persons"].to_xarray().astype(float)
    if frame is None or frame.empty:
        last = int(people["year"].max())
        whole = (ADULT_EDGES[0], ADULT_EDGES[-1] - 1)
        return _dataset([last], [whole], np.full((1, 1, 2), np.nan), counts)
    wide = frame.pivot_table(
        index=["first_age", "last_age", "year"], columns="level", values="share"
    )
    table = wide[list(LEVELS)].to_xarray().stack(band=("first_age", "last_age"))
    table = table.dropna("band", how="all").transpose("band", "year")
    finished = np.log((table["upper_secondary"] + table["tertiary"]) / table["primary"])
    tertiary = np.log(table["tertiary"] / table["upper_secondary"])
    logits = np.stack([finished.values, tertiary.values], axis=-1)
    bands = [(int(first), int(last)) for first, last in table["band"].values]
    return _dataset([int(year) for year in table["year"].values], bands, logits, counts)


def _dataset(
    years: list[int], bands: list[tuple[int, int]], logits: Floats, counts: xr.DataArray
) -> xr.Dataset:
    weight = [[band_weights(counts, year, *band) for year in years] for band in bands]
    dims = ("survey_band", "survey_year")
    return xr.Dataset(
        {
            "survey_logit": ((*dims, "choice"), logits),
            "survey_weight": ((*dims, "adult_cell"), np.array(weight)),
        },
        coords={
            "survey_band": [f"{first}-{last}" for first, last in bands],
            "survey_year": years,
        },
    )


def band_weights(counts: xr.DataArray, year: int, first: int, last: int) -> Floats:
    """Shares (cell) of the ages `first` to `last` on 1 January after `year` (S2)."""
    known = counts.sel(year=min(year + 1, int(counts["year"].max())))
    inside = known.where((known["age"] >= first) & (known["age"] <= last), 0.0)
    ages = inside.sel(age=slice(ADULT_EDGES[0], ADULT_EDGES[-1] - 1)).values
    cells = np.add.reduceat(ages, np.array(ADULT_EDGES[:-1]) - ADULT_EDGES[0])
    return cells / cells.sum()

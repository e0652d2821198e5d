"""Chapter 2.4: upper-secondary choice and completion.

Both are pooled paths over years (`paths`) on the logit scale. Where the open figures stop, priors
carry on; a table of the user's replaces them.
"""

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.paths import Observations, expit, logit, pooled_paths
from bayesgap.published_study.result import Result
from bayesgap.schema import SAMPLE_DIMS

FIRST_CHOICE = 2015
CHOICE_PUBLISHED = {
    "Drammensregionen": "vocational_share_2024",
    "Kongsbergregionen": "vocational_share_kongsberg",
    "Ringeriksregionen": "vocational_share_ringerike",
    "Hallingdal": "vocational_share_hallingdal",
    "Norway": "vocational_share_national",
}
CHANGE = "vocational_change_2015_2024"
PROGRAMMES = ("vocational", "general")


def vocational_choice(material: ChapterInputs) -> Result:
    """Figure 2-7: share of first-year pupils on a vocational programme, by region and year."""
    years = list(range(FIRST_CHOICE, material.study.base_year + 1))
    units = [*material.study.targets, "Norway"]
    own = material.tables.get("upper_secondary_choice")
    seen = _published_choice(material) if own is None else _own_choice(own, units, years)
    paths, effective = pooled_paths(
        seen, units, years, material.priors["schools"], material.shape, material.rng("choice")
    )
    note = (
        "Published for 2024, and 2015 in Drammensregionen only; years between and the other "
        f"regions' past are a pooled path. Effective points {effective:.0f}."
    )
    inputs = (*CHOICE_PUBLISHED.values(), CHANGE)
    if own is not None:
        note, inputs = "Counts of pupils from upper_secondary_choice.csv, pooled.", ()
    share = expit(paths).rename(unit="region").rename("share on a vocational programme")
    standing = "published" if own is None else "observed"
    return Result(share, "share", standing, note, inputs)


def _published_choice(material: ChapterInputs) -> Observations:
    """Published shares with their rounding as a normal error on the logit scale."""
    rows = [
        (region, material.study.base_year, *material.published(figure))
        for region, figure in CHOICE_PUBLISHED.items()
    ]
    value, half = material.published(CHOICE_PUBLISHED["Drammensregionen"])
    change, error = material.published(CHANGE)
    rows.append(("Drammensregionen", FIRST_CHOICE, value - change / 100, half + error / 100))
    unit, year, share, width = (np.array(column) for column in zip(*rows, strict=True))
    sd = width / np.sqrt(3.0) / (share * (1 - share))  # of a uniform within the rounding
    return Observations(unit, year, logit(share), sd)


def _own_choice(table: pd.DataFrame, units: list[str], years: list[int]) -> Observations:
    rows = table[table["region"].isin(units) & table["year"].isin(years)]
    counts = rows.pivot_table(
        index=["region", "year"], columns="programme", values="pupils", aggfunc="sum"
    ).dropna()
    return _of_counts(
        counts.index.get_level_values("region").to_numpy(),
        counts.index.get_level_values("year").to_numpy(),
        counts["vocational"].to_numpy(dtype=float),
        counts[list(PROGRAMMES)].sum(axis=1).to_numpy(dtype=float),
    )


def _of_counts(unit: np.ndarray, year: np.ndarray, yes: np.ndarray, n: np.ndarray) -> Observations:
    """Empirical logits of counts, half a pupil added to either side, with their sampling error."""
    no = n - yes
    sd = np.sqrt(1.0 / (yes + 0.5) + 1.0 / (no + 0.5))
    return Observations(unit, year, np.log((yes + 0.5) / (no + 0.5)), sd)


def completion(material: ChapterInputs) -> Result:
    """Figure 2-8: share that completes upper secondary within five or six years.

    Counties are observed for those who finished by 2009 to 2019; a region of the study is its
    county plus a pooled departure. The year is that of completion.
    """
    table = material.tables["upper_secondary_completion_county"]
    seen = _county_completion(table)
    units = [*dict.fromkeys(seen.unit.tolist()), *material.study.targets]
    years = list(range(int(seen.year.min()), material.study.base_year + 1))
    units, seen = _with_own_completion(material, units, years, seen)
    paths, effective = pooled_paths(
        seen, units, years, material.priors["schools"], material.shape, material.rng("completion")
    )
    note = (
        "Counties observed to 2019 (IMDi/SSB); nothing is open for the four regions, which follow "
        f"the counties with a pooled departure. Effective points {effective:.0f}."
    )
    if "upper_secondary_completion" in material.tables:
        note = "Counties observed to 2019; regions from upper_secondary_completion.csv, pooled."
    share = expit(paths).rename(unit="region").rename("share that completes")
    return Result(share, "share", "observed", note)


def _county_completion(table: pd.DataFrame) -> Observations:
    wide = table.pivot_table(index=["region", "year"], columns="unit", values="value").dropna()
    yes = wide["Personer"].to_numpy(dtype=float)
    n = yes / (wide["Prosent"].to_numpy(dtype=float) / 100.0)
    region = wide.index.get_level_values("region").to_series().map(lambda name: f"{name} (county)")
    return _of_counts(region.to_numpy(), wide.index.get_level_values("year").to_numpy(), yes, n)


def _with_own_completion(
    material: ChapterInputs, units: list[str], years: list[int], seen: Observations
) -> tuple[list[str], Observations]:
    """Counts of the user's, programmes together, joined to what the counties show."""
    table = material.tables.get("upper_secondary_completion")
    if table is None:
        return units, seen
    rows = table.groupby(["region", "year"], as_index=False)[["pupils", "completed"]].sum()
    rows = rows[rows["year"].isin(years)]
    own = _of_counts(
        rows["region"].to_numpy(),
        rows["year"].to_numpy(),
        rows["completed"].to_numpy(dtype=float),
        rows["pupils"].to_numpy(dtype=float),
    )
    joined = Observations(
        *(
            np.concatenate([getattr(seen, n), getattr(own, n)])
            for n in ("unit", "year", "value", "sd")
        )
    )
    return list(dict.fromkeys([*units, *rows["region"]])), joined


def completion_by_programme(material: ChapterInputs) -> Result:
    """Completion by programme at the base year: the total split by an assumed contrast.

    The two logits differ by the contrast, and their mean weighted by the choice of programme is
    the total of figure 2-8, in every draw.
    """
    total = completion(material).draws.isel(year=-1, drop=True)
    vocational = vocational_choice(material).draws.isel(year=-1, drop=True)
    regions = [r for r in vocational["region"].to_numpy() if r in set(total["region"].to_numpy())]
    total, weight = total.sel(region=regions), vocational.sel(region=regions)
    contrast = material.assumed("schools", "programme")
    low = _split(total, weight, contrast)
    both = xr.concat([low, expit(logit(low) + contrast)], pd.Index(PROGRAMMES, name="programme"))
    note = "The contrast between programmes is assumed; the two average to the total exactly."
    return Result(both.rename("share that completes"), "share", "assumed", note)


def _split(total: xr.DataArray, weight: xr.DataArray, contrast: xr.DataArray) -> xr.DataArray:
    """Vocational share v with weight v + (1 - weight) expit(logit v + contrast) = total."""
    low, high = total * 0.0 + 1e-6, total * 0.0 + 1.0 - 1e-6
    for _ in range(60):
        middle = (low + high) / 2
        mean = weight * middle + (1 - weight) * expit(logit(middle) + contrast)
        above = mean > total
        low, high = xr.where(above, low, middle), xr.where(above, middle, high)
    return ((low + high) / 2).transpose(*SAMPLE_DIMS, ...)

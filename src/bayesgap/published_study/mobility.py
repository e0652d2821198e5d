"""Chapter 2.3: roots, in-movers and leavers; commuters by destination and level; workers' origin.

Equations
---------
B1  roots[g] + in_movers[g] = 1 within each group g of levels; leavers[g] = roots workers[g]
    leave[g] / (1 - leave[g]), leave the share of those raised here who live and work elsewhere
B2  the published shares by level, their total and the number of leavers do not agree; the report's
    41 per cent of bachelors is read as in-movers or as roots, each with probability one half
    beforehand, and both readings are weighed by how well they meet the two totals
B3  destination[r,d,t] proportional to exp(x[d,t]), x a pooled path (`paths`) of the log flows
B4  workers[r] = commuters in + residents raised here + residents who moved in
"""

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.paths import Observations, pooled_paths
from bayesgap.published_study.result import Result
from bayesgap.schema import LEVELS, SAMPLE_DIMS

GROUPS = {
    "low": ("primary", "upper_secondary", "higher_vocational"),
    "bachelor": ("bachelor",),
    "master": ("master",),
}
ORIGINS = ("roots", "in_movers", "leavers")
AS_PRINTED, SWAPPED = "in-movers", "roots"
DESTINATION_GROUPS = {
    "Vestfold": ("Horten", "Tønsberg-Færder", "Sandefjord", "Larvik"),
    "rest of Telemark": ("Grenland", "Midt-Telemark", "Kragerø-Drangedal", "Vest-Telemark"),
}
PUBLISHED_ORIGIN = (
    "roots_share",
    "inmover_share",
    "leavers_employed",
    "inmover_share_master",
    "inmover_share_bachelor",
    "roots_share_low",
    "leave_rate_master",
    "leave_rate_bachelor",
    "leave_rate_low",
)


def by_level(array: xr.DataArray) -> xr.DataArray:
    """Education groups summed to levels, in order."""
    groups = {level: np.flatnonzero(array["level"].to_numpy() == level) for level in LEVELS}
    parts = [array.isel(education=places).sum("education") for places in groups.values()]
    return xr.concat(parts, pd.Index(LEVELS, name="level")).transpose(..., "level")


def _of_groups(levels: xr.DataArray) -> xr.DataArray:
    parts = [levels.sel(level=list(members)).sum("level") for members in GROUPS.values()]
    return xr.concat(parts, pd.Index(list(GROUPS), name="group"))


def residents_at_work(material: ChapterInputs) -> xr.DataArray:
    """Residents in work (chain, draw, region, level) [person] at the base year."""
    return by_level(
        material.outlook["employed_residence"].sel(year=material.study.base_year, drop=True)
    )


def origin_shares(material: ChapterInputs) -> xr.Dataset:
    """Roots share and leave share (chain, draw, region, group) of B1, readings weighed (B2).

    `swapped` (chain, draw) says which draws read the 41 per cent as roots.
    """
    home = material.study.targets[0]
    workers = _of_groups(residents_at_work(material)).sel(region=home)
    printed, swapped = (_reading(material, swap) for swap in (False, True))
    error = material.assumed("mobility", "disagreement")
    fits = [_fit(material, reading, workers, error) for reading in (printed, swapped)]
    chance = 1.0 / (1.0 + np.exp(np.clip(fits[0] - fits[1], -50, 50)))
    swap = material.rng("mobility.reading").uniform(size=material.shape) < chance
    shares = xr.where(swap, swapped, printed)
    spread = material.assumed("mobility", "region_spread")
    regions = list(material.outlook["region"].to_numpy())
    known = xr.DataArray(
        [region == home for region in regions], dims="region", coords={"region": regions}
    )
    rng = material.rng("mobility.regions")
    lean = xr.DataArray(
        rng.standard_normal((*material.shape, len(regions), 2)),
        dims=(*SAMPLE_DIMS, "region", "share"),
        coords={"region": regions, "share": ["roots", "leave"]},
    )
    odds = np.log(shares / (1 - shares)) + spread * lean.where(~known, 0.0)
    regional = 1.0 / (1.0 + np.exp(-odds))
    regional = _own(material, regional)
    return xr.Dataset({"shares": regional, "swapped": swap})


def _reading(material: ChapterInputs, swap: bool) -> xr.DataArray:
    """Shares (chain, draw, group, share) as published, 41 per cent read one way or the other."""
    bachelor = material.rounded("inmover_share_bachelor")
    roots = {
        "low": material.rounded("roots_share_low"),
        "bachelor": bachelor if swap else 1 - bachelor,
        "master": 1 - material.rounded("inmover_share_master"),
    }
    leave = {group: material.rounded(f"leave_rate_{group}") for group in GROUPS}
    index = pd.Index(list(GROUPS), name="group")
    both = [xr.concat([by[group] for group in GROUPS], index) for by in (roots, leave)]
    return xr.concat(both, pd.Index(["roots", "leave"], name="share"))


def _fit(
    material: ChapterInputs, shares: xr.DataArray, workers: xr.DataArray, error: xr.DataArray
) -> xr.DataArray:
    """Log density (chain, draw) of the two published totals under one reading (B2)."""
    roots = workers * shares.sel(share="roots", drop=True)
    leave = shares.sel(share="leave", drop=True)
    total = roots.sum("group") / workers.sum("group")
    gone = (roots * leave / (1 - leave)).sum("group")
    wanted = (material.published("roots_share")[0], material.published("leavers_employed")[0])
    pairs = zip((total, gone), wanted, strict=True)
    off = [xr.ufuncs.log(found / published) / (error + 1e-3) for found, published in pairs]
    return -0.5 * (off[0] ** 2 + off[1] ** 2)


def _own(material: ChapterInputs, shares: xr.DataArray) -> xr.DataArray:
    """Shares where the user's table `workers_by_origin` has counts: Beta posteriors of those."""
    table = material.tables.get("workers_by_origin")
    if table is None:
        return shares
    rng, out = material.rng("mobility.own"), shares.copy()
    group_of = {level: group for group, levels in GROUPS.items() for level in levels}
    summed = table.assign(group=table["level"].map(group_of))
    counts = summed.pivot_table(
        index=["region", "group"], columns="origin", values="persons", aggfunc="sum"
    ).reindex(columns=list(ORIGINS))
    for row in counts.dropna().reset_index().to_dict("records"):
        cell = {name: row[name] for name in ("region", "group")}
        roots, moved, left = (float(row[name]) + 0.5 for name in ORIGINS)
        out.loc[{**cell, "share": "roots"}] = rng.beta(roots, moved, material.shape)
        out.loc[{**cell, "share": "leave"}] = rng.beta(left, roots, material.shape)
    return out


def workers_by_origin(material: ChapterInputs) -> Result:
    """Figure 2-3: residents in work with roots here, in-movers, and leavers, by group of levels."""
    found = origin_shares(material)
    workers = _of_groups(residents_at_work(material))
    roots = workers * found["shares"].sel(share="roots", drop=True)
    leave = found["shares"].sel(share="leave", drop=True)
    parts = [roots, workers - roots, roots * leave / (1 - leave)]
    persons = xr.concat(parts, pd.Index(ORIGINS, name="origin"))
    swapped = 100 * float(found["swapped"].mean())
    note = (
        "Shares are the report's, for Drammensregionen alone; the other regions are that plus an "
        "assumed spread. Published shares and totals disagree: in "
        f"{swapped:.0f} % of draws the 41 % of bachelors is read as roots."
    )
    return Result(
        persons.rename("residents in work"), "person", "published", note, PUBLISHED_ORIGIN
    )


def commuting_by_destination(material: ChapterInputs) -> Result:
    """Figure 2-4: those who commute out by where they work, at the base year (B3)."""
    study = material.study
    out = material.outlook["out_commuters"].sel(year=study.base_year, drop=True).sum("education")
    flows = [_destinations(material, home) for home in study.targets]
    index = pd.Index(study.targets, name="region")
    share = xr.concat(flows, index, join="outer", fill_value=0.0)
    persons = share * out.sel(region=list(study.targets))
    note = "SSB 03321 to 2022, carried to the base year; shares sum to the run's commuters."
    return Result(persons.rename("commuters out"), "person", "observed", note)


def destination_counts(table: pd.DataFrame, home: str) -> pd.DataFrame:
    """Employed residents of `home` by destination and year, small places joined."""
    joined = {place: group for group, places in DESTINATION_GROUPS.items() for place in places}
    rows = table[(table["home"] == home) & (table["work"] != home)]
    rows = rows.assign(destination=rows["work"].map(joined).fillna(rows["work"]))
    return rows.groupby(["destination", "year"])["employed"].sum().reset_index()


def _destinations(material: ChapterInputs, home: str) -> xr.DataArray:
    """Share (chain, draw, destination) of those who commute out of `home`."""
    counts = destination_counts(material.tables["commuting"], home)
    counts = counts[counts["employed"] > 0]
    persons = counts["employed"].to_numpy(dtype=float)
    seen = Observations(
        counts["destination"].to_numpy(),
        counts["year"].to_numpy(),
        np.log(persons),
        persons**-0.5,
    )
    units = sorted(counts["destination"].unique())
    years = range(int(counts["year"].min()), material.study.base_year + 1)
    rng = material.rng(f"destinations.{home}")
    priors = material.priors["destinations"]
    paths, _ = pooled_paths(seen, units, list(years), priors, material.shape, rng)
    size = xr.ufuncs.exp(paths.isel(year=-1, drop=True)).rename(unit="destination")
    return size / size.sum("destination")


def commuting_by_level(material: ChapterInputs) -> Result:
    """Figure 2-5: commuters out and in by level, as a share of residents in work."""
    base = material.outlook.sel(year=material.study.base_year, drop=True)
    workers = by_level(base["employed_residence"])
    both = [by_level(base[f"{way}_commuters"]) / workers for way in ("out", "in")]
    share = xr.concat(both, pd.Index(["out", "in"], name="direction"))
    note = "Totals observed (SSB 03321); contrasts between levels assumed, and their mean exact."
    return Result(share.rename("share of residents in work"), "share", "run", note)


def workers_origin(material: ChapterInputs) -> Result:
    """Figure 2-6: those who work in the region: commuters in, raised here, moved here (B4)."""
    base = material.outlook.sel(year=material.study.base_year, drop=True)
    into = base["in_commuters"].sum("education")
    living = (base["employed_residence"] - base["out_commuters"]).sum("education")
    found = origin_shares(material)["shares"].sel(share="roots", drop=True)
    workers = _of_groups(residents_at_work(material))
    roots = (workers * found).sum("group") / workers.sum("group")
    parts = [into, living * roots, living * (1 - roots)]
    persons = xr.concat(parts, pd.Index(["commuters", "raised", "moved"], name="origin"))
    share = persons / (into + living)
    note = (
        "Roots shares as in figure 2-3, the same for those who work at home and those who commute."
    )
    return Result(share.rename("share of workers"), "share", "published", note, ("roots_share",))

"""What stands in where a table has no rows for a region: assumed, marked so, and told.

Assumed rows of stocks are not observations: the education block leaves them out of its likelihood
(`panel_education`) and learns those regions from the 16+ table and from the other regions.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.data.fetch.catalogue import Catalogue
from bayesgap.data.fetch.gather import Gathered
from bayesgap.data.fetch.places import Places
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.data.schemas import TABLES
from bayesgap.data.tables import read_regions, table_paths
from bayesgap.errors import FetchError
from bayesgap.schema import SECTORS

OUTSIDE = "elsewhere"
OBSERVED_BASE_SD = 0.02  # employed by sector and workplace: rounding and unstated industry
ASSUMED_BASE_SD = 0.3  # as the seeds of `reconcile`
COUNTY_YEAR = 2019
OLD_COUNTIES = {  # first two digits of municipal codes until 2019
    "01": "Østfold",
    "02": "Akershus",
    "03": "Oslo",
    "04": "Hedmark",
    "05": "Oppland",
    "06": "Buskerud",
    "07": "Vestfold",
    "08": "Telemark",
    "09": "Aust-Agder",
    "10": "Vest-Agder",
    "11": "Rogaland",
    "12": "Hordaland",
    "14": "Sogn og Fjordane",
    "15": "Møre og Romsdal",
    "16": "Trøndelag - Trööndelage",
    "17": "Trøndelag - Trööndelage",
    "18": "Nordland - Nordlánnda",
    "19": "Troms - Romsa",
    "20": "Finnmark - Finnmárku",
    "50": "Trøndelag - Trööndelage",
}
LEVELS = ("none", "primary", "upper_secondary", "tertiary", "unknown")


def complete(
    gathered: Gathered, embedded: Path, wanted: Wanted, catalogue: Catalogue, places: Places
) -> None:
    """Fill `gathered` in place: borrowed tables, the rest of commuting, stand-ins, the base.

    Raises
    ------
    FetchError
        A table that nothing can stand in for is missing.
    """
    for name, why in (lent_by_the_nation(catalogue) | catalogue.borrow).items():
        _borrow(gathered, name, why, embedded, wanted, catalogue.borrowed_are)
    _commuting(gathered, embedded, wanted)
    _education(gathered, embedded, wanted)
    _workplace_base(gathered, embedded, wanted, places)
    if "employment_workplace_telemark" not in gathered.tables:
        frame = _embedded(embedded, "employment_workplace_telemark")
        gathered.tables["employment_workplace_telemark"] = frame
        gathered.note("employment_workplace_telemark", "the embedded areas: scatter of sectors")


def lent_by_the_nation(catalogue: Catalogue) -> dict[str, str]:
    """Figures of the nation that another country takes over: they are assumed there."""
    if catalogue.borrowed_are == "observed":
        return {}
    names = (name for name, table in TABLES.items() if table.folder == "national")
    return dict.fromkeys(names, "figures of another nation")


def keep_own(gathered: Gathered, folder: Path) -> None:
    """Leave observed tables of `folder` where the fetch has only assumed rows for them."""
    for name, frame in gathered.tables.items():
        path = folder / f"{name}.csv"
        if "status" not in frame or "observed" in set(frame["status"]) or not path.is_file():
            continue
        own = pd.read_csv(path)
        if "observed" in set(own["status"]):
            gathered.tables[name] = own
            gathered.origins[name] = str(own["source"].iloc[0])
            gathered.notes.pop(name, None)
            gathered.note(
                name, "kept: observed figures that the study has; the fetch has assumed ones only"
            )


def _embedded(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(table_paths(folder)[name])


def _borrow(
    gathered: Gathered, name: str, why: str, folder: Path, wanted: Wanted, status: str
) -> None:
    """Rows of the embedded table that fit: the nation's, counties', and regions of the study."""
    frame = _embedded(folder, name)
    if "region" in frame and name != "employment_county_accounts":
        others = {r for kind in ("target", "pooling", "group") for r in read_regions(folder)[kind]}
        frame = frame[~frame["region"].isin(others - set(wanted.of("study")) | {"buskerud"})]
    known = gathered.tables.get(name)
    if known is not None:
        if "region" not in known:
            return
        frame = frame[~frame["region"].isin(known["region"])]
        if frame.empty:
            return
    if status == "assumed" and "status" in frame:
        abroad = ~frame["region"].isin(wanted.pooling) if "region" in frame else True
        frame = frame.assign(status=frame["status"].mask(pd.Series(abroad, frame.index), "assumed"))
    gathered.tables[name] = frame if known is None else pd.concat([known, frame])
    gathered.origins.setdefault(name, f"embedded table {name}")
    gathered.note(name, f"borrowed from the embedded study: {why}")


def _commuting(gathered: Gathered, embedded: Path, wanted: Wanted) -> None:
    """Add who works, or lives, outside the study's regions: the totals less the known flows."""
    status = gathered.tables.get("employment_status")
    if status is None:
        raise FetchError("employment_status must be there: commuting and supply rest on it.")
    frame = gathered.tables.get(
        "commuting", pd.DataFrame(columns=list(TABLES["commuting"].columns))
    )
    wide = status.pivot_table(index=["region", "year"], columns="measure", values="persons")
    rows = []
    stay = _stay_share(frame, wide)
    for record in wide.reset_index().to_dict("records"):
        total, region, year = record, record["region"], int(record["year"])
        residents, workers = total["employed_by_residence"], total["employed_by_workplace"]
        here = frame[frame["year"] == year]
        if region not in set(here["home"]):
            inside = round(min(stay * residents, 0.98 * workers, 0.98 * residents))
            source = (
                "assumed: mean share that works at home of the other regions; SSB 03321 lacks it"
            )
            rows.append((region, region, year, inside, source, "assumed"))
            out, into = residents - inside, workers - inside
            status_text = "assumed"
        else:
            out = residents - here.loc[here["home"] == region, "employed"].sum()
            into = workers - here.loc[here["work"] == region, "employed"].sum()
            source, status_text = "employed in all less those of the listed regions", "observed"
        rows.append((region, OUTSIDE, year, max(round(out), 1), source, status_text))
        rows.append((OUTSIDE, region, year, max(round(into), 1), source, status_text))
    added = pd.DataFrame(rows, columns=["home", "work", "year", "employed", "source", "status"])
    border = int(status["border_year"].max())
    added = added.assign(concept="residence to workplace", border_year=border, coverage="all")
    years = set(wide.index.get_level_values("year"))
    known = frame[frame["year"].isin(years)]
    joined = pd.concat([known, added]) if len(known) else added
    full = _every_pair(joined, sorted({r for r, _ in wide.index}), sorted(years))
    gathered.tables["commuting"] = full[list(TABLES["commuting"].columns)]


def _stay_share(frame: pd.DataFrame, wide: pd.DataFrame) -> float:
    """Mean over regions of the share of residents in work who work in their own region."""
    own = frame[frame["home"] == frame["work"]].groupby("home")["employed"].mean()
    residents = wide["employed_by_residence"].groupby(level="region").mean()
    shares = (own / residents).dropna()
    return float(shares.mean()) if len(shares) else 0.85


def _every_pair(frame: pd.DataFrame, regions: list[str], years: list[int]) -> pd.DataFrame:
    """Pairs without a row have no commuters: observed zeros between observed regions."""
    names = [*regions, OUTSIDE]
    pairs = [(h, w, y) for h in names for w in names for y in years if (h, w) != (OUTSIDE, OUTSIDE)]
    index = pd.MultiIndex.from_tuples(pairs, names=["home", "work", "year"])
    full = frame.set_index(["home", "work", "year"]).reindex(index).reset_index()
    full["employed"] = full["employed"].fillna(0).astype(int)
    filled = {"source": "no commuters in the source", "status": "observed", "coverage": "all"}
    filled["concept"] = "residence to workplace"
    full["border_year"] = full["border_year"].fillna(frame["border_year"].max()).astype(int)
    return full.fillna(filled)


def _education(gathered: Gathered, folder: Path, wanted: Wanted) -> None:
    """Regions without stocks of ages 30-66 get the mean composition of those with (assumed)."""
    name = "education_residents_30_66"
    known = gathered.tables.get(name)
    embedded = _embedded(folder, name)
    parts = [] if known is None else [known]
    have = set() if known is None else set(known["region"])
    parts.append(
        embedded[embedded["region"].isin([r for r in wanted.of("study") if r not in have])]
    )
    frame = pd.concat(parts)
    lacking = [region for region in wanted.of("study") if region not in set(frame["region"])]
    if not lacking:
        gathered.tables[name] = frame
        return
    base = frame if len(frame) else embedded
    whole = base[(base["background"] == "all") & (base["level"] == "all")]
    share = base.merge(
        whole[["region", "year", "persons"]], on=["region", "year"], suffixes=("", "_all")
    )
    share["share"] = share["persons"] / share["persons_all"]
    mean = share.groupby(["year", "background", "level"])["share"].mean().unstack("level")
    people = _persons_30_66(gathered, lacking)
    rows = [
        _composition(region, int(year), people[region, int(year) + 1], mean.loc[year])
        for region in lacking
        for year in mean.index.get_level_values("year").unique()
        if (region, int(year) + 1) in people.index
    ]
    gathered.tables[name] = pd.concat([frame, *rows])[list(TABLES[name].columns)]
    gathered.note(name, f"assumed for {', '.join(lacking)}: composition of the other regions' mean")


def _persons_30_66(gathered: Gathered, regions: list[str]) -> "pd.Series[float]":
    frames = [
        gathered.tables[n] for n in ("population", "population_pooling") if n in gathered.tables
    ]
    people = pd.concat(frames)
    people = people[people["region"].isin(regions) & people["age"].between(30, 66)]
    return people.groupby(["region", "year"])["persons"].sum().astype(float)


def _composition(region: str, year: int, persons: float, share: pd.DataFrame) -> pd.DataFrame:
    """Whole persons by background and level that add up to `persons`."""
    rows = []
    parts = {
        b: np.round(share.loc[b, list(LEVELS)] * persons) for b in ("immigrants", "non_immigrants")
    }
    parts["all"] = parts["immigrants"] + parts["non_immigrants"]
    for background, counts in parts.items():
        levels = {**counts.to_dict(), "all": counts.sum()}
        rows += [(region, year, background, level, int(n)) for level, n in levels.items()]
    frame = pd.DataFrame(rows, columns=["region", "year", "background", "level", "persons"])
    return frame.assign(
        concept="residence",
        border_year=2024,
        coverage="all",
        source="assumed: mean composition of the study's other regions",
        status="assumed",
    )


def _workplace_base(gathered: Gathered, folder: Path, wanted: Wanted, places: Places) -> None:
    """Employed by sector at the workplace: observed where the bank has them, else assumed."""
    name = "employment_workplace_base"
    if name in gathered.tables:
        return
    status = gathered.tables["employment_status"]
    work = status[status["measure"] == "employed_by_workplace"]
    total = work.set_index(["region", "year"])["persons"].astype(float)
    frame = gathered.tables.get("employment_workplace_telemark", pd.DataFrame({"region": []}))
    frame = frame[frame["region"].isin(wanted.targets)]
    if set(frame["region"]) == set(wanted.targets):
        gathered.tables[name] = observed_base(frame, total, wanted)
        gathered.origins[name] = gathered.origins["employment_workplace_telemark"]
        return
    gathered.tables[name] = _assumed_base(gathered, folder, total, wanted, places)
    gathered.note(name, "assumed: the county's composition of 2019, moved on as the nation")


def observed_base(frame: pd.DataFrame, total: "pd.Series[float]", wanted: Wanted) -> pd.DataFrame:
    """The last year before the base year that all targets share, scaled to the totals.

    Growth from there to the base year is what the sector block adds: at least one year of it.
    """
    frame = frame[(frame["sector"] != "00") & (frame["year"] < wanted.base_year)]
    shared = frame.groupby("year")["region"].nunique() == len(wanted.targets)
    known = [y for y in shared.index[shared] if all((r, y) in total.index for r in wanted.targets)]
    last = frame[frame["year"] == max(known or shared.index[shared])]
    cells = last.pivot_table(index="region", columns="sector", values="employed", aggfunc="sum")
    cells = cells.reindex(columns=list(SECTORS)).fillna(0.0).clip(lower=0.5)
    if known:
        wanted_total = np.array([total[r, max(known)] for r in cells.index])
        cells = cells.mul(wanted_total / cells.sum(axis=1), axis=0)
    rows = cells.stack().rename("persons").reset_index()
    first = last.iloc[0]
    return _as_base(rows, int(first["year"]), OBSERVED_BASE_SD, str(first["source"]), "observed")


def _assumed_base(
    gathered: Gathered,
    folder: Path,
    total: "pd.Series[float]",
    wanted: Wanted,
    places: Places,
) -> pd.DataFrame:
    accounts = _embedded(folder, "employment_county_accounts")
    accounts = accounts[accounts["year"] == COUNTY_YEAR]
    nation = gathered.tables["employment_national"].query("concept == 'workplace'")
    wide = nation.pivot_table(index="sector", columns="year", values="employed")
    year = int(total.index.get_level_values("year").max())
    growth = (wide[min(year, wide.columns.max())] / wide[COUNTY_YEAR]).loc[list(SECTORS)]
    parts = []
    for region in wanted.targets:
        counties = {
            OLD_COUNTIES[c[:2]] for c in places.region_of([region]) if c[:2] in OLD_COUNTIES
        }
        chosen = accounts[accounts["region"].isin(counties or {"Hele landet"})]
        seed = chosen.groupby("sector")["employed_1000"].sum().reindex(list(SECTORS)).fillna(0.0)
        cells = (seed * growth).clip(lower=0.01)
        persons = cells / cells.sum() * total[region, year]
        parts.append(
            persons.rename("persons").rename_axis("sector").reset_index().assign(region=region)
        )
    source = "assumed: county composition of SSB 11713 (2019), national growth, workplace total"
    return _as_base(pd.concat(parts), year, ASSUMED_BASE_SD, source, "assumed")


def _as_base(rows: pd.DataFrame, year: int, sd: float, source: str, status: str) -> pd.DataFrame:
    frame = rows.assign(
        persons=rows["persons"].round(1),
        log_sd=sd,
        year=year,
        concept="workplace",
        border_year=2024,
        coverage="all",
        source=source,
        status=status,
    )
    return frame[list(TABLES["employment_workplace_base"].columns)]

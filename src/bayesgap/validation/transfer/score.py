"""The whole chain from an origin: what registers count among its draws, what came, and baselines.

Equations
---------
T1  employed residents [r,t,e] = labour force less unemployed: the side of supply, at home
T2  filled jobs [r,t,e] = demand[r,t,e] (supply - unemployed)[r,t0,e] / demand[r,t0,e]: unfilled
    jobs are a constant part of demand, and at the base year both sides have the same filled jobs
T3  employed at the workplace [r,t] = jobs summed over sectors: all filled

Registers count the employed by where they live (T1) and by where the job is (T2, T3). Nobody counts
unfilled jobs or the unemployed by education, so neither supply, demand nor the gap is scored.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.education.panel import unbroken
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.validation.backtest import baselines
from bayesgap.validation.backtest.population_baselines import baseline_cases
from bayesgap.validation.backtest.results import MODEL
from bayesgap.validation.backtest.scores import LEVELS, score_cases

BLOCK = "chain"
ALL, RESIDENTS, JOBS, PEOPLE = (
    "employed, all",
    "employed residents by education",
    "employed at the workplace by education",
    "residents 20-66 on 1 January",
)
ADULTS = (20, 66)
COARSE = {"higher_vocational": "tertiary", "bachelor": "tertiary", "master": "tertiary"}
PLACES = {"residence": RESIDENTS, "workplace": JOBS}
COUNTED = "employed_by_education"
UNKNOWN = "unknown"


def counted(
    tables: Mapping[str, pd.DataFrame], own: Mapping[str, pd.DataFrame], targets: tuple[str, ...]
) -> pd.DataFrame:
    """What registers have counted in the target regions: group, region (a series), year, persons.

    Parameters
    ----------
    tables : the study's, all years
    own : optional tables; `employed_by_education` gives education, and totals in place of
        `employment_status`
    """
    return pd.concat([part[part["place"].isin(targets)] for part in _counts(tables, own)])[
        ["group", "region", "place", "year", "persons"]
    ].reset_index(drop=True)


def _counts(
    tables: Mapping[str, pd.DataFrame], own: Mapping[str, pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    people = tables["population"][tables["population"]["age"].between(*ADULTS)]
    sums = people.groupby(["region", "year"])["persons"].sum().reset_index()
    yield sums.assign(group=PEOPLE, place=sums["region"])
    if COUNTED in own:
        frame = own[COUNTED].rename(columns={"employed": "persons", "region": "place"})
        whole = frame.groupby(["place", "year", "concept"])["persons"].sum().reset_index()
        yield whole.assign(group=ALL, region=whole["place"] + ": " + whole["concept"])
        told = frame[frame["level"] != UNKNOWN]
        name = told["place"] + ": " + told["level"].str.replace("_", " ")
        yield told.assign(group=told["concept"].map(PLACES), region=name)
        return
    status = tables["employment_status"].rename(columns={"region": "place"})
    status = status[status["measure"].str.startswith("employed_by_")]
    concept = status["measure"].str.removeprefix("employed_by_")
    yield status.assign(group=ALL, region=status["place"] + ": " + concept)


def drawn(outlook: xr.Dataset, targets: tuple[str, ...]) -> dict[tuple[str, str], xr.DataArray]:
    """Draws (sample, year) [person] of every series that registers may count, by (group, region).

    `outlook` is that of `accounting.outlook.project`.
    """
    here = outlook.sel(region=list(targets)).stack(sample=SAMPLE_DIMS)
    idle = here["labour_force"] - here["employed_residence"]
    filled = (here["supply"] - idle).isel(year=0, drop=True)
    jobs = here["demand"] * filled / here["demand"].isel(year=0, drop=True)
    coarse = [COARSE.get(str(level), str(level)) for level in here["level"].values]
    out = {}
    for region in targets:
        one = {"region": region}
        out[PEOPLE, region] = here["population"].sel({**one, "age_band": "20-66"})
        out[ALL, f"{region}: residence"] = here["employed_residence"].sel(one).sum("education")
        out[ALL, f"{region}: workplace"] = here["employment"].sel(one).sum("sector")
        for group, array in ((RESIDENTS, here["employed_residence"]), (JOBS, jobs)):
            sums = array.sel(one).assign_coords(coarse=("education", coarse))
            for level, part in sums.groupby("coarse"):
                name = f"{region}: {str(level).replace('_', ' ')}"
                out[group, name] = part.sum("education")
    return {key: values.transpose("sample", "year") for key, values in out.items()}


def chain_cases(
    draws: Mapping[tuple[str, str], xr.DataArray], came: pd.DataFrame, origin: int
) -> pd.DataFrame:
    """Scored cases of the model, a row a series and year after the origin that was counted."""
    rows = []
    for (group, region), part in came[came["year"] > origin].groupby(["group", "region"]):
        values = draws[str(group), str(region)].sel(year=part["year"].to_numpy()).values
        horizon = part["year"].to_numpy() - origin
        told = {"group": group, "region": region, "origin": origin, "horizon": horizon}
        rows.append(score_cases(values, part["persons"].to_numpy(float)).assign(**told))
    cases = pd.concat(rows, ignore_index=True).assign(block=BLOCK, method=MODEL)
    return cases.merge(sizes(came, origin))


def scored(
    draws: Mapping[tuple[str, str], xr.DataArray], came: pd.DataFrame, origin: int
) -> pd.DataFrame:
    """Cases of the model and of the dressed baselines."""
    return pd.concat([chain_cases(draws, came, origin), rival_cases(came, origin)])


def sizes(came: pd.DataFrame, origin: int) -> pd.DataFrame:
    """Size of every series: residents of its region at the origin, so that errors are pooled."""
    people = came[(came["group"] == PEOPLE) & (came["year"] == origin)]
    size = came[["group", "region", "place"]].drop_duplicates()
    size = size.assign(size=size["place"].map(people.set_index("place")["persons"]).astype(float))
    return size.drop(columns="place")


def rival_cases(came: pd.DataFrame, origin: int) -> pd.DataFrame:
    """Dressed baselines of the same series: no change, and drift where five years were known."""
    points = pd.concat(_points(came, origin), ignore_index=True)
    years = range(int(came["year"].min()), origin + 1)
    pairs = [
        came.assign(origin=year, horizon=came["year"] - year)[came["year"] > year] for year in years
    ]
    later = pd.concat(pairs).rename(columns={"persons": "outcome"})
    later = later.drop(columns=["year", "place"]).merge(sizes(came, origin))
    return baseline_cases(points, later, [origin], BLOCK)


def _points(came: pd.DataFrame, origin: int) -> Iterator[pd.DataFrame]:
    """Point forecasts of every origin until `origin`, each from an unbroken series."""
    for (group, region), part in came.groupby(["group", "region"]):
        series = part.sort_values("year").set_index("year")["persons"].astype(float)
        last = int(series.index.max())
        for then in (int(year) for year in series.index if year <= origin):
            known = _unbroken(series.loc[:then])
            for method, law in baselines.OF_SERIES.items():
                ahead = range(1, last - then + 1)
                found = {h: law(known.to_numpy()[None], h) for h in ahead}
                made = {h: point[0] for h, point in found.items() if point is not None}
                if made:
                    told = {"group": group, "region": region, "origin": then, "method": method}
                    yield pd.DataFrame(
                        {"horizon": list(made), "point": list(made.values())}
                    ).assign(**told)


def _unbroken(series: "pd.Series[float]") -> "pd.Series[float]":
    """The end of a series, after its last missing year."""
    return series.loc[unbroken(series.index)[0] :]  # pyright: ignore[reportArgumentType]


def paths(
    draws: Mapping[tuple[str, str], xr.DataArray], came: pd.DataFrame, origin: int
) -> pd.DataFrame:
    """Quantiles of every series by year after the origin, beside what was counted in all years."""
    tails = [(100 - level) / 200 for level in LEVELS]
    levels = sorted([*tails, 0.5, *(1 - tail for tail in tails)])
    rows = []
    for (group, region), values in draws.items():
        after = values.sel(year=slice(origin + 1, None))
        found = np.quantile(after.values, levels, axis=0).T
        frame = pd.DataFrame(found, columns=[f"q{1000 * level:03.0f}" for level in levels])
        rows.append(frame.assign(group=group, region=region, year=after["year"].values))
    seen = came.drop(columns="place")
    return pd.concat(rows).merge(seen, "right", on=["group", "region", "year"])

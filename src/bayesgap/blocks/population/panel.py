"""Panel of the population block: stocks, net-migration scores, mortality, births, gross flows.

Definitions
-----------
D1  residual[r,a,t] = P[r,a+1,t+1] - P[r,a,t] (1 - q[a,t]), q the national death probability
D2  g[r,a,t] = 100 (residual / P - G[a,t]), G the national net migration rate by age
D3  var(g) is proportional to 100^2 (m[a] + q[a]) / P, m the gross mobility of flow regions
D4  score[k,r,t]: generalised least squares of g on a spline of age, turned to principal axes:
    a change of coordinates that leaves the scores nearly uncorrelated
D5  the last score is `births`: ten times the log of children per person aged 20-39, relative to
    the nation; its sampling variance is that of a count
D6  G[a,t] = mean[a] + loading[a] (N[t] - centre) + residual[a,t], loading >= 0, N the rate at
    18-50; recent years weigh more
D7  log q[a,t] = level[a] + slope[a] K[t] + noise (Lee-Carter, level of the last years)

Ages are those of 1 January. The flow tables give the age at the end of the year, which is one
more: their net flows correlate 0.94 with cohort residuals so, and 0.57 at the same age.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import BSpline

from bayesgap.blocks.cycle import business_cycle
from bayesgap.schema import AGE_MAX, AGES
from bayesgap.study.study import Study

BIRTHS = "births"
KNOTS = (17.0, 19.0, 21.0, 25.0, 31.0, 42.0, 60.0, 75.0)
SOURCE_AGES = np.arange(AGE_MAX - 1)  # 0..87; 88 and 89+ meet in the open group
# A border change is no migration: (region, year) of transitions that are left out. Found as jumps
# at ages 45-79 of 5 to 22 standard deviations (persons in all): Notodden +370 and Sauherad -540 on
# 1 January 2020; Stokke's division of 2017, Tønsberg-Færder +2 300 and Sandefjord -1 800.
BORDER_CHANGES = (
    ("Kongsbergregionen", 2019),
    ("Midt-Telemark", 2019),
    ("Tønsberg-Færder", 2016),
    ("Sandefjord", 2016),
)
LEFT_OUT = 1e4  # sampling variance that gives an observation no weight
# Groups that are one municipality: every move in their flows crosses the group's border.
SINGLE_MUNICIPALITIES = ("Horten", "Larvik", "Sandefjord", "Holmestrand")
FLOW_AGES = (0, 5, 10, *range(15, 35), *range(35, 70, 5))
FLOW_AGE_LAST = 69  # flows of some regions end at 70, reached by those aged 69 on 1 January
METROPOLIS = 300_000  # residents from which a region loses when the others gain
RECENT = 0.93  # weight of a year in the national age profile, relative to the year after it


def build_population_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Everything that the population block conditions on.

    Returns
    -------
    Dataset with population (region, year, age) [person]; score, score_variance (component,
    region, transition) [per cent a year; births: ten times a log]; axis (component, age), zero
    for births; side (region) [1, or -1 for a metropolis]; size (region) [log of residents
    over 50 000]; shock (transition) [0 or 1];
    shock_count, shock_years [year]; cycle (cycle_year) [standard deviations];
    national_rate, mortality_index, national_log_child_ratio (nation_year); profile_mean,
    profile_loading (age) [per cent]; profile_residual (nation_year, age); profile_weight
    (nation_year), sums to one; national_q (nation_year, age); mortality_level, mortality_slope
    (age); mobility (age) [1/year]; out_count, out_exposure (flow_cell)
    """
    years = range(study.window.first, study.window.last + 1)
    stock = population_array(tables["population"], study.regions, years)
    panel = national_arrays(tables, study.window.last)
    cycle = business_cycle(tables["employment_national"]).loc[: study.base_year]
    panel = panel.assign(population=stock, cycle=("cycle_year", cycle.to_numpy())).assign_coords(
        target=list(study.targets), cycle_year=[int(year) for year in cycle.index]
    )
    flows = flows_by_age(tables)
    panel["mobility"] = "age", gross_mobility(flows)
    panel = panel.merge(regional_scores(panel, study))
    residents = stock.sum("age").isel(year=-1, drop=True)
    panel["size"] = np.log(residents / 50_000)
    panel["side"] = 1.0 - 2.0 * (residents > METROPOLIS)
    return panel.merge(flow_counts(flows, panel))


def population_array(frame: pd.DataFrame, regions: tuple[str, ...], years: range) -> xr.DataArray:
    """Residents (region, year, age) on 1 January."""
    array = frame.set_index(["region", "year", "age"])["persons"].to_xarray()
    return array.sel(region=list(regions), year=list(years), age=list(AGES)).astype(float)


def national_arrays(tables: Mapping[str, pd.DataFrame], last: int) -> xr.Dataset:
    """National death probabilities, net migration profile, Lee-Carter index and child ratio."""
    people = tables["population_national"].set_index(["year", "age"])["persons"].to_xarray()
    deaths = tables["deaths_national"].set_index(["year", "age"])["deaths"].to_xarray()
    people = people.sel(year=slice(None, last), age=list(AGES)).astype(float)
    years = [int(y) for y in people["year"].values[:-1]]
    deaths = deaths.sel(year=years, age=list(AGES)).astype(float).values
    start, end = people.values[:-1], people.values[1:]
    q = death_probability(start, end, deaths)
    profile = net_profile(start, end, q)
    rate = (profile[:, 18:51] * start[:, 18:51]).sum(1) / start[:, 18:51].sum(1)
    weight = RECENT ** np.arange(len(rate))[::-1]
    weight = weight / weight.sum()
    mean, loading, residual, centre = profile_regression(profile, rate, weight)
    level, slope, index = lee_carter(q, deaths)
    return xr.Dataset(
        {
            "national_q": (("nation_year", "age"), q),
            "national_profile": (("nation_year", "age"), profile),
            "national_rate": ("nation_year", rate),
            "national_centre": centre,
            "profile_weight": ("nation_year", weight),
            "profile_mean": ("age", mean),
            "profile_loading": ("age", loading),
            "profile_residual": (("nation_year", "age"), residual),
            "mortality_level": ("age", level),
            "mortality_slope": ("age", slope),
            "mortality_index": ("nation_year", index),
            "national_log_child_ratio": (
                "nation_year",
                np.log(end[:, 0] / start[:, 20:40].sum(1)),
            ),
        },
        coords={"nation_year": years, "age": list(AGES)},
    )


def death_probability(start: np.ndarray, end: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """Probability (year, age) that a person aged `age` on 1 January dies within the year.

    Deaths by age fall in halves to the two cohorts that have that age in the year (the sum over
    the ages 75-85 agrees with the cohorts' losses within 3 %).
    """
    rate = deaths / np.maximum((start + end) / 2, 1.0)
    following = np.concatenate([rate[:, 1:], rate[:, -1:]], axis=1)
    # 89+ is an open group, far older than 89: those of 88 go on as 87 and 88 did.
    following[:, -2] = rate[:, -2] ** 2 / np.maximum(rate[:, -3], 1e-9)
    return 1 - np.exp(-(rate + following) / 2)


def net_profile(start: np.ndarray, end: np.ndarray, q: np.ndarray) -> np.ndarray:
    """National net migration (year, age), per cent; ages 88 and 89+ share the open group's."""
    staying = start * (1 - q)
    single = 100 * (end[:, 1:AGE_MAX] - staying[:, : AGE_MAX - 1]) / start[:, : AGE_MAX - 1]
    top = 100 * (end[:, -1] - staying[:, -2:].sum(1)) / start[:, -2:].sum(1)
    return np.concatenate([single, top[:, None], top[:, None]], axis=1)


def profile_regression(
    profile: np.ndarray, rate: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Mean profile, loading (>= 0), residuals and the rate's weighted mean (D6)."""
    centre = weight @ rate
    slope = ((rate - centre) * weight) @ profile / (weight @ (rate - centre) ** 2)
    basis = age_spline(np.arange(profile.shape[1]))
    loading = np.maximum(basis @ np.linalg.pinv(basis) @ slope, 0.0)
    mean = weight @ profile
    return mean, loading, profile - mean - np.outer(rate - centre, loading), centre


def lee_carter(q: np.ndarray, deaths: np.ndarray, years: int = 25) -> tuple[np.ndarray, ...]:
    """Level and slope over age and the yearly index of log death probabilities (D7).

    The slope is the first singular vector of the last `years`, smoothed over age; the index of a
    year is the mean of log q over ages, weighted by deaths: the inverse of its sampling variance.
    """
    logs = np.log(q.clip(1e-5))
    basis = age_spline(np.arange(q.shape[1]))
    smooth = basis @ np.linalg.pinv(basis)
    weight = deaths[-years:].mean(0)
    centred = (logs[-years:] - logs[-years:].mean(0)) * np.sqrt(weight)
    first = np.linalg.svd(centred, full_matrices=False)[2][0] / np.sqrt(weight.clip(1.0))
    slope = np.maximum(smooth @ first * np.sign(weight @ first), 0.0)
    slope = slope / (weight @ slope / weight.sum())
    level = logs[-5:].mean(0)
    index = (logs - level) @ (weight * slope) / (weight @ slope**2)
    return level, slope, index


def age_spline(ages: np.ndarray) -> np.ndarray:
    """Cubic B-splines of age (age, function) with knots dense where people move."""
    knots = np.r_[[0.0] * 4, KNOTS, [float(AGE_MAX)] * 4]
    return BSpline.design_matrix(ages.astype(float), knots, 3).toarray()


def flows_by_age(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Gross flows with the age and the residents (`exposure`) of the 1 January before.

    Groups that are part of a study region (Holmestrand, Notodden-Tinn-Hjartdal) have no stock of
    their own in the tables, hence no exposure: they fall out here.
    """
    flows = tables["migration_flows"]
    flows = flows.assign(age=flows["age"] - 1)
    people = tables["population"].rename(columns={"persons": "exposure"})
    return flows.merge(people[["region", "year", "age", "exposure"]], on=["region", "year", "age"])


def gross_mobility(flows: pd.DataFrame) -> np.ndarray:
    """In- plus out-migration per resident by age, over the regions with known flows."""
    sums = flows.groupby("age")[["out_migration", "in_migration", "exposure"]].sum()
    rate = (sums["out_migration"] + sums["in_migration"]) / sums["exposure"]
    basis = age_spline(np.array(AGES))
    observed = np.log(rate.clip(lower=1e-3).to_numpy())
    return np.exp(basis @ np.linalg.lstsq(basis[sums.index], observed, rcond=None)[0])


def regional_scores(panel: xr.Dataset, study: Study) -> xr.Dataset:
    """Scores of net migration and births relative to the nation, with sampling variance (D1-D5)."""
    stock = panel["population"].transpose("region", "year", "age")
    transitions = [int(y) for y in stock["year"].values[:-1]]
    national = panel.sel(nation_year=transitions)
    now, then = stock.values[:, :-1], stock.values[:, 1:]
    score, spread, axis, squares, freedom = net_scores(now, then, national)
    births, births_spread = birth_scores(now, then, national)
    spread = np.concatenate([spread, births_spread[None]])
    for region, year in BORDER_CHANGES:
        if region in study.regions and year in transitions:
            spread[:, study.regions.index(region), transitions.index(year)] = LEFT_OUT
    shock = [float(year in study.options.shock_years) for year in transitions]
    observed = set(panel["nation_year"].values.tolist())
    return xr.Dataset(
        {
            "score": (
                ("component", "region", "transition"),
                np.concatenate([score, births[None]]),
            ),
            "score_variance": (("component", "region", "transition"), spread),
            "axis": (("component", "age"), np.vstack([axis, np.zeros(len(AGES))])),
            "shock": ("transition", shock),
            "shock_count": len(observed & set(study.options.shock_years)),
            "shock_years": len(observed),
            "cell_square_sum": squares,
            "cell_freedom": freedom,
        },
        coords={
            "transition": transitions,
            "component": [*(f"age_{k + 1}" for k in range(len(axis))), BIRTHS],
        },
    )


def net_scores(
    now: np.ndarray, then: np.ndarray, national: xr.Dataset
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Scores and variances (component, region, transition), axes, square sum and its freedom."""
    now, then = now[..., SOURCE_AGES], then[..., SOURCE_AGES + 1]
    q = national["national_q"].values[:, SOURCE_AGES]
    g = 100 * (then / now - (1 - q)) - national["national_profile"].values[:, SOURCE_AGES]
    weight = now / (100**2 * (national["mobility"].values[SOURCE_AGES] + q.mean(0)))
    basis = age_spline(SOURCE_AGES)
    precision = np.einsum("ak,rta,aj->rtkj", basis, weight, basis)
    moment = np.einsum("ak,rta,rta->rtk", basis, weight, g)
    coefficient = np.linalg.solve(precision, moment[..., None])[..., 0]
    # The median over years does not see a border change, a mean would.
    squares = np.median((weight * (g - coefficient @ basis.T) ** 2).sum(2), axis=1).sum()
    turn = principal_axes(coefficient, precision, basis)
    inverse = np.linalg.inv(turn)
    score = np.einsum("ij,rtj->irt", inverse, coefficient)
    spread = np.einsum("ij,rtjk,ik->irt", inverse, np.linalg.inv(precision), inverse)
    axis = np.pad((basis @ turn).T, ((0, 0), (0, 2)), mode="edge")
    years = now.shape[1]
    freedom = float(now.shape[0] * years * (len(SOURCE_AGES) - basis.shape[1]))
    return score, spread, axis, float(squares * years), freedom


def principal_axes(coefficient: np.ndarray, precision: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Matrix (function, component) from scores to spline coefficients.

    Components are orthonormal under the mean precision, ordered by variance, and scaled so that
    each has unit root mean square over age: scores are in per cent a year.
    """
    whiten = np.linalg.cholesky(precision.mean((0, 1)))
    white = (coefficient @ whiten).reshape(-1, basis.shape[1])
    _, axes = np.linalg.eigh(np.cov(white.T))
    turn = np.linalg.inv(whiten).T @ axes[:, ::-1]
    return turn / np.sqrt(((basis @ turn) ** 2).mean(0))


def birth_scores(
    now: np.ndarray, then: np.ndarray, national: xr.Dataset
) -> tuple[np.ndarray, np.ndarray]:
    """Ten times the log child ratio relative to the nation, and its variance (D5)."""
    born = np.maximum(then[..., 0], 1.0)
    ratio = np.log(born / now[..., 20:40].sum(-1))
    return 10 * (ratio - national["national_log_child_ratio"].values), 100 / born


def flow_counts(flows: pd.DataFrame, panel: xr.Dataset) -> xr.Dataset:
    """Out-migration counts and exposures by flow region and age group, years summed.

    The rate of the contract has no year; summing leaves lasting differences between regions in
    the age pattern to the extra scatter, where years as cells would average them away.
    """
    both = flows[flows["region"].isin(panel["region"].values) & (flows["age"] <= FLOW_AGE_LAST)]
    group = np.searchsorted(FLOW_AGES, both["age"], side="right") - 1
    both = both.assign(flow_age=np.array(FLOW_AGES)[group])
    table = both.groupby(["region", "flow_age"])[["out_migration", "exposure"]].sum().reset_index()
    regions = sorted(table["region"].unique())
    several = [float(region not in SINGLE_MUNICIPALITIES) for region in regions]
    return xr.Dataset(
        {
            "out_count": ("flow_cell", table["out_migration"].astype(int)),
            "out_exposure": ("flow_cell", table["exposure"].astype(float)),
            "out_region": ("flow_cell", [regions.index(r) for r in table["region"]]),
            "out_age": ("flow_cell", table["flow_age"].map(FLOW_AGES.index)),
            "several": ("flow_region", several),
        },
        coords={"flow_region": regions, "flow_age": list(FLOW_AGES)},
    )

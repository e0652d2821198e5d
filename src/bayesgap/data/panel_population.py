"""Panel of the population block: stocks, net-migration scores, mortality, births, gross flows.

Definitions
-----------
D1  residual[r,a,t] = P[r,a+1,t+1] - P[r,a,t] (1 - q[a,t]), q the national death probability
D2  g[r,a,t] = 100 (residual / P - G[a,t]), G the national net migration rate by age
D3  var(g) is proportional to w = 100^2 (m[a] + q[a]) / P, m the gross mobility of flow regions
D4  score[k,r,t]: generalised least squares of g on a spline of age, turned to principal axes:
    a change of coordinates that leaves the scores nearly uncorrelated
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import BSpline

from bayesgap.schema import AGE_MAX, AGES
from bayesgap.spec.study import Study

KNOTS = (17.0, 19.0, 21.0, 25.0, 31.0, 42.0, 60.0)
SOURCE_AGES = np.arange(AGE_MAX - 1)  # 0..87; 88 and 89+ meet in the open group
# A border change is no migration: (region, year) of transitions that are left out.
BORDER_CHANGES = (("Kongsbergregionen", 2019),)
WITHOUT_INNER_BORDERS = ("Horten", "Larvik", "Sandefjord", "Holmestrand")
FLOW_AGES = (0, 5, 10, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 29, 32, 36, 41, 46, 51, 61, 71)
LEFT_OUT = 1e6  # sampling variance that gives an observation no weight


def build_population_panel(tables: Mapping[str, pd.DataFrame], study: Study) -> xr.Dataset:
    """Everything that the population submodel conditions on.

    Returns
    -------
    Dataset with population (region, year, age) [person]; score, score_variance
    (component, region, transition) [per cent a year]; axis (age, component); shock (transition);
    national_rate (nation_year) [per cent]; profile_mean, profile_loading, profile_scale (age);
    mortality_level, mortality_slope (age); mortality_index (nation_year); log_child_ratio
    (region, transition); national_log_child_ratio (nation_year); flow counts and exposures
    """
    years = range(study.window.first, study.window.last + 1)
    stock = population_array(tables["population"], study.regions, years)
    nation = national_arrays(tables, study.window.last)
    panel = nation.assign(population=stock).assign_coords(target=list(study.targets))
    mobility = gross_mobility(tables)
    panel = panel.assign(mobility=("age", mobility))
    panel = panel.merge(net_scores(panel, study))
    panel["log_child_ratio"] = child_ratio(stock)
    return panel.merge(flow_counts(tables, panel))


def population_array(
    frame: pd.DataFrame, regions: tuple[str, ...], years: range
) -> xr.DataArray:
    """Residents (region, year, age) on 1 January."""
    array = frame.set_index(["region", "year", "age"])["persons"].to_xarray()
    return array.sel(region=list(regions), year=list(years), age=list(AGES)).astype(float)


def national_arrays(tables: Mapping[str, pd.DataFrame], last: int) -> xr.Dataset:
    """National death probabilities, net migration profile, Lee-Carter index and child ratio."""
    people = tables["population_national"].set_index(["year", "age"])["persons"].to_xarray()
    deaths = tables["deaths_national"].set_index(["year", "age"])["deaths"].to_xarray()
    people = people.sel(year=slice(None, last)).astype(float)
    years = [int(y) for y in people["year"].values[:-1]]
    start, end = people.sel(year=years), people.shift(year=-1).sel(year=years)
    q = death_probability(start, end, deaths.sel(year=years).astype(float))
    profile = 100 * (end.values[:, 1:AGE_MAX] / start.values[:, : AGE_MAX - 1] - (1 - q[:, :-2]))
    weight = start.values[:, 18:51]
    rate = (profile[:, 18:51] * weight).sum(1) / weight.sum(1)
    mean, loading, scale = profile_regression(profile, rate)
    level, slope, index = lee_carter(q)
    parents = start.sel(age=slice(20, 39)).sum("age").values
    return xr.Dataset(
        {
            "national_q": (("nation_year", "age"), q),
            "national_profile": (("nation_year", "age"), extended(profile)),
            "national_rate": ("nation_year", rate),
            "profile_mean": ("age", mean),
            "profile_loading": ("age", loading),
            "profile_scale": ("age", scale),
            "mortality_level": ("age", level),
            "mortality_slope": ("age", slope),
            "mortality_index": ("nation_year", index),
            "national_log_child_ratio": ("nation_year", np.log(end.values[:, 0] / parents)),
        },
        coords={"nation_year": years, "age": list(AGES)},
    )


def death_probability(start: xr.DataArray, end: xr.DataArray, deaths: xr.DataArray) -> np.ndarray:
    """Probability (year, age) that a person aged `age` on 1 January dies within the year.

    Deaths by age reached are split in halves between the two cohorts of that age.
    """
    exposure = (start.values + end.values) / 2
    rate = deaths.values / np.maximum(exposure, 1.0)
    following = np.concatenate([rate[:, 1:], rate[:, -1:]], axis=1)
    return 1 - np.exp(-(rate + following) / 2)


def extended(profile: np.ndarray) -> np.ndarray:
    """Carry the last source age on to the open ages."""
    return np.concatenate([profile, profile[..., -1:], profile[..., -1:]], axis=-1)


def profile_regression(profile: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean profile, loading (>= 0) on the national rate, residual scale, each over age."""
    centred = rate - rate.mean()
    basis = age_spline(SOURCE_AGES)
    smooth = basis @ np.linalg.pinv(basis)
    recent = profile[-15:].mean(0)
    loading = np.maximum(smooth @ (centred @ profile / (centred @ centred)), 0.0)
    mean = smooth @ (recent - loading * (rate[-15:].mean() - rate.mean()))
    residual = profile - profile.mean(0) - np.outer(centred, loading)
    return extended(mean), extended(loading), extended(np.sqrt(smooth @ residual.var(0)).clip(0.01))


def lee_carter(q: np.ndarray, years: int = 25) -> tuple[np.ndarray, ...]:
    """Level and slope over age and the yearly index of log death probabilities (Lee-Carter)."""
    recent = np.log(q[-years:].clip(1e-6))
    basis = age_spline(np.arange(q.shape[1]))
    smooth = basis @ np.linalg.pinv(basis)
    level = smooth @ recent[-5:].mean(0)
    left, values, right = np.linalg.svd(recent - recent.mean(0), full_matrices=False)
    slope = np.maximum(smooth @ right[0] * np.sign(right[0].sum()), 0.0)
    slope = slope / slope.mean()
    weights = q[-1] * slope
    index = (np.log(q.clip(1e-6)) - level) @ weights / (weights @ slope)
    return level, slope, index


def age_spline(ages: np.ndarray) -> np.ndarray:
    """Cubic B-splines of age (age, function) with knots dense where people move."""
    knots = np.r_[[0.0] * 4, KNOTS, [float(AGE_MAX)] * 4]
    return BSpline.design_matrix(ages.astype(float), knots, 3).toarray()


def gross_mobility(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """In- plus out-migration per resident by age, over the regions with known flows."""
    flows = tables["migration_flows"]
    people = tables["population"].rename(columns={"persons": "exposure"})
    both = flows.merge(people[["region", "year", "age", "exposure"]], on=["region", "year", "age"])
    sums = both.groupby("age")[["out_migration", "in_migration", "exposure"]].sum()
    rate = (sums["out_migration"] + sums["in_migration"]) / sums["exposure"]
    basis = age_spline(np.array(AGES))
    smooth = basis @ np.linalg.lstsq(
        basis[sums.index], np.log(rate.clip(lower=1e-3).to_numpy()), rcond=None
    )[0]
    return np.exp(smooth)


def net_scores(panel: xr.Dataset, study: Study) -> xr.Dataset:
    """Scores of net migration relative to the nation, and their sampling variance (D1-D4)."""
    stock = panel["population"]
    transitions = [int(y) for y in stock["year"].values[:-1]]
    q = panel["national_q"].sel(nation_year=transitions).values[:, SOURCE_AGES]
    nation = panel["national_profile"].sel(nation_year=transitions).values[:, SOURCE_AGES]
    now = stock.values[:, :-1][:, :, SOURCE_AGES]
    then = stock.values[:, 1:][:, :, SOURCE_AGES + 1]
    g = 100 * (then / now - (1 - q)) - nation
    noise = panel["mobility"].values[SOURCE_AGES] + q.mean(0)
    weight = now / (100**2 * noise)
    basis = age_spline(SOURCE_AGES)
    precision = np.einsum("ak,rta,aj->rtkj", basis, weight, basis)
    coefficient = np.linalg.solve(
        precision, np.einsum("ak,rta,rta->rtk", basis, weight, g)[..., None]
    )[..., 0]
    residual = g - coefficient @ basis.T
    turn = principal_axes(coefficient, precision, basis)
    score = coefficient @ np.linalg.inv(turn).T
    inverse = np.linalg.inv(turn)
    spread = np.einsum("ij,rtjk,ik->rti", inverse, np.linalg.inv(precision), inverse)
    for region, year in BORDER_CHANGES:
        if region in study.regions and year in transitions:
            spread[study.regions.index(region), transitions.index(year)] = LEFT_OUT
            residual[study.regions.index(region), transitions.index(year)] = 0.0
    dims = ("region", "transition", "component")
    shock = [float(year in study.options.shock_years) for year in transitions]
    return xr.Dataset(
        {
            "score": (dims, score),
            "score_variance": (dims, spread),
            "axis": (("age", "component"), extended((basis @ turn).T).T),
            "shock": ("transition", shock),
            "cell_square_sum": float((weight * residual**2).sum()),
            "cell_freedom": float(residual.size - coefficient.size),
        },
        coords={"transition": transitions, "component": np.arange(basis.shape[1])},
    )


def principal_axes(
    coefficient: np.ndarray, precision: np.ndarray, basis: np.ndarray
) -> np.ndarray:
    """Matrix (function, component) from scores to spline coefficients.

    Components are orthonormal under the mean precision, ordered by variance, and scaled so that
    each has unit root mean square over ages 15-66: scores are in per cent a year.
    """
    whiten = np.linalg.cholesky(precision.mean((0, 1)))
    white = (coefficient @ whiten).reshape(-1, basis.shape[1])
    _, axes = np.linalg.eigh(np.cov(white.T))
    turn = np.linalg.inv(whiten).T @ axes[:, ::-1]
    size = np.sqrt(((basis[15:67] @ turn) ** 2).mean(0))
    return turn / size


def child_ratio(stock: xr.DataArray) -> xr.DataArray:
    """Log of persons aged 0 per person aged 20-39 a year before (region, transition)."""
    born = stock.sel(age=0, drop=True).shift(year=-1).isel(year=slice(None, -1))
    parents = stock.sel(age=slice(20, 39)).sum("age").isel(year=slice(None, -1))
    return np.log(born / parents).rename(year="transition")


def flow_counts(tables: Mapping[str, pd.DataFrame], panel: xr.Dataset) -> xr.Dataset:
    """Out-migration counts and exposures by flow region and age group, years summed.

    Flow groups that are part of a study region (Holmestrand, Notodden-Tinn-Hjartdal) have no
    stock of their own in the tables, hence no exposure: only regions with a stock enter.
    """
    flows = tables["migration_flows"]
    people = tables["population"].rename(columns={"persons": "exposure"})
    both = flows.merge(people[["region", "year", "age", "exposure"]], on=["region", "year", "age"])
    both = both[both["region"].isin(panel["region"].values) & (both["age"] <= 70)]
    group = np.searchsorted(FLOW_AGES, both["age"], side="right") - 1
    both = both.assign(flow_age=np.array(FLOW_AGES)[group])
    sums = both.groupby(["region", "flow_age"])[["out_migration", "exposure"]].sum()
    table = sums.reset_index()
    regions = sorted(table["region"].unique())
    return xr.Dataset(
        {
            "out_count": ("flow_cell", table["out_migration"].astype(float)),
            "out_exposure": ("flow_cell", table["exposure"].astype(float)),
            "out_region": ("flow_cell", [regions.index(r) for r in table["region"]]),
            "out_age": ("flow_cell", table["flow_age"].map(FLOW_AGES.index)),
            "inner_borders": (
                "flow_region",
                [float(r not in WITHOUT_INNER_BORDERS) for r in regions],
            ),
        },
        coords={"flow_region": regions, "flow_age": list(FLOW_AGES)},
    )

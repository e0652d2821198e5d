"""Scenarios for a synthetic run: plans, effects on its draws, and their place in the folder."""

import numpy as np
import xarray as xr
from scenario_world import measure

from bayesgap.present.summary import summarise_scenario
from bayesgap.runs import scenarios as scenario_store
from bayesgap.runs.run import Run
from bayesgap.study.scenario_files import Plan
from bayesgap.study.study import Study

MEASURES = ("less_exclusion", "growth")


def plan(name: str = "less_exclusion") -> Plan:
    """Two measures under one name."""
    return Plan(name, "Fewer outside", tuple(measure("outside", m) for m in MEASURES))


def with_total(effect: xr.DataArray) -> xr.DataArray:
    """Effect whose last region is the sum of the others, as in a run."""
    parts = effect.isel(region=slice(0, -1))
    total = parts.sum("region").expand_dims(region=effect["region"].to_numpy()[-1:])
    return xr.concat([parts, total], "region").transpose(*effect.dims)


def effect_on(main: xr.Dataset, scale: float = 300.0) -> xr.Dataset:
    """An effect that brings supply up and some jobs, growing over the years, none at first."""
    rng = np.random.default_rng(11)
    path = np.linspace(0, 1, main.sizes["year"] - 1)
    years = main["year"].to_numpy()[:-1]
    growing = xr.DataArray(path.astype(np.float32), {"year": years}, ("year",))
    size = xr.DataArray(
        rng.gamma(4, scale / 4, (4, 300)).astype(np.float32), dims=("chain", "draw")
    )
    share = main["supply"].sel(year=years) / main["supply"].sel(year=years).sum("education")
    more = with_total((size * growing * share).astype(np.float32))
    jobs = xr.zeros_like(main["employment"].sel(year=years)).isel(sector=[0])
    jobs = with_total(jobs + size * growing * 0.25).assign_coords(sector=["health_industry"])
    effect = xr.Dataset(
        {
            "supply": more,
            "demand": more * 0.25,
            "labour_force": more,
            "employment": xr.concat(
                [xr.zeros_like(main["employment"].sel(year=years)), jobs], "sector"
            ),
        }
    )
    gap = (effect["demand"] - effect["supply"]).isel(year=-1, drop=True)
    parts = xr.concat([0.7 * gap, 0.3 * gap], xr.Variable("measure", list(MEASURES)))
    effect["contribution"] = parts
    taken = (size * growing).expand_dims(place=["A", "rest_of_norway"])
    effect["moved"] = taken * xr.DataArray([1.0, -1.0], dims="place")
    return effect.transpose("chain", "draw", ...).drop_vars(["level", "field"], errors="ignore")


def add(run: Run, wanted: Plan, study: Study, scale: float = 300.0) -> None:
    main = run.outlook
    effect = effect_on(main, scale)
    for part in (slice(0, 200), slice(200, 300)):
        scenario_store.append_effect(run, wanted, effect.isel(draw=part))
    found = scenario_store.unfinished_effect(run, wanted)
    rows = summarise_scenario(main, found, study, run.id, wanted.name)
    scenario_store.finish_scenario(run, wanted, rows)
    scenario_store.join_summary(run)

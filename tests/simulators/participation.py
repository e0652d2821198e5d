"""Participation of made-up regions: a nation with a break in its register, and regions about it."""

import numpy as np
import xarray as xr

LEVELS = ["primary", "upper_secondary", "higher_vocational", "bachelor", "master"]
WARM_UP = 200
FIRST_NATION, FIRST_REGION, LAST_BEFORE_BREAK = 2008, 2017, 2014
TRUTH = {
    "national_mean": 0.1,
    "national_persistence": 0.8,
    "national_innovation": 0.04,
    "cycle_part": 0.6,
    "break_step": 0.05,
    "region_scale": 0.15,
    "region_persistence": 0.8,
    "region_innovation": 0.03,
    "region_size": 0.2,
}


def survey(rng: np.random.Generator) -> dict:
    """Rows of a survey of all levels at 25-44 and of one year's unemployment, both made up."""
    weight = np.zeros((1, 1, 60))
    weight[..., 10:30] = 1 / 20
    zeros, levels = np.zeros(5, dtype=int), np.arange(5)
    rows = {
        "survey": rng.normal(np.linspace(1.0, 3.0, 5), 0.1),
        "survey_band": zeros,
        "idle": rng.normal([-2.8, -3.4, -3.6, -3.8, -3.9], 0.1),
    }
    for name in ("survey", "idle"):
        rows |= {f"{name}_sd": np.full(5, 0.1), f"{name}_definition_sd": np.full(5, 0.1)}
        rows |= {f"{name}_source": zeros, f"{name}_level": levels, f"{name}_time": zeros}
    out: dict = {name: (f"{name.split('_')[0]}_row", value) for name, value in rows.items()}
    out["survey_year"] = ("survey_times", [2020])
    out["survey_weight"] = (("survey_times", "survey_bands", "age"), weight)
    return out


def simulate(
    truth: dict, rng: np.random.Generator, regions: int = 15, years: int = 6, nation_years: int = 16
):
    """Panel of shifts of the log-odds, and everything that was drawn on the way."""
    nation, cycle, away = [], [], 0.0
    part = truth["cycle_part"]
    for t in range(-WARM_UP, nation_years):
        swing = rng.standard_normal()
        shock = part * swing + np.sqrt(1 - part**2) * rng.standard_t(4)
        away = truth["national_persistence"] * away + truth["national_innovation"] * shock
        if t >= 0:
            old = FIRST_NATION + t <= LAST_BEFORE_BREAK
            nation.append(truth["national_mean"] + away - truth["break_step"] * old)
            cycle.append(swing)
    size = np.linspace(-1.5, 1.5, regions)
    shift = np.zeros((regions, years))
    for r in range(regions):
        effect = rng.normal(0.0, truth["region_scale"])
        rho = truth["region_persistence"]
        sigma = truth["region_innovation"] * np.exp(-truth["region_size"] * size[r])
        away = rng.normal(0.0, sigma / np.sqrt(1 - rho**2))
        for t in range(years):
            shift[r, t] = nation[FIRST_REGION - FIRST_NATION + t] + effect + away
            away = rho * away + rng.normal(0.0, sigma)
    known = [FIRST_NATION + t for t in range(nation_years)]
    names = [f"R{i}" for i in range(regions)]
    ages = np.arange(15, 75)
    panel = xr.Dataset(
        {
            "shift": (("region", "stock_year"), shift),
            "national_shift": ("nation_year", nation),
            "cycle": ("cycle_year", cycle),
            "size": ("region", size),
            "before_break": ("nation_year", [float(y <= LAST_BEFORE_BREAK) for y in known]),
            "nation_rate": 0.68,
            "base_year": known[-1],
            "nation_cells": (("age", "level"), np.full((60, 5), 1 / 300)),
            "study_age": ("study_band", [16.5, 21.0, 30.0]),
            "asked": ("study_band", [200, 300, 500]),
            "studying": ("study_band", [110, 50, 15]),
            **survey(rng),
        },
        coords={
            "region": names,
            "stock_year": [FIRST_REGION + t for t in range(years)],
            "nation_year": known,
            "cycle_year": known,
            "age": ages,
            "level": LEVELS,
            "target": names[:4],
        },
    )
    return panel, dict(truth)

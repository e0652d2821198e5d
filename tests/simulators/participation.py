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
    hump = 2.0 - ((ages - 42) / 14.0) ** 2
    panel = xr.Dataset(
        {
            "shift": (("region", "stock_year"), shift),
            "national_shift": ("nation_year", nation),
            "cycle": ("cycle_year", cycle),
            "size": ("region", size),
            "before_break": ("nation_year", [float(y <= LAST_BEFORE_BREAK) for y in known]),
            "profile": (("age", "level"), hump[:, None] + np.linspace(-0.5, 0.5, 5)),
            "profile_sd": (("age", "level"), np.full((60, 5), 0.2)),
            "study_share": ("age", np.clip(0.7 - (ages - 15) * 0.05, 0.0, 1.0)),
            "study_sd": 0.3,
            "unemployment": ("level", [-2.8, -3.4, -3.6, -3.8, -3.9]),
            "unemployment_sd": ("level", np.full(5, 0.25)),
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

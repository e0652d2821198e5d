"""Yearly changes of levels in made-up places: a national pace, places about it, heavy tails."""

import numpy as np
import xarray as xr

MOVING = ["primary", "higher_vocational", "bachelor", "master"]
SECTORS = ["41-43", "85", "86-88"]
EDUCATION = ["primary", "upper_secondary:general", "bachelor:teaching", "master:teaching"]
TRUTH = {
    "change_mean": [-0.025, 0.02, 0.025, 0.045],
    "change_region": 0.008,
    "change_scale": [0.01, 0.03, 0.008, 0.012],
}


def simulate(truth: dict, rng: np.random.Generator, places: int = 6, years: int = 8):
    """Panel of changes in log odds against upper secondary, and everything drawn on the way."""
    lean = rng.standard_normal((places, len(MOVING)))
    change = np.zeros((places, years, len(MOVING)))
    for c in range(places):
        for m in range(len(MOVING)):
            pace = truth["change_mean"][m] + truth["change_region"] * lean[c, m]
            for t in range(years):
                change[c, t, m] = pace + truth["change_scale"][m] * rng.standard_t(4)
    mix = rng.dirichlet(np.full(len(EDUCATION), 3.0), len(SECTORS))
    panel = xr.Dataset(
        {
            "change": (("place", "change_year", "moving"), change),
            "mix_log": (("sector", "education"), np.log(mix)),
            "mix_sd": (("sector", "education"), np.full(mix.shape, 0.15)),
        },
        coords={
            "place": [f"P{i}" for i in range(places)],
            "change_year": [2017 + t for t in range(years)],
            "moving": MOVING,
            "sector": SECTORS,
            "education": EDUCATION,
            "target": [f"R{i}" for i in range(4)],
        },
    )
    return panel, {**truth, "z_place": lean}

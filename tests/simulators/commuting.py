"""Commuting of made-up regions: means, and paths of their own and in common that fade."""

import numpy as np
import xarray as xr

LEVELS = ["primary", "upper_secondary", "higher_vocational", "bachelor", "master"]
WARM_UP = 200  # years before the first observed one, so that the start is that of a long history
TRUTH = {
    "out_mean": -0.7,
    "out_region": 0.8,
    "in_mean": -1.4,
    "in_region": 0.7,
    "persistence": [0.85, 0.75],
    "innovation": [0.04, 0.06],
    "common": [0.02, 0.03],
    "size": [0.2, 0.3],
}


def simulate(truth: dict, rng: np.random.Generator, regions: int = 15, years: int = 6):
    """Panel of observed shares, and everything that was drawn on the way."""
    names = [f"R{i}" for i in range(regions)]
    drawn = dict(truth)
    paths = {}
    size = np.linspace(-1.5, 1.5, regions)  # logs of persons over their mean
    for d, name in enumerate(("out", "in")):
        rho = truth["persistence"][d]
        effect = [rng.normal(truth[f"{name}_mean"], truth[f"{name}_region"]) for _ in names]
        own = [truth["innovation"][d] * np.exp(-truth["size"][d] * size[r]) for r in range(regions)]
        path, together, away = np.zeros((regions, years)), 0.0, np.zeros(regions)
        for t in range(-WARM_UP, years):
            together = rho * together + rng.normal(0.0, truth["common"][d])
            for r in range(regions):
                away[r] = rho * away[r] + rng.normal(0.0, own[r])
                if t >= 0:
                    path[r, t] = effect[r] + together + away[r]
        paths[name] = path
    weight = rng.dirichlet(np.full(len(LEVELS), 5.0), regions)
    panel = xr.Dataset(
        {
            "out_logit": (("region", "stock_year"), paths["out"]),
            "in_log": (("region", "stock_year"), paths["in"]),
            "level_weight": (("region", "level"), weight),
            "size": ("region", size),
            "printed": ("figure", [-0.7, -0.1, 0.6]),
            "printed_sd": ("figure", np.full(3, 0.02)),
            "printed_target": ("figure", np.zeros(3, dtype=int)),
            "printed_direction": ("figure", np.zeros(3, dtype=int)),
            "printed_level": ("figure", [1, 3, 4]),
            "printed_group": ("figure", np.zeros(3, dtype=int)),
        },
        coords={
            "region": names,
            "stock_year": [2017 + t for t in range(years)],
            "level": LEVELS,
            "target": names[:4],
        },
    )
    return panel, drawn

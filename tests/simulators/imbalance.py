"""A made-up employer survey: a total with an error, and a count of shortages by education."""

import numpy as np
import xarray as xr

GROUPS = 21
TRUTH = {"total": 7.2, "survey_error": 0.15, "coverage": 0.15}


def simulate(truth: dict, rng: np.random.Generator, counted: int = 90):
    """Panel of one survey, and everything that was drawn on the way."""
    share = rng.dirichlet(np.full(GROUPS, 0.5))
    panel = xr.Dataset(
        {
            "log_unfilled": rng.normal(truth["total"] - truth["coverage"], truth["survey_error"]),
            "count": ("education", rng.multinomial(counted, share).astype(float)),
            "region_share": ("target", [0.56, 0.19, 0.17, 0.08]),
        },
        coords={
            "education": [f"E{i}" for i in range(GROUPS)],
            "target": [f"R{i}" for i in range(4)],
        },
    )
    return panel, {**truth, "share": share}

"""Imbalance: a survey's total with an error, and a count of shortages by education (U1, U3)."""

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, truth_of
from bayesgap.study.priors import BlockPriors

EACH = 0.5


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth, the log of the survey's total, and counts (education)."""
    truth = truth_of(priors, rng, {})
    truth["share"] = rng.dirichlet(np.full(panel.sizes["education"], EACH))
    counted = round(float(panel["count"].sum()))
    data = {
        "survey_observed": rng.normal(truth["total"] - truth["coverage"], truth["survey_error"]),
        "count_observed": rng.multinomial(counted, truth["share"]).astype(float),
    }
    return Simulated(truth, data)

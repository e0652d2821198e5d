"""Imbalance: a survey's total and counts, and vacancies by month, from drawn truths (U1-U4)."""

from typing import Any

import numpy as np
import xarray as xr

from bayesgap.inference.truths import Simulated, Truth, truth_of
from bayesgap.study.priors import BlockPriors


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    """Truth, the survey's total and counts (occupation), vacancies (month, group) if there are."""
    truth = truth_of(priors, rng, {})
    group = panel["group_of"].values
    truth["need"] = truth["need_scale"] * rng.standard_normal(len(group))
    for name in ("lean", "discrepancy"):
        truth[name] = truth[f"{name}_scale"] * rng.standard_normal(panel.sizes["group"])
    truth["region_lean"] = truth["region_error"] * rng.standard_normal(panel.sizes["target"])
    jobs = np.exp(panel["log_jobs"].values + truth["need"])
    inside = truth["total"] - truth["coverage"]
    data: dict[str, Any] = {
        "log_unfilled_observed": rng.normal(inside, truth["survey_error"]),
        "survey_nation_observed": surveyed(jobs, panel["survey_nation"].values, rng),
        "survey_county_observed": surveyed(
            jobs * np.exp(truth["lean"][group]), panel["survey_county"].values, rng
        ),
    }
    if panel.sizes["month_nation"]:
        data |= advertised(truth, jobs, panel, rng)
    return Simulated(truth, data)


def surveyed(jobs: np.ndarray, seen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many steps as were seen, over occupations in proportion to jobs."""
    return rng.multinomial(int(seen.sum()), jobs / jobs.sum())


def advertised(
    truth: Truth, jobs: np.ndarray, panel: xr.Dataset, rng: np.random.Generator
) -> dict[str, Any]:
    """The totals and the monthly counts of vacancies."""
    groups = np.zeros(panel.sizes["group"])
    np.add.at(groups, panel["group_of"].values, jobs)
    groups = groups * np.exp(truth["discrepancy"])
    out: dict[str, Any] = {
        "advertised_ratio_observed": rng.normal(truth["advertised"], truth["change"])
    }
    if panel.sizes["month_county"]:
        mean = truth["total"] - truth["coverage"] + truth["advertised"]
        out["log_vacancies_county_observed"] = rng.normal(mean, truth["county_error"])
    for place, own in (("nation", groups), ("county", groups * np.exp(truth["lean"]))):
        seen = panel[f"vacancies_{place}"].values
        if len(seen):
            alpha = truth[f"months_{place}"] * own / own.sum()
            out[f"vacancies_{place}_observed"] = np.array(
                [rng.multinomial(int(n), rng.dirichlet(alpha)) for n in seen.sum(1)]
            )
    return out

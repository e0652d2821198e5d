"""A made-up survey and made-up vacancies: totals with an error, counts by occupation and month."""

import numpy as np
import xarray as xr

GROUPS, OCCUPATIONS, PLACES = 21, 6, 3
TRUTH = {"total": 7.2, "survey_error": 0.15, "coverage": 0.15, "advertised": 0.1}


def simulate(truth: dict, rng: np.random.Generator, counted: int = 90, months: int = 8):
    """Panel of one survey and `months` of vacancies, and everything drawn on the way."""
    asked = rng.dirichlet(np.full(GROUPS, 0.5), OCCUPATIONS)
    group_of = np.arange(OCCUPATIONS) % PLACES
    jobs = rng.dirichlet(np.full(OCCUPATIONS, 5.0))
    need = rng.normal(0.0, 0.5, OCCUPATIONS)
    discrepancy = rng.normal(0.0, 0.5, PLACES)
    short = jobs * np.exp(need)
    groups = np.bincount(group_of, weights=short) * np.exp(discrepancy)
    vacancies = rng.multinomial(1000, groups / groups.sum(), months).astype(float)
    told = truth["total"] - truth["coverage"]
    panel = xr.Dataset(
        {
            "log_unfilled": rng.normal(told, truth["survey_error"]),
            "survey_nation": (
                "occupation",
                rng.multinomial(5 * counted, short / short.sum()) * 1.0,
            ),
            "survey_county": ("occupation", rng.multinomial(counted, short / short.sum()) * 1.0),
            "vacancies_nation": (("month_nation", "group"), 20 * vacancies),
            "vacancies_county": (("month_county", "group"), vacancies),
            "log_vacancies_county": told + truth["advertised"],
            "advertised_ratio": truth["advertised"],
            "asked": (("occupation", "education"), asked),
            "asked_count": ("occupation", np.full(OCCUPATIONS, 200.0)),
            "log_jobs": ("occupation", np.log(jobs)),
            "group_of": ("occupation", group_of),
            "region_share": ("target", [0.56, 0.19, 0.17, 0.08]),
        },
        coords={
            "education": [f"E{i}" for i in range(GROUPS)],
            "occupation": [f"O{i}" for i in range(OCCUPATIONS)],
            "group": [f"G{i}" for i in range(PLACES)],
            "target": [f"R{i}" for i in range(4)],
        },
    )
    return panel, {**truth, "need": need, "discrepancy": discrepancy}

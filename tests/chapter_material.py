"""Material of the chapters without a model: small draws with the real names and tables."""

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.outlook import AGE_BANDS
from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.levers import BALANCED, GROWTH, RECOMMENDATIONS
from bayesgap.published_study.survey_model import groups
from bayesgap.published_study.survey_panel import build_survey_panel
from bayesgap.study.chapters import chapter_priors
from bayesgap.study.study import Study

SHAPE = (2, 40)
YEARS = list(range(2024, 2041))
LEVERS = {name for r in RECOMMENDATIONS for name in r.levers}
SCENARIOS = (*sorted(LEVERS | {"ict_growth", "health_industry"}), GROWTH, BALANCED)
DIMS = ("chain", "draw", "region", "year")


def _draws(rng: np.random.Generator, study: Study, size: float, dim: str, names: list[str]):
    shape = (*SHAPE, len(study.targets), len(YEARS), len(names))
    values = size / len(names) * np.exp(0.1 * rng.standard_normal(shape))
    coords = {"region": list(study.targets), "year": YEARS, dim: names}
    array = xr.DataArray(values, dims=(*DIMS, dim), coords=coords)
    total = array.sum("region").expand_dims(region=[study.total])
    return xr.concat([array, total], "region")


def _outlook(rng: np.random.Generator, study: Study) -> xr.Dataset:
    education, sectors = list(schema.EDUCATION), list(schema.SECTORS)
    sizes = {"supply": 8e4, "demand": 9e4, "labour_force": 9e4, "employed_residence": 8.8e4}
    sizes |= {"out_commuters": 3e4, "in_commuters": 2e4}
    values = {n: _draws(rng, study, size, "education", education) for n, size in sizes.items()}
    values["gap"] = values["demand"] - values["supply"]
    values["employment"] = _draws(rng, study, 8e4, "sector", sectors)
    values["population"] = _draws(rng, study, 1e6, "age_band", list(AGE_BANDS))
    values["outside"] = _draws(rng, study, 2e4, "one", ["x"]).isel(one=0, drop=True)
    values["working_age"] = _draws(rng, study, 1e5, "one", ["x"]).isel(one=0, drop=True)
    return xr.Dataset(values).assign_coords(schema.education_index())


def _base(rng: np.random.Generator, study: Study) -> xr.Dataset:
    coords = {"sector": list(schema.SECTORS), "education": list(schema.EDUCATION)}
    filled = rng.gamma(2.0, 100.0, (*SHAPE, 4, 16, 21))
    dims = ("chain", "draw", "region", "sector", "education")
    jobs = xr.DataArray(filled, dims=dims, coords={**coords, "region": list(study.targets)})
    base = xr.Dataset({"filled": jobs, "unfilled": 0.02 * jobs.sum("sector")})
    total = base.sum("region").expand_dims(region=[study.total])
    mix = jobs.sum("region")
    return xr.concat([base, total], "region").assign(mix=mix / mix.sum("education"))


def _survey(rng: np.random.Generator, panel: xr.Dataset) -> xr.Dataset:
    shares = {}
    for name, _, questions, answers in groups(panel):
        coords = {
            f"q_{name}": panel["question"].to_numpy()[questions],
            "region": panel["region"].to_numpy(),
            f"a_{name}": np.arange(1, answers + 1),
        }
        drawn = rng.dirichlet(np.ones(answers), (*SHAPE, len(questions), 4))
        shares[f"share_{name}"] = xr.DataArray(
            drawn, dims=("chain", "draw", *coords), coords=coords
        )
    return xr.Dataset(shares)


def _effects(rng: np.random.Generator, study: Study, outlook: xr.Dataset) -> dict[str, xr.Dataset]:
    plain = outlook[["supply", "demand", "gap", "labour_force", "employment"]]
    overlay = plain["employment"].isel(sector=[0]).assign_coords(sector=["health_industry"]) * 0
    found = {}
    for name in SCENARIOS:
        effect = 0.01 * rng.uniform(0.5, 1.5) * plain
        jobs = xr.concat([effect["employment"], overlay + 100.0], "sector")
        effect = effect.drop_vars(["employment", "sector"]).assign(employment=jobs)
        found[name] = effect.assign(gap=effect["demand"] - effect["supply"])
    return found


def make(study: Study, tables: dict[str, pd.DataFrame], seed: int = 11) -> ChapterInputs:
    """Material with every scenario."""
    rng = np.random.default_rng(seed)
    outlook = _outlook(rng, study)
    panel = build_survey_panel(tables, study.targets)
    return ChapterInputs(
        study,
        tables,
        outlook,
        _base(rng, study),
        _survey(rng, panel),
        panel,
        chapter_priors(),
        _effects(rng, study, outlook),
    )

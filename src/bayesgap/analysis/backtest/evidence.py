"""What results of a backtest depend on, so that evidence ages: code and priors, then data.

Forecasts are those of the fast form, but for the six levels: a change of the sampled form, of
another block or of a report leaves the rest of the evidence valid.
"""

import hashlib
from collections.abc import Mapping

import pandas as pd
import xarray as xr

from bayesgap.analysis.blocks import block_priors
from bayesgap.analysis.versions import code_version, provenance_now
from bayesgap.data.tables import frames_hash
from bayesgap.spec.study import Study

EDUCATION = (
    "data/panel_education.py",
    "submodels/education_cells.py",
    "submodels/education_forecast.py",
    "submodels/education_law.py",
    "submodels/education_stocks.py",
    "submodels/parts.py",
    "submodels/stocks_forecast.py",
)
PRIORS_OF = {"six_levels": "education"}
FORECASTS = {
    "population": (
        "analysis/backtest/country.py",
        "analysis/backtest/population.py",
        "data/panel_population.py",
        "data/realdata.py",
        "project/population.py",
        "submodels/laplace.py",
        "submodels/parts.py",
        "submodels/population_fast.py",
        "submodels/population_forecast.py",
        "submodels/population_kernel.py",
        "submodels/population_laws.py",
    ),
    "education": (
        *EDUCATION,
        "analysis/backtest/education.py",
        "analysis/backtest/levels.py",
        "data/realdata_education.py",
        "submodels/laplace.py",
        "submodels/pooled_gibbs.py",
        "submodels/stocks_fast.py",
    ),
    "six_levels": (
        *EDUCATION,
        "analysis/backtest/education.py",
        "analysis/backtest/levels.py",
        "analysis/backtest/six_levels.py",
        "data/cut.py",
        "submodels/coordinates.py",
        "submodels/education.py",
        "submodels/education_directions.py",
        "submodels/fit.py",
        "submodels/residents_forecast.py",
    ),
    "sectors": (
        "analysis/backtest/sectors.py",
        "data/panel_sectors.py",
        "data/panel_sectors_regions.py",
        "submodels/laplace.py",
        "submodels/parts.py",
        "submodels/sectors.py",
        "submodels/areas_fast.py",
    ),
}
BASELINES = (
    "analysis/backtest/baselines.py",
    "analysis/backtest/population_baselines.py",
    "data/realdata.py",
)


def evidence_version(block: str, study: Study) -> str:
    """Changes with whatever could change a forecast of `block`."""
    return code_version(FORECASTS[block], block_priors(study, PRIORS_OF.get(block, block)))


def baselines_version() -> str:
    """Changes with whatever could change a point forecast of a baseline."""
    return code_version(BASELINES, {})


def data_version(people: xr.DataArray, tables: Mapping[str, pd.DataFrame]) -> str:
    """Eight characters that change with the data that forecasts and outcomes are taken from."""
    return hashlib.sha256(people.values.tobytes() + frames_hash(tables).encode()).hexdigest()[:8]


def about(study: Study, cases: pd.DataFrame, data: str) -> dict[str, object]:
    """What the evidence is: date, version, seed, machine, sizes, and what it depends on."""
    cases = cases[cases["block"] == "population"]
    first, last = cases["origin"].min(), (cases["origin"] + cases["horizon"]).max()
    return {
        **provenance_now(study.seed),
        "regions": int(cases["region"].nunique()),
        "origins": f"{cases['origin'].nunique()} ({first}-{cases['origin'].max()})",
        "origins that share no year, at five years": int((last - first) // 5),
        "origins that share no year, at ten years": int((last - first) // 10),
        **{f"version of {b}": evidence_version(b, study) for b in FORECASTS},
        "version of baselines": baselines_version(),
        "version of data": data,
    }

"""What results of a backtest depend on, so that evidence ages: code and priors, then data.

Forecasts are those of the fast form, but for the six levels: a change of the sampled form, of
another block or of a report leaves the rest of the evidence valid.
"""

import hashlib
from collections.abc import Mapping

import pandas as pd
import xarray as xr

from bayesgap.data.tables import frames_hash
from bayesgap.health.versions import code_version, provenance_now
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

PRIORS_OF = {"six_levels": "education"}
FORECASTS = ("population", "education", "six_levels", "sectors")  # modules beside this one
BASELINES = ("validation.backtest.baselines", "validation.backtest.population_baselines")


def evidence_version(block: str, study: Study) -> str:
    """Changes with whatever could change a forecast of `block`."""
    priors = block_priors(study, PRIORS_OF.get(block, block))
    return code_version((f"validation.backtest.{block}",), priors)


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

"""What results of a backtest depend on: sources and priors of one block, so that evidence ages.

A change of another block, or of a report, leaves the evidence of this one valid.
"""

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

import bayesgap
from bayesgap.spec.study import Study

SOURCES = {
    "population": (
        "submodels/population.py",
        "submodels/population_fast.py",
        "submodels/population_forecast.py",
        "submodels/population_laws.py",
        "submodels/laplace.py",
        "data/panel_population.py",
        "project/population.py",
        "analysis/backtest/population.py",
        "analysis/backtest/country.py",
    )
}


def block_hash(block: str, study: Study) -> str:
    """SHA-256 of the code that makes the forecasts of `block`, and of its priors and options."""
    root = Path(bayesgap.__file__).parent
    digest = hashlib.sha256()
    for name in SOURCES[block]:
        digest.update(name.encode() + (root / name).read_bytes())
    for name, spec in sorted(study.priors[block].items()):
        digest.update(f"{name} {spec.dist} {sorted(spec.params().items())}".encode())
    digest.update(study.options.model_dump_json().encode())
    return digest.hexdigest()


def about(study: Study, cases: pd.DataFrame) -> dict[str, object]:
    """What the evidence is: date, version, seed, machine, sizes, and the hash of each block."""
    independent = 1 + (cases["origin"].max() - cases["origin"].min()) // 5
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "version": version("bayesgap"),
        "seed": study.seed,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "origins": f"{cases['origin'].nunique()} ({cases['origin'].min()}-{cases['origin'].max()})",
        "origins that share no year (5 years ahead)": int(independent),
        "regions": int(cases["region"].nunique()),
        **{f"hash {block}": block_hash(block, study) for block in SOURCES},
    }

"""Seconds per simulation of `bayesgap validate sbc` beside `simuk` on the same models.

    ./dev --with simuk==0.3.0 python scripts/simuk_times.py --simulations 10 --out docs/results

Both fit a block of the default study, without what no data inform, with the chain, draws and tuning
of `validate sbc`. Made-up data come from the model's own prior predictive draws where it has
observed variables, else from our simulator. What `simuk` cannot do is kept with its own words.
"""

import argparse
import importlib
import logging
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr
from datetime import UTC, datetime
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import simuk  # pyright: ignore[reportMissingImports]  # not a dependency: --with brings it
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.data.tables import read_tables
from bayesgap.health.replicas import Held
from bayesgap.study.blocks import block_priors
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Study, load_study
from bayesgap.validation.calibration.simulation import SAMPLING, one_simulation

SAMPLE = {
    "chains": SAMPLING.chains,
    "cores": 1,
    "draws": SAMPLING.draws * SAMPLING.thin,
    "tune": SAMPLING.tune,
    "target_accept": SAMPLING.target_accept,
}


def spent() -> np.ndarray:
    """Seconds of the clock, and of processors here and in processes that have ended."""
    times = os.times()
    return np.array([time.monotonic(), sum(times[:4])])


def timed(what: Callable[[], Any]) -> tuple[float, float, str]:
    """Seconds of the clock and of processors, and what went wrong."""
    begun, problem = spent(), ""
    try:
        what()
    except Exception as error:  # whatever the library says is the finding
        problem = " ".join(str(error).split())[:300]
    clock, processors = spent() - begun
    return float(clock), float(processors), problem


def with_simuk(block: str, panel: xr.Dataset, study: Study, sampler: str, number: int) -> None:
    """All simulations of a block by `simuk`."""
    fit = importlib.import_module("bayesgap.inference.fit")
    priors = block_priors(study, block)
    model = block_of(block).law().build(panel, priors, study.options)
    model = fit.drop_variables(model, fit.prior_only_variables(model))
    law = block_of(block)

    def made_up(seed: int, **truth: Any) -> dict[str, Any]:
        held = {name: Held(truth.get(name, 0.0)) for name in priors}
        return law.simulate(held, panel, np.random.default_rng(seed)).data

    own = None if model.observed_RVs and not model.potentials else made_up
    kwargs = SAMPLE | {"nuts_sampler": sampler}
    test = simuk.SBC(
        model,
        num_simulations=number,
        sample_kwargs=kwargs,
        seed=study.seed,
        simulator=own,
        keep_fits=False,
        progress_bar=False,
    )
    with redirect_stderr(StringIO()) as told:  # it prints errors and goes on
        test.run_simulations()
    if test._simulations_complete < number:
        raise RuntimeError(told.getvalue().strip().splitlines()[-1])


def rows(block: str, panel: xr.Dataset, study: Study, number: int) -> list[dict[str, Any]]:
    """One row a way: ours, and `simuk` with PyMC's sampler and with nutpie."""

    def ours() -> None:
        for place in range(number):
            one_simulation(panel, study, block, place)

    ways = {"bayesgap": timed(ours)}
    for sampler in ("pymc", "nutpie"):
        ways[f"simuk, {sampler}"] = timed(
            lambda s=sampler: with_simuk(block, panel, study, s, number)
        )
        sys.stderr.write(f"{block} by simuk, {sampler}: {ways[f'simuk, {sampler}']}\n")
    return [
        {
            "block": block,
            "by": way,
            "simulations": number,
            "seconds": np.nan if problem else clock / number,
            "cpu_seconds": np.nan if problem else processors / number,
            "problem": problem,
        }
        for way, (clock, processors, problem) in ways.items()
    ]


def main() -> None:
    """Write `simuk.csv`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=10)
    parser.add_argument("--blocks", nargs="+", default=["skill_mix", "commuting", "participation"])
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pymc").setLevel(logging.ERROR)
    path = default_study()
    study = load_study(path)
    tables = read_tables(resolve_data(path, study))
    found = [
        row
        for block in given.blocks
        for row in rows(block, block_of(block).panel(tables, study), study, given.simulations)
    ]
    about = {name: version(name) for name in ("simuk", "pymc", "nutpie")}
    about |= {"date": datetime.now(UTC).date().isoformat(), "machine": platform.machine()}
    table = pd.DataFrame(found).assign(**about)
    table.to_csv(given.out / "simuk.csv", index=False, float_format="%.3g")
    sys.stdout.write(table.to_string(index=False) + "\n")


if __name__ == "__main__":
    main()

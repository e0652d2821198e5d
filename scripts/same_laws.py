"""Prove that an older checkout states the same laws, and give its evidence the new versions.

Usage: ./dev python scripts/same_laws.py OLD RUN [--restamp]
OLD is a checkout with its .venv, of decision 46 or later, RUN a finished run. Log densities and
gradients of every block are compared at draws of RUN; what a forecast draws is compared by the runs
of both. The table is docs/results/same_laws.csv; `--restamp` puts the new versions in the place of
the old ones.

Slopes by `MOVED` are left out: the sampler's coordinates beside them follow them now, which
changes a slope and no density.
"""

import argparse
import json
import pickle
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.schema import BLOCKS

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "results"
EVERY = 50  # one draw in so many is compared
AGREED = 1e-8  # relative difference that the order of sums can make
MOVED = {"education": "direction_error"}

ASKED = """
import pickle, sys
import numpy as np, xarray as xr
from threadpoolctl import threadpool_limits
threadpool_limits(1)  # as in a run: directions of the education block end in the same digits
from bayesgap.validation.backtest import evidence
from bayesgap.blocks.registry import BLOCKS, block_of
from bayesgap.study.blocks import block_priors
from bayesgap.validation.transfer.evidence import chain_version
from bayesgap.validation.misspecification.version import misfit_version
from bayesgap.health.versions import law_version
from bayesgap.study.bundle import default_study
from bayesgap.study.study import load_study
from bayesgap.inference import coordinates
from bayesgap.inference.compiled import compile_model
from bayesgap.inference.refit import unconstrained
from bayesgap.inference.separate import drop_variables, prior_only_variables
study = load_study(default_study())
panel = xr.open_datatree(sys.argv[1] + "/panel.nc", engine="h5netcdf").load()
versions = {f"law of {b}": law_version(b, study) for b in (*BLOCKS, "chain")}
worlds = ("population", "education", "sectors", "participation", "commuting")
versions |= {f"misfits of {b}": misfit_version(b, study) for b in worlds}
versions |= {f"backtest of {b}": evidence.evidence_version(b, study) for b in evidence.FORECASTS}
versions["transfer"] = chain_version(study)
versions["baselines"] = evidence.baselines_version()
coordinates.FOLDED = ("score_region", "area_scale", "growth_scale")  # the same in both
found = {}
for block in BLOCKS:
    data, priors = panel[block].to_dataset(), block_priors(study, block)
    model = block_of(block).law().build(data, priors, study.options)
    model = coordinates.in_coordinates(drop_variables(model, prior_only_variables(model)))
    tree = xr.open_datatree(sys.argv[1] + "/posterior.nc", engine="h5netcdf")
    draws = tree[block]["posterior"].to_dataset()
    points = unconstrained(model, draws.isel(draw=slice(0, None, int(sys.argv[3]))).load())
    first = model.initial_point()
    names = [model.rvs_to_values[v].name for v in model.free_RVs]
    ends = np.cumsum([np.size(first[n]) for n in names])[:-1]
    density = compile_model(model).log_density()
    rows = []
    for value, slope in map(density, points):
        by = dict(zip(names, np.split(slope, ends)))
        kept = sorted(by.keys() - {sys.argv[4 + BLOCKS.index(block)]})
        rows.append((value, np.concatenate([by[n] for n in kept])))
    found[block] = (np.array([r[0] for r in rows]), np.array([r[1] for r in rows]))
pickle.dump((versions, found), open(sys.argv[2], "wb"))
"""


def asked(checkout: Path, run: Path) -> tuple[dict[str, str], dict[str, tuple]]:
    """Versions, and log densities and gradients by block, as `checkout` has them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.pickle"
        python = checkout / ".venv" / "bin" / "python"
        moved = [MOVED.get(block, "") for block in BLOCKS]
        command = [python, "-c", ASKED, run, out, str(EVERY), *moved]
        subprocess.run(command, cwd=checkout, check=True)
        return pickle.loads(out.read_bytes())


def compared(old: Mapping[str, tuple], new: Mapping[str, tuple]) -> pd.DataFrame:
    """One row a block: how far log densities (less a constant) and gradients differ."""
    rows = []
    for block, (value, gradient) in old.items():
        away = new[block][0] - value
        slope = np.abs(new[block][1] - gradient).max() / np.abs(gradient).max()
        spread = float(np.ptp(away) / np.abs(value).max())
        rows.append((block, len(value), gradient.shape[1], away.mean(), spread, float(slope)))
    names = ["block", "points", "parameters", "constant", "log_density", "gradient"]
    return pd.DataFrame(rows, columns=names)


def restamp(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """New versions in the place of old ones in every result and page."""
    files = [*RESULTS.glob("*.csv"), *RESULTS.glob("*.json"), *(ROOT / "docs").glob("*.md")]
    for path in files:
        text = fresh = path.read_text(encoding="utf-8")
        for name, version in old.items():
            fresh = fresh.replace(version, new[name])
        if fresh != text:
            path.write_text(fresh, encoding="utf-8")


def main() -> None:
    """Compare, write the table, and restamp if asked and if the laws are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--restamp", action="store_true")
    arguments = parser.parse_args()
    run = arguments.run.absolute()
    (before, was), (now, found) = (asked(place, run) for place in (arguments.old, ROOT))
    table = compared(was, found)
    told = {"machine": platform.machine(), "date": datetime.now(UTC).date().isoformat()}
    table.assign(**told).to_csv(RESULTS / "same_laws.csv", index=False, float_format="%.3g")
    print(table.to_string(index=False))  # noqa: T201 - a script's output
    print(json.dumps({name: [before[name], now[name]] for name in now}, indent=1))  # noqa: T201
    if table[["log_density", "gradient"]].to_numpy().max() > AGREED:
        sys.exit("The laws differ: nothing was restamped.")
    if arguments.restamp:
        restamp(before, now)


if __name__ == "__main__":
    main()

"""Convergence of every block on several seeds: the table behind docs/results/convergence.csv.

Usage: ./dev python scripts/convergence.py [STUDY.toml] [--seeds 20261 20262 ...] [--blocks ...]
Takes about as many times the sampling of one run as there are seeds; rows of other blocks stay.
"""

import argparse
import platform
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from bayesgap.blocks.fitting import build_panel, fit_block
from bayesgap.data.tables import read_tables
from bayesgap.health.checks import convergence
from bayesgap.inference.processes import workers
from bayesgap.schema import BLOCKS
from bayesgap.study.blocks import block_priors
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

OUT = Path(__file__).parents[1] / "docs" / "results" / "convergence.csv"


def measure(job: tuple) -> dict[str, object]:
    """Fit one block on one seed and return its worst figures."""
    block, seed, *arguments = job
    start = time.monotonic()
    tree = fit_block(block, *arguments, seed=seed)
    seconds = time.monotonic() - start
    return {"block": block, "seed": seed, **convergence(tree), "seconds": round(seconds, 1)}


def jobs(study_path: Path, seeds: list[int], blocks: list[str]) -> Iterator[tuple]:
    """Each of `blocks` under every seed."""
    study = load_study(study_path)
    panel = build_panel(read_tables(resolve_data(study_path, study)), study)
    for seed in seeds:
        for block in blocks:
            data = panel[block].to_dataset()
            priors = block_priors(study, block)
            yield block, seed, data, priors, study.options, study.sampling


def main() -> None:
    """Measure, print and write the table with date and machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", type=Path, default=default_study())
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(20261, 20266)))
    parser.add_argument("--blocks", nargs="+", choices=BLOCKS, default=list(BLOCKS))
    arguments = parser.parse_args()
    wanted = jobs(arguments.study, arguments.seeds, arguments.blocks)
    with workers(2) as pool:
        rows = list(pool.map(measure, wanted))
    machine = f"{platform.machine()}, 2 processes, Python {platform.python_version()}"
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat(), machine=machine)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    if OUT.exists():
        known = pd.read_csv(OUT)
        table = pd.concat([known[~known["block"].isin(arguments.blocks)], table])
    table.sort_values(["block", "seed"]).to_csv(OUT, index=False, float_format="%.6g")
    print(table.to_string(index=False))  # noqa: T201 - a script's output


if __name__ == "__main__":
    main()

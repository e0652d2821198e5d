"""Sweeps of priors on a real run: killed in the middle and gone on with, and on a Dask cluster."""

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from bayesgap.cli import main
from bayesgap.runs.run import Run, newest_run

pytestmark = pytest.mark.slow
EASY = ("commuting.common", "commuting.innovation")
# Weights cannot reach so far from the run's priors, so that the block must be fitted again.
FAR = """
name = "{name}"
why = "Places tell nothing about each other."
[[rule]]
priors = ["commuting.out_region", "commuting.in_region"]
prior = {{ dist = "log_normal", mu = {mu}, sigma = 0.1, why = "Shares of commuters far apart." }}
"""
COMMAND = "import sys; from bayesgap.cli import main; main(sys.argv[1:])"
PATIENCE = 300.0


def far(folder: Path, name: str, mu: float) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(FAR.format(name=name, mu=mu))
    return path


def swept(run: Run) -> dict[Path, int]:
    """Results kept so far, and when each was written."""
    every = (run.path / "sensitivity" / "moves").glob("[!.]*.parquet")
    return {path: path.stat().st_mtime_ns for path in every}


def told(run: Run, label: str) -> pd.DataFrame:
    rows = pd.read_csv(run.path / "sensitivity" / "moves.csv")
    return rows[rows["label"] == label]


def test_a_killed_sweep_goes_on_where_it_was(quick_runs: Path, tmp_path: Path) -> None:
    run = newest_run(quick_runs)
    hard = [str(far(tmp_path, "far", 1.4)), str(far(tmp_path, "farther", 1.6))]
    words = ["sensitivity", str(run.path), "--processes", "1", "--priors", ",".join([*EASY, *hard])]
    before = swept(run)
    process = subprocess.Popen([sys.executable, "-c", COMMAND, *words], stdout=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    while not swept(run).keys() - before.keys():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.1)
    process.kill()
    process.wait()
    time.sleep(1.0)  # a worker that outlived its parent would write now
    first = swept(run)
    assert all(not pd.read_parquet(path).empty for path in first)
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code in (0, None)
    whole = swept(run)
    assert first.items() <= whole.items()  # what was kept was not done again
    assert len(first) < len(whole) == len(before) + 2 * len(EASY) + len(hard)
    assert told(run, "far")["method"].eq("commuting: fitted again").all()


def test_a_sweep_runs_on_a_dask_cluster(quick_runs: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra `cluster`")
    run = newest_run(quick_runs)
    path = far(tmp_path, "far_on_dask", 1.5)
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with cluster, pytest.raises(SystemExit) as ended:
        words = ["sensitivity", str(run.path), "--scheduler", cluster.scheduler_address]
        main([*words, "--priors", str(path)])
    assert ended.value.code in (0, None)
    rows = told(run, "far_on_dask")
    assert rows["method"].eq("commuting: fitted again").all()
    assert rows["rhat"].max() < 1.1

"""A sweep of priors on a synthetic run: answered by weights, kept, and gone on with."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.runs import store
from bayesgap.runs.run import Run, open_run
from bayesgap.sensitivity import sweep as of
from bayesgap.sensitivity.densities import frozen
from bayesgap.sensitivity.variance import last_gap

PRIOR = "commuting.innovation"


@pytest.fixture
def run(run_folder: Path, tmp_path: Path) -> Run:
    """A run whose posterior knows one parameter far better than its prior does."""
    found = open_run(Path(shutil.copytree(run_folder, tmp_path / run_folder.name)))
    prior = frozen(found.study.priors["commuting"]["innovation"])
    draws = np.random.default_rng(3).normal(prior.mean(), prior.std() / 50, (4, 300))
    tree = {"posterior": xr.Dataset({"innovation": (("chain", "draw"), draws)})}
    store.write_block(found, "commuting", xr.DataTree.from_dict(tree))
    store.write_posterior(found, ["commuting"])
    return found


def test_what_is_kept_is_not_done_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = of.sweep(run, [PRIOR], large=False, processes=1, scheduler=None)
    _, names = last_gap(run)
    assert len(rows) == 2 * len(names)  # narrower and wider
    assert rows["reached"].all() and set(rows["method"]) == {"commuting: weights"}
    assert len(list((run.path / "sensitivity" / "moves").glob("*.parquet"))) == 2
    assert len(pd.read_csv(run.path / "sensitivity" / "moves.csv")) == len(rows)
    monkeypatch.delattr(of, "weighed")
    again = of.sweep(run, [PRIOR], large=False, processes=1, scheduler=None)
    pd.testing.assert_frame_equal(again, rows)


def test_what_was_not_reached_is_done_again_where_more_may_be_fitted() -> None:
    rows = pd.DataFrame({"reached": [True, False]})
    assert of.enough(rows, large=False) and not of.enough(rows, large=True)
    assert of.enough(rows[:1], large=True)

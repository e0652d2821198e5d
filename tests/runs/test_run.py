"""A run as everybody opens it: quick to open, each file read once, and anew once it is written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from bayesgap.data.tables import tables_hash
from bayesgap.errors import RunError
from bayesgap.runs import store
from bayesgap.runs.run import Run, open_run
from bayesgap.runs.tables import same_tables, tables_folder

SLOW = {"numpy", "pandas", "pydantic", "pyarrow", "pymc", "xarray", "zarr"}


@pytest.fixture
def run(run_folder: Path, tmp_path: Path) -> Run:
    """A copy, which a test may write into."""
    return open_run(Path(shutil.copytree(run_folder, tmp_path / run_folder.name)))


def test_opening_a_run_loads_no_library(run: Run) -> None:
    code = (
        "import sys; from pathlib import Path; from bayesgap.runs.run import open_run\n"
        f"print(open_run(Path({str(run.path)!r})).health.verdict)\n"
        f"print(sorted(set(sys.modules) & {SLOW}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["PASS", "[]"]


def test_without_a_path_it_is_the_newest_run(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run_folder.parents[1])
    assert open_run().path == run_folder.resolve()


def test_a_file_is_read_once_and_anew_once_it_is_written(run: Run) -> None:
    assert run.rows is run.rows and run.study is run.study and run.health is run.health
    store.write_summary(run, run.rows.head())
    assert len(run.rows) == 5


def test_draws_are_those_of_the_blocks(run: Run) -> None:
    assert list(run.draws) == list(run.blocks) == ["population"]
    whole = run.blocks["population"]["posterior"].to_dataset()
    xr.testing.assert_identical(run.draws["population"], whole)


def test_an_outlook_is_opened_and_not_read(run: Run) -> None:
    assert not run.outlook["gap"].variable._in_memory
    assert run.outlook.load()["gap"].variable._in_memory


def test_what_a_run_lacks_is_named(run: Run) -> None:
    with pytest.raises(RunError, match=r"must have panel\.nc"):
        _ = run.panel
    with pytest.raises(RunError, match="it has: none"):
        run.effect("growth")


def test_tables_are_those_of_the_run_only_while_they_are_the_same(run: Run) -> None:
    folder = tables_folder(run)
    assert same_tables(Run(run.path, {"data_hash": tables_hash(folder)})) == folder
    assert same_tables(run) is None

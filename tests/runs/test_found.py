"""Which run is meant when none, or the beginning of a name, is given."""

import json
import os
import shutil
from pathlib import Path

import pytest

from bayesgap.errors import FailedRun, RunError
from bayesgap.runs.run import open_run


@pytest.fixture
def two_runs(run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """An older and a newer run in `runs/` of the current folder."""
    monkeypatch.chdir(tmp_path)
    folders = [Path("runs") / name for name in ("buskerud-0123", "buskerud-4567")]
    for age, folder in enumerate(folders):
        shutil.copytree(run_folder, folder)
        os.utime(folder / "summary.parquet", (age, age))
    return folders


def says_fail(folder: Path) -> None:
    content = json.loads((folder / "health.json").read_text(encoding="utf-8"))
    (folder / "health.json").write_text(json.dumps(content | {"verdict": "FAIL"}))


def test_the_newest_is_the_default(two_runs: list[Path]) -> None:
    assert open_run().id == "buskerud-4567"


def test_a_run_that_failed_is_never_the_default(two_runs: list[Path]) -> None:
    says_fail(two_runs[1])
    with pytest.warns(FailedRun, match=r"buskerud-4567 is newer and says FAIL. This is .*0123"):
        assert open_run().id == "buskerud-0123"
    says_fail(two_runs[0])
    with pytest.raises(RunError, match="Every finished run in runs/ says FAIL"):
        open_run()


def test_the_beginning_of_a_name_is_enough(two_runs: list[Path]) -> None:
    assert open_run(Path("buskerud-4")).id == "buskerud-4567"
    with pytest.raises(RunError, match='2 runs have names that begin with "busk"'):
        open_run(Path("busk"))
    with pytest.raises(RunError, match='Did you mean "buskerud-0123"'):
        open_run(Path("buskerud-0124"))

"""One real run of the quick study, shared by all tests that need one."""

import subprocess
import sys
from pathlib import Path

import pytest

from bayesgap.study.bundle import default_study

QUICK = default_study().with_name("quick.toml")
COMMAND = "from bayesgap.cli import main; main()"


@pytest.fixture(scope="session")
def quick_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of run folders, after one run in a process of its own: its memory is the run's."""
    out = tmp_path_factory.mktemp("quick") / "runs"
    command = [sys.executable, "-c", COMMAND, "run", str(QUICK), "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return out

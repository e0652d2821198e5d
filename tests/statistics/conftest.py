"""One real run of the quick study, shared by all tests that need one."""

from pathlib import Path

import pytest

from bayesgap.cli import main
from bayesgap.spec.bundle import default_study

QUICK = default_study().with_name("quick.toml")


@pytest.fixture(scope="session")
def quick_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of run folders, after one run."""
    out = tmp_path_factory.mktemp("quick") / "runs"
    with pytest.raises(SystemExit) as ended:
        main(["run", str(QUICK), "--out", str(out)])
    assert ended.value.code in (0, None)
    return out

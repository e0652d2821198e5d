"""Versions of evidence and names of runs follow the code that makes their numbers, and no other."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bayesgap import code_hash as of
from bayesgap import store
from bayesgap.analysis.backtest.evidence import FORECASTS, baselines_version, evidence_version
from bayesgap.analysis.backtest.transfer_evidence import chain_version
from bayesgap.analysis.misfits import MADE_UP
from bayesgap.analysis.misfits.cases import misfit_version
from bayesgap.analysis.versions import law_version
from bayesgap.schema import BLOCKS
from bayesgap.spec.study import Study

POOLED = {"law of participation", "law of commuting"}
POOLED |= {"misfits of participation", "misfits of commuting"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package's code, which is hashed in place of the package."""
    copy = tmp_path / of.ROOT
    shutil.copytree(of.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(of, "PACKAGE", copy)
    of.source.cache_clear()
    yield copy
    of.source.cache_clear()


def versions(study: Study) -> dict[str, str]:
    """Every version, as the code is now."""
    of.source.cache_clear()
    found = {f"law of {b}": law_version(b, study) for b in (*BLOCKS, "chain")}
    found |= {f"misfits of {b}": misfit_version(b, study) for b in MADE_UP}
    found |= {f"backtest of {b}": evidence_version(b, study) for b in FORECASTS}
    found |= {"transfer": chain_version(study), "baselines": baselines_version()}
    return found | {"run": of.code_hash(store.MAKER, store.TELLERS)}


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_words_layout_and_imports_change_nothing(package: Path, study: Study) -> None:
    before = versions(study)
    parts = package / "submodels" / "parts.py"
    replaced(parts, '"""Pieces that', '"""All pieces that')
    replaced(
        parts, "    return rho * previous + innovation", "    return (\n rho*previous+innovation)"
    )
    replaced(parts, "innovation: Any) -> Any", "innovation: float) -> float")
    replaced(parts, "import numpy as np\n", "import os  # unused\n\n\nimport numpy as np\n")
    replaced(package / "pipeline.py", '"""The recipe of a run', '"""How a run is made')
    assert versions(study) == before


def test_a_module_of_another_name_changes_nothing(package: Path, study: Study) -> None:
    before = versions(study)
    old, new = (package / "submodels" / f"{name}.py" for name in ("pooled_kernel", "path_density"))
    old.rename(new)
    for block in ("participation", "commuting"):
        replaced(
            package / "submodels" / f"{block}.py",
            "submodels.pooled_kernel",
            "submodels.path_density",
        )
    assert versions(study) == before


@pytest.mark.parametrize(
    ("module", "aged"),
    [
        ("submodels/population_fast.py", {"backtest of population"}),
        ("submodels/stocks_fast.py", {"run", "backtest of education", "backtest of six_levels"}),
        ("submodels/areas_fast.py", {"backtest of sectors"}),
        ("submodels/fit.py", {"run", "backtest of six_levels"}),
        ("submodels/pooled_ar1.py", {"run", "law of chain", "transfer"} | POOLED),
        (
            "data/panel_commuting.py",
            {"run", "law of commuting", "law of chain", "misfits of commuting", "transfer"},
        ),
        (
            "simulators/skill_mix.py",
            {"run", "law of skill_mix", "law of chain", "transfer"},
        ),
        ("project/supply.py", {"run", "law of chain", "transfer"}),
        ("report/summary.py", {"run"}),
        ("analysis/sensitivity/predictive.py", {"run"}),
        ("analysis/misfits/commuting.py", {"misfits of commuting"}),
        ("analysis/calibration.py", set()),
        ("analysis/search.py", set()),
        ("analysis/versions.py", {"run"}),
        ("data/statbank/http.py", set()),
        ("report/figures.py", set()),
        ("report/labels.py", set()),
        ("report/document/answer.py", set()),
        ("cli/runs.py", set()),
    ],
)
def test_code_ages_what_it_makes_and_nothing_else(
    package: Path, study: Study, module: str, aged: set[str]
) -> None:
    before = versions(study)
    with (package / module).open("a", encoding="utf-8") as file:
        file.write("\nADDED = 1\n")
    now = versions(study)
    assert {name for name in now if now[name] != before[name]} == aged


def test_all_that_makes_a_run_is_imported_by_statements() -> None:
    """A module that is imported by its name as text would be missing from the hash."""
    hidden = {"import_module", "__import__"}
    for name in of.reached(store.MAKER, store.TELLERS):
        for node in ast.walk(ast.parse(of.file_of(name).read_text(encoding="utf-8"))):
            called = getattr(node, "attr", getattr(node, "id", None))
            assert called not in hidden, f"{name} imports by text; write an import statement."


def test_a_module_that_is_not_there_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        of.code_hash(["submodels.nothing"])

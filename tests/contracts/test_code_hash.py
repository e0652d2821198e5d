"""Versions of evidence and names of runs follow the code that makes their numbers, and no other."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bayesgap import code_hash as of
from bayesgap.health.versions import law_version
from bayesgap.runs import store
from bayesgap.schema import BLOCKS
from bayesgap.study.study import Study
from bayesgap.validation.backtest.evidence import FORECASTS, baselines_version, evidence_version
from bayesgap.validation.misspecification import MADE_UP
from bayesgap.validation.misspecification.version import misfit_version
from bayesgap.validation.transfer.evidence import chain_version

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
    parts = package / "inference" / "parts.py"
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
    old, new = (package / "inference" / f"{name}.py" for name in ("pooled_kernel", "path_density"))
    old.rename(new)
    for block in ("participation", "commuting"):
        replaced(
            package / "blocks" / block / "model.py",
            "inference.pooled_kernel",
            "inference.path_density",
        )
    assert versions(study) == before


@pytest.mark.parametrize(
    ("module", "aged"),
    [
        ("blocks/population/fast.py", {"backtest of population"}),
        ("blocks/education/fast.py", {"run", "backtest of education", "backtest of six_levels"}),
        ("blocks/sectors/fast.py", {"backtest of sectors"}),
        ("inference/fit.py", {"run", "backtest of six_levels"}),
        ("inference/pooled_ar1.py", {"run", "law of chain", "transfer"} | POOLED),
        (
            "blocks/commuting/panel.py",
            {"run", "law of commuting", "law of chain", "misfits of commuting", "transfer"},
        ),
        (
            "blocks/skill_mix/simulate.py",
            {"run", "law of skill_mix", "law of chain", "transfer"},
        ),
        ("accounting/supply.py", {"run", "law of chain", "transfer"}),
        ("present/summary.py", {"run"}),
        ("health/prior_predictive.py", {"run"}),
        ("blocks/commuting/misspecified.py", {"misfits of commuting"}),
        ("validation/calibration/simulation.py", set()),
        ("scenarios/search.py", set()),
        ("health/versions.py", {"run"}),
        ("data/fetch/http.py", set()),
        ("present/figures.py", set()),
        ("present/labels.py", set()),
        ("document/answer.py", set()),
        ("cli/runs.py", set()),
        ("runs/run.py", set()),
        ("runs/kept.py", set()),
        ("runs/store.py", {"run"}),  # rounds draws
        ("runs/scenarios.py", {"run"}),
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
        of.code_hash(["blocks.nothing"])

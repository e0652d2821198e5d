"""The gate cannot fool us: skips fail where CI is set, and it runs what README says."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate import ALLOWED
from needs import NO_BROWSER

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
# Beginnings of names that assert.
SAYS = (
    "assert_",
    "raises",
    "warns",
    "fail",
    "require_",
    "expect",
    "main_ends",
)


def outcome(folder: Path, reason: str, ci: str) -> str:
    """Last line of a session with one skip."""
    code = f"import pytest\n\ndef test_one():\n    pytest.skip({reason!r})\n"
    (folder / "test_one.py").write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "CI": ci}
    call = [sys.executable, "-m", "pytest", "-q", "-p", "gate", "-p", "no:cacheprovider"]
    done = subprocess.run([*call, str(folder)], env=environment, cwd=folder, capture_output=True,
                          text=True, check=False)  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("reason", [NO_BROWSER, "no ../shared with recorded figures beside here"])
def test_a_skip_fails_where_ci_is_set(tmp_path: Path, reason: str) -> None:
    told = outcome(tmp_path, reason, "true")
    assert "1 failed" in told and f"gate.ALLOWED has it not: {reason}" in told
    assert "1 skipped" in outcome(tmp_path, reason, "")


@pytest.mark.parametrize("reason", ALLOWED)
def test_what_is_allowed_may_be_skipped(tmp_path: Path, reason: str) -> None:
    assert "1 skipped" in outcome(tmp_path, reason, "true")


def test_the_list_of_what_may_be_skipped_names_neither_browser_nor_figures() -> None:
    assert ALLOWED == ("JAX is not installed: ./dev bench brings it",)


def test_the_gate_runs_the_readmes_tests_and_readme_names_what_is_left_out() -> None:
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^(\./dev test)\b", readme, flags=re.MULTILINE)
    assert command in gate
    dev = (ROOT / "dev").read_text(encoding="utf-8")
    left_out = re.search(r'^test\).*-m "not (\w+)"', dev, flags=re.MULTILINE)
    assert left_out and f"leaves out the tests marked\n`{left_out[1]}`" in readme


def without_assertion(path: Path) -> Iterator[str]:
    """Names of tests that pass as long as nothing is raised."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    helpers = {f.name for f in functions if any(isinstance(n, ast.Assert) for n in ast.walk(f))}
    for function in functions:
        if function.name.startswith("test_") and not asserts(function, helpers):
            yield f"{path.relative_to(ROOT)}::{function.name}"


def asserts(function: ast.FunctionDef, helpers: set[str]) -> bool:
    """Whether a test asserts something, itself or through a helper."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in helpers or name.startswith(SAYS):
                return True
    return False


def test_every_test_asserts_something() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    assert not [name for path in files for name in without_assertion(path)]

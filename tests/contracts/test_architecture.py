"""How the code may look: floors, sizes, imports, public names, the tree that is documented."""

import ast
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "bayesgap"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
LAWS = re.compile(r"inference/.*|blocks/\w+/.*|published_study/survey_model\.py")  # may know PyMC
SLOW = re.compile(  # load PyMC, Matplotlib, Zarr, or Pydantic, which `show` can do without
    r"bayesgap\.(inference|blocks\.\w+|published_study\.survey_model|present\.figures"
    r"|runs\.checked_store|study\.study)\b"
)
USERS = ("__init__.py", "cli/", "results.py")  # load what a call needs when it comes
PRIVATE = (
    "Game", "Look", "Made", "Material", "Raised", "Told", "deviates", "dressed", "dressing",
    "falling", "material", "moves", "standin", "steadied", "strayed", "unseen", "without",
)  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = first.end_lineno - first.lineno + 1 if text else 0
    return function.end_lineno - function.lineno + 1 - docstring


def test_imports_point_down_only() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_function_is_longer_than_60_lines(path: Path) -> None:
    long = {f.name: length(f) for f in functions(path) if length(f) > LONGEST_FUNCTION}
    assert not long


@pytest.mark.parametrize("path", [p for p in MODULES if not name(p).startswith(USERS)], ids=name)
def test_own_modules_are_imported_at_the_top(path: Path) -> None:
    """But for what users call, so that it answers at once, and for what loads for seconds."""
    late = [
        f"{function.name} imports {imported}"
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
        for imported in (f"{node.module}.{alias.name}" for alias in node.names)
        if imported.startswith("bayesgap.") and not SLOW.match(imported)
    ]
    assert not late


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_private_words_are_no_names() -> None:
    """A reader knows the standard terms; CONTEXT.md has them."""
    named = [
        f"{name(path)}: {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (*Function.__args__, ast.ClassDef)) and node.name in PRIVATE
    ]
    assert not [*named, *(name(path) for path in MODULES if path.stem in PRIVATE)]


def test_only_laws_know_pymc() -> None:
    """The layer contract forbids it too; this names the line."""
    found = [
        f"{name(path)}:{number}"
        for path in MODULES
        if not LAWS.fullmatch(name(path))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(import|from) (pymc|pytensor|nutpie)\b", line)
    ]
    assert not found


def test_public_names_exist() -> None:
    module = __import__("bayesgap")
    for public in module.__all__:
        assert hasattr(module, public)
    assert sorted(module.__all__) == list(module.__all__)


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_documented_tree_is_the_tree() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "write_tree.py"))
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert script["written"](page) == page, "run ./dev python scripts/write_tree.py"


def test_everything_in_the_repository_has_its_place_in_the_tree() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "write_tree.py"))
    known = (*script["TOP"], "src/bayesgap/", "docs/", "notebooks/")
    pages = re.compile(r"(\.gitignore|\.python-version|LICENSE|NOTICE|[A-Z]+\.md)")
    strangers = [p for p in tracked() if not p.startswith(known) and not pages.fullmatch(p)]
    assert not strangers
    floors = {p.split("/")[2] for p in tracked() if p.startswith("src/bayesgap/")}
    assert floors == {*script["FLOORS"], "__init__.py", "py.typed"}


def test_no_registry_address_is_committed() -> None:
    """Where packages come from is each machine's own affair."""
    files = [ROOT / p for p in tracked() if p.endswith((".toml", ".cfg", ".lock", "dev", "run"))]
    guilty = [f.name for f in files if re.search(r"https?://|index-url", f.read_text("utf-8"))]
    assert not guilty
    assert "uv.lock" not in tracked()


def test_pins_are_exact_and_cover_the_dependencies() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = dict(re.findall(r'^  "([a-z0-9._-]+)==([^"]+)",$', text, flags=re.MULTILINE))
    wanted = re.findall(r'^  "([a-z0-9_-]+)(?:\[\w+\])?>=', text, flags=re.MULTILINE)
    assert len(wanted) >= 15
    assert not [package for package in wanted if package not in pins]

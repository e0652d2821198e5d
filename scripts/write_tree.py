"""Write the tree of ARCHITECTURE.md from the disk and the first line of every module.

Usage: ./dev python scripts/write_tree.py (a contract test says when it is due).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "ARCHITECTURE.md"
WIDTH = 34
TOP = {
    "dev": "one-word actions: run, test, bench, attack, canary and others; else words for uv run",
    ".ci/run": "the gate, from a fresh clone",
    ".pre-commit-config.yaml": "local hooks: lint, format, types, import floors",
    "CITATION.cff": "how to cite this version",
    "pyproject.toml": "package, exact pins, rules of ruff, pyright, pytest, import floors",
    "models/": "declared studies, priors with reasons; scenarios/; the report's own assumptions",
    "data/": "the embedded tables, the nation's figures, code lists, seeds, and their sources",
    "scripts/": "made by hand now and then: figures, convergence, the bench, attacks, this tree",
    "tests/": "contracts, unit, statistics (recovery), golden numbers",
    "docs/adr/": "decisions, one a page",
    "runs/": "results, never committed",
}
FLOORS = (
    "cli",
    "api.py",
    "results.py",
    "pipeline.py",
    "document",
    "explorer",
    "published_study",
    "scenarios",
    "sensitivity",
    "validation",
    "present",
    "health",
    "projection",
    "runs",
    "blocks",
    "inference",
    "accounting",
    "data",
    "study",
    "schema.py",
    "errors.py",
    "code_hash.py",
)


def headline(path: Path) -> str:
    """First line of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


def line(depth: int, name: str, text: str) -> str:
    """One entry, its text in a column."""
    return f"{'  ' * depth + name:<{WIDTH}} {text}".rstrip()


def tree() -> str:
    """Tree of the repository, the source floor by floor from the top."""
    return "\n".join([*(line(0, name, text) for name, text in TOP.items()), *source()])


def source() -> Iterator[str]:
    """Modules of the package, floor by floor."""
    package = ROOT / "src" / "bayesgap"
    yield line(0, "src/bayesgap/", headline(package / "__init__.py"))
    for floor in FLOORS:
        if floor.endswith(".py"):
            yield line(1, floor, headline(package / floor))
            continue
        yield from room(package / floor, 1)


def room(folder: Path, depth: int) -> Iterator[str]:
    """A package: what it is, its modules, the packages in it."""
    yield line(depth, f"{folder.name}/", headline(folder / "__init__.py"))
    for path in sorted(folder.glob("[!_]*.py")):
        yield line(depth + 1, path.name, headline(path))
    for path in sorted(folder.glob("*/__init__.py")):
        yield from room(path.parent, depth + 1)


def written(page: str) -> str:
    """Page with the tree in its first code block."""
    before, _, rest = page.partition("```\n")
    _, _, after = rest.partition("```\n")
    return f"{before}```\n{tree()}\n```\n{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

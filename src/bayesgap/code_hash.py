"""Hashes of the package's own code: they change with what could change a number, and nothing else.

A hash is over the syntax trees of all modules that some modules import, directly or not, without
docstrings, comments, layout, types, imports and names of modules: neither a sentence that is
mended nor a module that moves makes anything new. Import statements are followed wherever they
stand.
"""

import ast
import hashlib
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.name
TYPING = "TYPE_CHECKING"  # what stands under it is never run


class Source(NamedTuple):
    """One module: hash of what it does, and the modules of the package that it imports."""

    body: str
    imports: frozenset[str]


def code_hash(entries: Iterable[str], but: Collection[str] = ()) -> str:
    """SHA-256 of the code of all modules that `entries` reach.

    Parameters
    ----------
    entries : names of modules below the package, as "blocks.education.model"
    but : modules or packages that are left out, with what they alone import
    """
    bodies = sorted(source(name).body for name in reached(entries, but))
    return hashlib.sha256("\n".join(bodies).encode()).hexdigest()


def reached(entries: Iterable[str], but: Collection[str] = ()) -> set[str]:
    """Names of `entries` and of all modules that they import, directly or not."""
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in found and not any(f"{name}.".startswith(f"{out}.") for out in but):
            found.add(name)
            waiting.extend(source(name).imports)
    return found


@cache
def source(name: str) -> Source:
    """Module `name`, read from its file."""
    tree = ast.parse(file_of(name).read_text(encoding="utf-8"))
    imports = frozenset(found for node in _run(tree) for found in _imported(node))
    return Source(hashlib.sha256(_dumped(_Bare().visit(tree)).encode()).hexdigest(), imports)


def _dumped(tree: ast.AST) -> str:
    """The tree as text, the same in every version of Python."""
    return ast.dump(tree, show_empty=True) if sys.version_info >= (3, 13) else ast.dump(tree)


def file_of(name: str) -> Path:
    """File of module `name`, whether or not it is there."""
    path = PACKAGE.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, but what stands for type checkers alone."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not _for_typing(child):
            yield from _run(child)


def _for_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == TYPING


def _imported(node: ast.AST) -> Iterator[str]:
    """Modules of the package that a statement imports; `from package import module` is one too."""
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    for name in names:
        first, _, rest = name.partition(".")
        if first == ROOT and rest:
            yield rest if file_of(rest).exists() else rest.rpartition(".")[0]


class _Bare(ast.NodeTransformer):
    """Takes away imports, docstrings, types and what stands for type checkers alone."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit the children of a node, then look at its body."""
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = body[1:] if body and _is_text(body[0]) else body
            node.body = kept or [ast.Pass()]  # type: ignore[attr-defined]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """No type of an argument stays."""
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """No type of a result stays."""
        node.returns = None
        return self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """No import stays."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """No import stays."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        """Nothing stays that is for type checkers."""
        return None if _for_typing(node) else self.generic_visit(node)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )

"""Versions of the blocks' laws: evidence about a law that has changed since is no evidence.

A version is a hash of the code that states the law, without comments, docstrings and layout, and
of its priors without their reasons.
"""

import ast
import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from platform import machine, python_version

from bayesgap.analysis.blocks import BLOCKS, block_priors
from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Study

PACKAGE = files("bayesgap")
SHARED = ("parts.py", "pooled_ar1.py")
FLOORS = ("simulators", "submodels")


def provenance_now(seed: int) -> dict[str, str | int]:
    """What evidence says of itself: version, date, seed and machine."""
    return {
        "bayesgap": version("bayesgap"),
        "date": datetime.now(UTC).date().isoformat(),
        "seed": seed,
        "machine": f"{machine()}, Python {python_version()}",
    }


def law_version(block: str, study: Study) -> str:
    """Eight characters that change with the law of `block` or with its priors in `study`.

    The block `chain` is all of them and the projection.
    """
    if block == "chain":
        return _chain_version(study)
    return code_version(law_files(block), block_priors(study, block))


def _chain_version(study: Study) -> str:
    names = sorted(f.name for f in (PACKAGE / "project").iterdir() if f.name.endswith(".py"))
    text = "".join(law_version(block, study) for block in BLOCKS)
    text += _code(tuple(f"project/{name}" for name in names)).decode()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def code_version(code: tuple[str, ...], priors: BlockPriors) -> str:
    """Eight characters that change with `code` (paths in the package) or with `priors`."""
    stated = {n: [p.dist, p.params()] for n, p in sorted(priors.items())}
    text = _code(code) + json.dumps(stated, default=float).encode()
    return hashlib.sha256(text).hexdigest()[:8]


def law_files(block: str) -> tuple[str, ...]:
    """Files that state the law of `block`, as paths in the package."""
    names = [f"{floor}/{f.name}" for floor in FLOORS for f in (PACKAGE / floor).iterdir()]
    return tuple(sorted(name for name in names if _belongs(name.split("/")[1], block)))


def _belongs(name: str, block: str) -> bool:
    return name.endswith(".py") and (name.startswith(block) or name in SHARED)


@cache
def _code(names: tuple[str, ...]) -> bytes:
    """Code of the files, in one canonical form."""
    return "\n".join(_canonical(PACKAGE.joinpath(name)) for name in names).encode()


def _canonical(file: Traversable) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )

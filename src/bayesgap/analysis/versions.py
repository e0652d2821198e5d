"""Versions of the blocks' laws: evidence about a law that has changed since is no evidence.

A version is a hash of the code that states the law, without comments, docstrings and layout, and
of its priors without their reasons.
"""

import ast
import hashlib
import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from bayesgap.analysis.blocks import BLOCKS, block_priors
from bayesgap.spec.study import Study

SHARED = ("parts.py", "pooled_ar1.py")


@cache
def _code(block: str) -> bytes:
    """Code of every file of a block's law, in one canonical form."""
    floors = (files("bayesgap") / "submodels", files("bayesgap") / "simulators")
    found = [f for floor in floors for f in floor.iterdir() if _belongs(f.name, block)]
    return "\n".join(_canonical(f) for f in sorted(found, key=str)).encode()


def _belongs(name: str, block: str) -> bool:
    return name.endswith(".py") and (name.startswith(block) or name in SHARED)


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


def law_version(block: str, study: Study) -> str:
    """Eight characters that change with the law of `block` or with its priors in `study`.

    The block `chain` is all of them and the projection.
    """
    if block == "chain":
        return _chain_version(study)
    priors = {n: [p.dist, p.params()] for n, p in sorted(block_priors(study, block).items())}
    text = _code(block) + json.dumps(priors, default=float).encode()
    return hashlib.sha256(text).hexdigest()[:8]


def _chain_version(study: Study) -> str:
    folder = files("bayesgap") / "project"
    code = sorted((f for f in folder.iterdir() if f.name.endswith(".py")), key=str)
    text = "".join(law_version(block, study) for block in BLOCKS)
    text += "\n".join(map(_canonical, code))
    return hashlib.sha256(text.encode()).hexdigest()[:8]

"""Versions of the blocks' laws: evidence about a law that has changed since is no evidence.

A version is a hash of the code that states the law, as `code_hash` reads it, and of its priors
without their reasons.
"""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version
from platform import machine, python_version

from bayesgap.code_hash import code_hash
from bayesgap.schema import BLOCKS
from bayesgap.study.blocks import block_priors
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Study

# What laws import besides: priors count by their values, tables by the version of the data.
ELSEWHERE = ("health.versions", "code_hash", "data.fetch", "data.tables", "errors", "study")


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
        text = "".join(law_version(each, study) for each in BLOCKS)
        return _short(text + code_hash(("projection.propagate",), ELSEWHERE))
    return code_version(law_modules(block), block_priors(study, block))


def law_modules(block: str) -> tuple[str, str, str]:
    """Modules that state the law of `block`: its own, its panel's, and its simulator."""
    return f"blocks.{block}.model", f"blocks.{block}.panel", f"blocks.{block}.simulate"


def code_version(modules: tuple[str, ...], priors: BlockPriors, but: tuple[str, ...] = ()) -> str:
    """Eight characters that change with what `modules` import, less `but`, or with `priors`."""
    stated = {n: [p.dist, p.params()] for n, p in sorted(priors.items())}
    return _short(code_hash(modules, (*ELSEWHERE, *but)) + json.dumps(stated, default=float))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]

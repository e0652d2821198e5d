"""What a study says of one block: its priors and its seeds."""

import zlib

import numpy as np

from bayesgap.errors import StudyError
from bayesgap.study.priors import BlockPriors, narrowed
from bayesgap.study.study import Study


def block_seed(seed: int, block: str, chunk: int = 0) -> np.random.SeedSequence:
    """Independent seed of one block (and chunk of draws), the same on every machine."""
    return np.random.SeedSequence([seed, zlib.crc32(block.encode()), chunk])


def block_priors(study: Study, block: str) -> BlockPriors:
    """Priors of one block, the assumed ones narrowed by the study's `assumed_scale`.

    Raises
    ------
    StudyError
        The study has no priors of such a block.
    """
    if block not in study.priors:
        raise StudyError(f"The study must have [priors.{block}]; found {sorted(study.priors)}.")
    scale = study.options.assumed_scale
    return {name: narrowed(spec, scale) for name, spec in study.priors[block].items()}

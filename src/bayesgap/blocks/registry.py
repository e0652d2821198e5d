"""The blocks of the model by name; all code that treats blocks alike finds them here."""

from bayesgap.blocks import (
    commuting,
    education,
    imbalance,
    participation,
    population,
    sectors,
    skill_mix,
)
from bayesgap.blocks.block import Block

BLOCKS: dict[str, Block] = {
    of.BLOCK.name: of.BLOCK
    for of in (population, education, sectors, skill_mix, participation, commuting, imbalance)
}


def block_of(name: str) -> Block:
    """Record of the block `name`.

    Raises
    ------
    KeyError
        There is no such block.
    """
    return BLOCKS[name]

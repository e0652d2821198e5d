"""The laws of the seven blocks whose rates the projection joins, by name."""

from types import ModuleType


def law_of(block: str) -> ModuleType:
    """Module of the stochastic law of `block`; imported late, since PyMC takes seconds to load."""
    from bayesgap.blocks.commuting import model as commuting
    from bayesgap.blocks.education import model as education
    from bayesgap.blocks.imbalance import model as imbalance
    from bayesgap.blocks.participation import model as participation
    from bayesgap.blocks.population import model as population
    from bayesgap.blocks.sectors import model as sectors
    from bayesgap.blocks.skill_mix import model as skill_mix

    laws = population, education, sectors, skill_mix, participation, commuting, imbalance
    return {law.NAME: law for law in laws}[block]

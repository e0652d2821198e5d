"""The stochastic law and the simulator of each block, by its name."""

from types import ModuleType

from bayesgap.blocks.commuting import simulate as commuting
from bayesgap.blocks.imbalance import simulate as imbalance
from bayesgap.blocks.participation import simulate as participation
from bayesgap.blocks.population import simulate as population
from bayesgap.blocks.sectors import simulate as sectors
from bayesgap.blocks.skill_mix import simulate as skill_mix

SIMULATORS = {
    "population": population,
    "sectors": sectors,
    "skill_mix": skill_mix,
    "participation": participation,
    "commuting": commuting,
    "imbalance": imbalance,
}  # that of education needs the law itself: `blocks.education.simulate`


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

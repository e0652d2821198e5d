"""The stochastic law and the simulator of each block, by its name."""

from types import ModuleType

from bayesgap.simulators import (
    commuting,
    imbalance,
    participation,
    population,
    sectors,
    skill_mix,
)

SIMULATORS = {
    "population": population,
    "sectors": sectors,
    "skill_mix": skill_mix,
    "participation": participation,
    "commuting": commuting,
    "imbalance": imbalance,
}  # that of education needs the law itself: `submodels.education_simulation`


def law_of(block: str) -> ModuleType:
    """Module of the stochastic law of `block`; imported late, since PyMC takes seconds to load."""
    from bayesgap.submodels import (
        commuting,
        education,
        imbalance,
        participation,
        population,
        sectors,
        skill_mix,
    )

    laws = population, education, sectors, skill_mix, participation, commuting, imbalance
    return {law.NAME: law for law in laws}[block]

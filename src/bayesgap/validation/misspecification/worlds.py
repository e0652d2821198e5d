"""The made-up world of every block that has one."""

from bayesgap.blocks.commuting.misspecified import commuting
from bayesgap.blocks.education.misspecified import education
from bayesgap.blocks.participation.misspecified import participation
from bayesgap.blocks.population.misspecified import population
from bayesgap.blocks.sectors.misspecified import sectors
from bayesgap.blocks.world import Maker

WORLDS: dict[str, Maker] = {
    world.__name__: world for world in (population, education, sectors, commuting, participation)
}

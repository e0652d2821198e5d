"""The made-up world of every block that has one."""

from bayesgap.analysis.misfits.commuting import commuting
from bayesgap.analysis.misfits.education import education
from bayesgap.analysis.misfits.participation import participation
from bayesgap.analysis.misfits.population import population
from bayesgap.analysis.misfits.sectors import sectors
from bayesgap.analysis.misfits.world import Maker

WORLDS: dict[str, Maker] = {
    world.__name__: world for world in (population, education, sectors, commuting, participation)
}

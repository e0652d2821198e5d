"""Population: people by age and region, births, deaths and migration."""

from types import ModuleType

from bayesgap.blocks.block import Block, Readers
from bayesgap.blocks.population.calibrated import CALIBRATION
from bayesgap.blocks.population.checks import OBSERVED, STATEMENTS
from bayesgap.blocks.population.misspecified import population as world
from bayesgap.blocks.population.panel import build_population_panel
from bayesgap.blocks.population.simulate import retell, simulate
from bayesgap.inference.time_left import Cost


def law() -> ModuleType:
    """The law: `build` and `forecast`."""
    from bayesgap.blocks.population import model

    return model


def readers() -> Readers:
    """What health reads draws with."""
    from bayesgap.blocks.population import left_out, residuals

    return Readers(left_out.left_out, residuals.residuals)


BLOCK = Block(
    name="population",
    panel=build_population_panel,
    law=law,
    cost=Cost(3.5, 72, 22, 1.2),
    simulate=simulate,
    cyclical=True,
    retell=retell,
    observed=OBSERVED,
    statements=STATEMENTS,
    readers=readers,
    calibration=CALIBRATION,
    world=world,
)

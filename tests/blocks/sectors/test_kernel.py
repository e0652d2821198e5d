"""Cells of areas: the operation is Student's t with the block's scale, and has its slopes."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy.stats import t

from bayesgap.blocks.sectors.kernel import LOG_EVERY, Cells, Moved, cell_likelihood
from bayesgap.blocks.sectors.laws import TAIL

NUMBER = 5 * LOG_EVERY + 1  # the last cells are fewer than those whose scales are multiplied


@pytest.fixture
def case() -> tuple[Moved, Cells]:
    rng = np.random.default_rng(4)
    cells = Cells(
        rng.normal(0.0, 0.1, NUMBER),
        rng.integers(0, 3, NUMBER),
        rng.integers(0, 2, NUMBER),
        rng.normal(size=NUMBER),
        rng.uniform(10.0, 1000.0, NUMBER),
        rng.uniform(0.0, 0.001, NUMBER),
    )
    growth, spread = rng.normal(0.0, 0.02, (3, 2)), np.array([0.01, 0.03])
    return Moved(growth, np.array([0.2, 0.8]), spread, np.array(0.9)), cells


def by_scipy(at: Moved, cells: Cells) -> float:
    variance = at.spread[cells.sector] ** 2 + at.noise**2 / cells.size + cells.rounding
    mean = at.growth[cells.area, cells.sector] + at.elasticity[cells.sector] * cells.driver
    density = t.logpdf(cells.deviation, TAIL, mean, np.sqrt(variance)).sum()
    return float(density - NUMBER * t.logpdf(0.0, TAIL))  # less its constant


def test_density_and_slopes_are_those_of_students_t(case: tuple[Moved, Cells]) -> None:
    at, cells = case
    tensors = Moved(*(pt.tensor(dtype=float, shape=value.shape) for value in at))
    density = cell_likelihood(tensors, cells)
    outputs = [density, *pytensor.grad(density, list(tensors))]
    value, *slopes = pytensor.function(list(tensors), outputs, mode="FAST_COMPILE")(*at)
    assert value == pytest.approx(by_scipy(at, cells), rel=1e-12)
    for place, slope in enumerate(slopes):
        for index in np.ndindex(slope.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [np.array(v) for v in at]
                moved[place][index] += step
                ends.append(by_scipy(Moved(*moved), cells))
            assert slope[index] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-5)

"""Rules of a law, broken one at a time, in each path by itself.

Sizes are in standard deviations of own yearly deviations, those of two kinds in spreads of means.
Every break goes either way with the same chance, so that bias shows only what leans to one side.
"""

from collections.abc import Callable

import numpy as np

from bayesgap.blocks.world import Law, Paths

STEP = 4.0  # own yearly standard deviations
OFTEN = 0.05  # of regions and years

Rule = Callable[[Paths, int, Law, np.random.Generator], Paths]


def kept(paths: Paths, *_: object) -> Paths:
    """No rule is broken."""
    return paths


def level_break(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """In a third of regions the level moves for good in the middle of the years seen."""
    moved = rng.random(law.sd.size) < 1 / 3
    side = rng.choice([-1.0, 1.0], law.sd.size)
    later = np.arange(paths.shape[1]) >= seen // 2
    return paths + STEP * (law.sd * moved * side)[:, None] * later


def shock_year(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """One year seen, not the first or last, is off to one side everywhere, and the next is not."""
    year = np.arange(paths.shape[1]) == rng.integers(1, seen - 1)
    return paths + STEP * rng.choice([-1.0, 1.0]) * law.sd[:, None] * year


def heavy_tails(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """Now and then a region jumps, and comes back as slowly as its own path does."""
    size = STEP * law.sd[:, None] * rng.choice([-1.0, 1.0], paths.shape)
    jump = size * (rng.random(paths.shape) < OFTEN)
    away, out = np.zeros(law.sd.size), paths.copy()
    for year in range(paths.shape[1]):
        away = law.persistence * away + jump[:, year]
        out[:, year] += away
    return out


def two_kinds(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """Regions are of two kinds, far apart, and not spread about one mean."""
    return paths + 2 * law.spread * rng.choice([-1.0, 1.0], law.sd.size)[:, None]


RULES: dict[str, Rule] = {
    "none": kept,
    "level break": level_break,
    "shock year": shock_year,
    "heavy tails": heavy_tails,
    "two kinds of regions": two_kinds,
}

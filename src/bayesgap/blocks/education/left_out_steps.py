"""A step of every regional parameter of education, all in one call of its expected logits.

Expected logits are a function of one draw. Steps are copies of the cells that they touch: each
reads rows of its own from the tables of regional parameters, and the rest of the draw is shared.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bayesgap.blocks.education.cells import SOURCES, Cells, Observations, Whole

Values = dict[str, npt.NDArray[np.floating]]
TOUCHED = {  # sources, by the first word of a parameter
    "region": ("stock", "resident"),
    "immigrant": ("immigrant", "resident"),
    "resident": ("resident",),
}
OF_CELLS = ("born", "born_split", "time", "late", "immigrant", "age", "weight")


class Steps(NamedTuple):
    """Cells and observations of all steps, and the observation and step of each expected value.

    `moved` are the steps themselves, by parameter (step x row, column).
    """

    cells: Cells
    seen: Observations
    moved: Values
    observed: Whole
    number: Whole

    def taken(self, one: Mapping[str, npt.NDArray[np.floating]]) -> Values:
        """A draw whose tables of regional parameters follow one another, a step further each."""
        tables = {
            name: np.tile(one[name], (len(moved) // len(one[name]), 1)) + moved
            for name, moved in self.moved.items()
        }
        return {**one, **tables}


def build_steps(cells: Cells, seen: Observations, tables: Values, size: float) -> Steps:
    """Steps of `size` of each column of regional tables (row, column), in all rows at once."""
    steps = [(name, column) for name, table in tables.items() for column in range(table.shape[1])]
    moved = {name: np.zeros((len(steps), *table.shape)) for name, table in tables.items()}
    for number, (name, column) in enumerate(steps):
        moved[name][number, :, column] = size
    pairs = [
        (number, SOURCES.index(source))
        for number, (name, _) in enumerate(steps)
        for source in TOUCHED[name.partition("_")[0]]
    ]
    rows = {name: len(table) for name, table in tables.items()}
    copied = _copied_cells(cells, pairs, len(steps), rows)
    observed, number, again = _copied_observations(cells, seen, pairs)
    flat = {name: table.reshape(-1, table.shape[-1]) for name, table in moved.items()}
    return Steps(copied, again, flat, observed, number)


def _copied_cells(
    cells: Cells, pairs: list[tuple[int, int]], steps: int, rows: Mapping[str, int]
) -> Cells:
    """Cells of each step and source in `pairs`, with rows of their own in the tables."""
    ends = np.cumsum([0, *(stocks * each for stocks, each in cells.blocks)])
    cell = np.concatenate([np.arange(ends[s], ends[s + 1]) for _, s in pairs])
    number = np.repeat([n for n, _ in pairs], [ends[s + 1] - ends[s] for _, s in pairs])
    stock = np.concatenate([_stocks_of(cells, s) for _, s in pairs])
    regions, splits = rows["region_level_deviation"], rows["resident_split"]
    line, place = cells.line[cell], cells.place[cell]
    before = number * regions + (line > regions) * (steps - 1) * regions
    own = {name: getattr(cells, name)[cell] for name in OF_CELLS}
    return replace(
        cells,
        **own,
        constant=cells.constant[:, cell],
        line=np.where(line > 0, line + before, 0),
        place=np.where(place > 0, place + number * splits, 0),
        told=cells.told[stock],
        coarse=cells.coarse[stock],
        blocks=tuple(cells.blocks[s] for _, s in pairs),
    )


def _stocks_of(cells: Cells, source: int) -> Whole:
    ends = np.cumsum([0, *(stocks for stocks, _ in cells.blocks)])
    return np.arange(ends[source], ends[source + 1])


def _copied_observations(
    cells: Cells, seen: Observations, pairs: list[tuple[int, int]]
) -> tuple[Whole, Whole, Observations]:
    """Observation and step of each copy, and copies by their places among the copied stocks."""
    sizes = [_stocks_of(cells, source).size for _, source in pairs]
    whole, copies = sum(stocks for stocks, _ in cells.blocks), sum(sizes)
    observed, number, place = [], [], []
    for (step, source), end, size in zip(pairs, np.cumsum(sizes), sizes, strict=True):
        own = np.flatnonzero(seen.source == source)
        stock = seen.cell[own] % whole - _stocks_of(cells, source)[0]
        observed.append(own)
        number.append(np.full(own.size, step))
        place.append(seen.choice[own] * copies + end - size + stock)
    every = np.concatenate(observed)
    taken = {item.name: getattr(seen, item.name)[every] for item in fields(seen)}
    again = Observations(**{**taken, "cell": np.concatenate(place)})
    return every, np.concatenate(number), again

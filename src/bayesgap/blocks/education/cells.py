"""Every observed stock of the education block as one flat list of cells: arrays only.

A cell is a group of ages of one background in one stock; stocks are sums over their cells, and
observations are logits of stocks. One list for all sources keeps the graph small.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.ages import Floats, basis
from bayesgap.blocks.education.panel import (
    LOGITS,
    last_cohort,
    last_stock,
)

SOURCES = ("nation", "stock", "immigrant", "resident", "survey")
SERIES = (
    *(f"nation:{k}" for k in LOGITS),
    *(f"stock:{k}" for k in LOGITS[:2]),
    *(f"immigrant:{k}" for k in LOGITS[:2]),
    *(f"resident:{k}" for k in LOGITS),
    *(f"survey:{k}" for k in LOGITS[:2]),
)
Whole = npt.NDArray[np.int64]
Part = dict[str, npt.NDArray]


@dataclass(frozen=True)
class Cells:
    """Cells of all sources, each attribute an array over cells unless it says otherwise.

    `line` is the row of the table (nation, regions, immigrants of regions) of levels and slopes,
    `place` the row of the table (nation, regions with six levels) of splits; `blocks` are the
    shapes (stock, cell) of the sources in order.
    """

    born: Whole  # row of `knots` of choices 1 and 2
    born_split: Whole  # of choices 3 and 4
    constant: Floats  # (split, cell)
    line: Whole
    time: Floats
    late: Floats  # decades of late gain: none for immigrants, whose stock follows arrivals
    place: Whole
    immigrant: Floats  # loading of the immigrants' offset
    age: Whole  # row of the completion table
    weight: Floats
    told: Floats  # (stock): 1 where higher vocational counts as tertiary for sure
    coarse: Floats  # (stock): 1 where the part psi of it does
    knots: Floats  # (row, knot): weights of knots by year of birth; the last row is zero
    completion: Floats = field(repr=False)  # (age row, logit)
    completion_sd: Floats = field(repr=False)
    blocks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Observations:
    """Logits of stocks, each attribute an array over observations.

    `cell` is the place in the flattened (logit, stock) array, `previous` the observation before
    it in its series (itself if none: `later` = 0), `years` the distance to it; `unknown` and
    `surveyed` load the steps of the unknown before 2014 and the offsets of the survey.
    """

    value: Floats
    cell: Whole
    choice: Whole
    source: Whole
    series: Whole
    previous: Whole
    later: Floats
    years: Floats
    unknown: Floats
    surveyed: Floats


def build_cells(panel: xr.Dataset) -> Cells:
    """Flat cells of the nation, the stocks 30-66, immigrants, residents 16+ and the survey."""
    parts = [_nation(panel), _stocks(panel), _immigrants(panel), _residents(panel), _survey(panel)]
    level, spread = _completion(panel)
    years = np.unique(np.concatenate([part["born"].ravel() for part in parts]))
    years = np.append(years[np.isfinite(years)], np.nan)
    joined = {
        name: np.concatenate([part[name].reshape(-1, *part[name].shape[2:]) for part in parts])
        for name in parts[0]
    }
    for name in ("born", "born_split"):
        joined[name] = np.searchsorted(years, joined[name])  # NaN comes last
    joined["constant"] = np.ascontiguousarray(joined["constant"].T)
    blocks = tuple((int(part["age"].shape[0]), int(part["age"].shape[1])) for part in parts)
    nation, since = (
        law.vocational_told(panel[f"{source}_year"].values) for source in ("nation", "resident")
    )
    told = [nation, *(np.zeros(b[0]) for b in blocks[1:3])]
    told += [np.tile(since, panel.sizes["resident_region"]), np.ones(blocks[4][0])]
    unsure = [np.full(b[0], float(i in (1, 2))) for i, b in enumerate(blocks)]
    return Cells(
        **joined,
        told=np.concatenate(told),
        coarse=np.concatenate(unsure),
        knots=np.nan_to_num(basis(years, panel["knot"].values)) * np.isfinite(years)[:, None],
        completion=level,
        completion_sd=spread,
        blocks=blocks,
    )


def _completion(panel: xr.Dataset) -> tuple[Floats, Floats]:
    """Rows: adult cells, stock cells, and the mean over stock cells (age row, logit)."""
    ages = panel["age"].values
    middle = np.concatenate([panel["adult_cell"].values, panel["stock_cell"].values])
    level, spread = (
        np.stack([np.interp(middle, ages, row) for row in panel[name].values], axis=1)
        for name in ("completion_level", "completion_sd")
    )
    first = panel.sizes["adult_cell"]
    weight = panel["stock_weight"].mean(("region", "stock_year")).values
    done = weight @ law.completed(level[first:], spread[first:], 0.0)
    mean = np.log(-np.log(done))
    return np.vstack([level, mean]), np.vstack([spread, spread[-1]])


def _born(panel: xr.Dataset, year: str, cell: str) -> Floats:
    return panel[year].values[:, None] - panel[cell].values[None, :]


def _part(shape: tuple[int, int], **given: npt.NDArray) -> Part:
    """Cells of one source (stock, cell); what is not given is zero.

    `born` is the year of birth, NaN where the composition does not follow it.
    """
    part: Part = {name: np.zeros(shape) for name in ("time", "late", "immigrant")}
    part |= {name: np.zeros(shape, dtype=np.int64) for name in ("line", "place")}
    part["constant"] = np.zeros((*shape, 2))
    for name, values in given.items():
        part[name] = np.broadcast_to(values, (*shape, *values.shape[2:]))
    return part


def _nation(panel: xr.Dataset) -> Part:
    born = _born(panel, "nation_year", "adult_cell")
    weight = panel["nation_weight"].transpose("nation_year", "adult_cell").values
    age = np.arange(weight.shape[1])[None]
    late = law.late(panel["adult_cell"].values)[None]
    return _part(weight.shape, born=born, born_split=born, late=late, age=age, weight=weight)


def _stocks(panel: xr.Dataset) -> Part:
    born = _born(panel, "stock_year", "stock_cell")
    weight = panel["stock_weight"].transpose("region", "stock_year", "stock_cell").values
    regions, years, cells = weight.shape
    everywhere = np.tile(born, (regions, 1))
    return _part(
        (regions * years, cells),
        born=everywhere,
        born_split=everywhere,
        line=np.repeat(1 + np.arange(regions), years)[:, None],
        time=np.tile(law.tilt(born, last_cohort(panel)), (regions, 1)),
        late=law.late(panel["stock_cell"].values)[None],
        age=panel.sizes["adult_cell"] + np.arange(cells)[None],
        weight=weight.reshape(-1, cells),
    )


def _immigrants(panel: xr.Dataset) -> Part:
    """One cell a stock: their composition follows the year, not the cohort (E5).

    Their part of higher vocational, which only serves to read the coarse cell, is assumed.
    """
    regions, years = panel.sizes["region"], panel["immigrant_year"].values
    shape = (regions * years.size, 1)
    middle = basis(law.CENTRE_COHORT, panel["knot"].values)
    assumed = panel["shape_mean"].values[2:] @ middle + panel["split_mean"].values
    none = np.full(shape, np.nan)
    return _part(
        shape,
        born=none,
        born_split=none,
        constant=assumed[None, None],
        line=np.repeat(1 + regions + np.arange(regions), years.size)[:, None],
        time=np.tile(law.trend_time(years, last_stock(panel)), regions)[:, None],
        age=np.full((1, 1), panel.sizes["adult_cell"] + panel.sizes["stock_cell"]),
        weight=np.ones(shape),
    )


def _residents(panel: xr.Dataset) -> Part:
    """Both backgrounds side by side: first the cells of the others, then of immigrants."""
    places = [list(panel["region"].values).index(r) for r in panel["resident_region"].values]
    years, regions = panel["resident_year"].values, panel.sizes["region"]
    born = _born(panel, "resident_year", "adult_cell")
    order = ("resident_region", "resident_year", "adult_cell")
    weight = panel["resident_weight"].transpose(*order).values
    share = panel["resident_immigrants"].transpose(*order).values
    both = np.concatenate([weight * (1.0 - share), weight * share], axis=-1)
    everywhere = np.tile(born, (len(places), 1))
    own = np.repeat(np.array(places), years.size)[:, None]
    ones = np.ones(born.shape[1], dtype=np.int64)
    time = np.tile(law.trend_time(years, last_stock(panel)), len(places))[:, None] * ones
    tilt = law.tilt(born, last_cohort(panel))
    late, mean = law.late(panel["adult_cell"].values), law.MEAN_IMMIGRANTS
    return _part(
        (len(places) * years.size, 2 * born.shape[1]),
        born=np.concatenate([everywhere, np.full(everywhere.shape, np.nan)], axis=1),
        born_split=np.concatenate([everywhere, everywhere], axis=1),
        line=np.concatenate([(1 + own) * ones, (1 + regions + own) * ones], axis=1),
        time=np.concatenate([np.tile(tilt, (len(places), 1)), time], axis=1),
        late=np.concatenate([late, 0.0 * late])[None],
        place=np.repeat(1 + np.arange(len(places)), years.size)[:, None],
        immigrant=np.concatenate([-mean * ones, (1.0 - mean) * ones])[None],
        age=np.concatenate([np.arange(born.shape[1])] * 2)[None],
        weight=both.reshape(len(places) * years.size, -1),
    )


def _survey(panel: xr.Dataset) -> Part:
    """The nation's cells of each band of ages; bands of fewer cells have some without weight."""
    weight = panel["survey_weight"].transpose("survey_band", "survey_year", "adult_cell").values
    inside = (weight > 0.0).any(1)
    width = int(inside.sum(1).max())
    cells = np.argsort(~inside, axis=1, kind="stable")[:, :width]  # (band, cell)
    bands, years, _ = weight.shape
    weight = np.take_along_axis(weight, cells[:, None].repeat(years, axis=1), axis=2)
    middle = panel["adult_cell"].values[cells]
    born = panel["survey_year"].values[None, :, None] - middle[:, None]
    shape = (bands * years, width)
    return _part(
        shape,
        born=born.reshape(shape),
        born_split=born.reshape(shape),
        late=np.repeat(law.late(middle), years, axis=0),
        age=np.repeat(cells, years, axis=0),
        weight=weight.reshape(shape),
    )


def build_observations(panel: xr.Dataset) -> Observations:
    """Observed logits of all stocks, in the order of `build_cells`."""
    seen = [
        panel["nation_logit"].transpose("nation_year", "logit").values[None],
        panel["stock_logit"].transpose("region", "stock_year", "choice").values,
        panel["immigrant_logit"].transpose("region", "immigrant_year", "choice").values,
        panel["resident_logit"].transpose("resident_region", "resident_year", "logit").values,
        panel["survey_logit"].transpose("survey_band", "survey_year", "choice").values,
    ]
    unknown = panel["unknown_excess"].values
    stocks = sum(array.shape[0] * array.shape[1] for array in seen)
    rows: list[tuple[float, ...]] = []
    first = 0
    for source, array in enumerate(seen):
        years = panel[f"{SOURCES[source]}_year"].values
        for place, k in np.ndindex(array.shape[0], array.shape[2]):
            last = -1
            for t in np.flatnonzero(np.isfinite(array[place, :, k])):
                cell = k * stocks + first + place * years.size + t
                series = SERIES.index(f"{SOURCES[source]}:{LOGITS[k]}")
                before = rows[-1] if last >= 0 else None
                gap = years[t] - years[last] if before else 0
                excess = unknown[t] if source == 0 else 0.0
                previous = len(rows) - 1 if before else len(rows)
                value, told = array[place, t, k], float(SOURCES[source] == "survey")
                row = (value, cell, k, source, series, previous, bool(before), gap, excess, told)
                rows.append(row)
                last = int(t)
        first += array.shape[0] * array.shape[1]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    whole = (1, 2, 3, 4, 5)
    return Observations(
        *(c.astype(np.int64) if i in whole else c.astype(float) for i, c in enumerate(columns))
    )

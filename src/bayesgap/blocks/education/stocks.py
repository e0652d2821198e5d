"""Expected logits of every observed stock of the education block, for arrays and for tensors.

Equation numbers are those of `bayesgap.blocks.education.model`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any

import numpy as np
import pytensor
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.cells import Cells, Observations
from bayesgap.blocks.education.kernel import Fixed, Moved, stock_logits
from bayesgap.blocks.education.panel import (
    LOGITS,
    last_cohort,
)

LATE = ("late_upper_secondary", "late_tertiary")
Layout = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Assumed:
    """What nobody published about cohorts and immigrants, as arrays (E1, E6)."""

    shape_mean: Floats  # (logit, knot)
    shape_sd: Floats
    step_reach: Floats  # (late_knot, knot): 1 where a step has been taken by a knot
    split_mean: Floats  # (split)
    split_sd: Floats


def build_assumed(panel: xr.Dataset) -> Assumed:
    """Assumed shapes and splits of a panel."""
    names = ("shape_mean", "shape_sd", "split_mean", "split_sd")
    reach = (panel["knot"].values[None, :] >= late_knots(panel)[:, None]).astype(float)
    return Assumed(step_reach=reach, **{name: panel[name].values for name in names})


def late_knots(panel: xr.Dataset) -> np.ndarray:
    """Knots of cohorts that have not finished their education."""
    knots = panel["knot"].values
    return knots[knots > last_cohort(panel)]


def shared_layout(panel: xr.Dataset) -> Layout:
    """Shapes of the normal parameters that all stocks share."""
    logits, splits = panel.sizes["logit"], panel.sizes["split"]
    return {
        "cohort_shape": (logits, panel.sizes["knot"]),
        "cohort_step": (logits, late_knots(panel).size),
        "completion": (logits,),
        **dict.fromkeys(LATE, ()),
        "immigrant_split": (splits,),
        "unknown_step": (logits,),
        "survey_offset": (panel.sizes["choice"],),
    }


def local_layout(panel: xr.Dataset) -> Layout:
    """Shapes of the parameters of single regions."""
    regional = (panel.sizes["region"], panel.sizes["choice"])
    names = ("region_level_deviation", "region_tilt_deviation")
    arrivals = ("immigrant_level_region", "immigrant_trend_region")
    splits = (panel.sizes["resident_region"], panel.sizes["split"])
    return {**dict.fromkeys((*names, *arrivals), regional), "resident_split": splits}


def size(layout: Layout) -> int:
    """Number of parameters of a layout."""
    return sum(map(prod, layout.values()))


def unpacked(vector: Any, layout: Layout) -> dict[str, Any]:
    """Parameters by name from one vector."""
    out, first = {}, 0
    for name, shape in layout.items():
        out[name] = vector[first : first + prod(shape)].reshape(shape)
        first += prod(shape)
    return out


def as_shared(arrays: Any, skipped: Sequence[str] = ("blocks",)) -> Any:
    """Dataclass with its arrays as shared variables of known shape.

    Constants inside the graph, or arrays of unknown shape, make compiling slow.
    """
    prefix = type(arrays).__name__.lower()
    held = {}
    for item in fields(arrays):
        if item.name not in skipped:
            value = np.ascontiguousarray(getattr(arrays, item.name))
            name = f"{prefix}__{item.name}"
            held[item.name] = pytensor.shared(value, name=name, shape=value.shape)
    return replace(arrays, **held)


def national_shape(assumed: Assumed, p: Mapping[str, Any]) -> Any:
    """Equation E1 (logit, knot) from the parameters by name."""
    error, step = p["cohort_shape"], p["cohort_step"]
    return law.national_shape(
        assumed.shape_mean,
        assumed.shape_sd,
        error,
        p["cohort_innovation"],
        step,
        assumed.step_reach,
    )


def stock_means(
    cells: Cells,
    assumed: Assumed,
    seen: Observations,
    p: Mapping[str, Any],
    at: Fixed | None = None,
) -> Any:
    """Expected value of every observation from the parameters by name (E1-E7).

    Parameters
    ----------
    at : places of the cells where parameters are tensors, none where they are arrays
    """
    moved = moved_by(cells, assumed, p)
    expected = expected_logits(cells, moved) if at is None else stock_logits(moved, at)
    mean = expected.ravel()[seen.cell] + p["unknown_step"][seen.choice] * seen.unknown
    return mean + p["survey_offset"][seen.choice % 2] * seen.surveyed  # of choices 1 and 2 only


def moved_by(cells: Cells, assumed: Assumed, p: Mapping[str, Any]) -> Moved:
    """What the expected logits of stocks follow from, from the parameters by name (E1, E2)."""
    none = np.zeros((1, 2))
    levels, slopes = (
        law.joined([none, p[f"region_{own}_deviation"], p[f"immigrant_{other}_region"]])
        for own, other in (("level", "level"), ("tilt", "trend"))
    )
    return Moved(
        nation=national_shape(assumed, p).dot(cells.knots.T),
        levels=levels,
        slopes=slopes,
        gain=law.stacked([p[name] for name in LATE]),
        splits=law.joined([none, p["resident_split"]]),
        offset=assumed.split_mean + assumed.split_sd * p["immigrant_split"],
        done=law.completed(cells.completion, cells.completion_sd, p["completion"]),
        told=cells.told + p["vocational_counted"] * cells.coarse,
    )


def expected_logits(cells: Cells, m: Moved) -> Any:
    """Expected logits (logit, stock) of all stocks (E3-E7), array by array."""
    logits = []
    for k in (0, 1):
        shape, own = m.nation[k][cells.born], cells.line
        level, slope = m.levels[:, k][own], m.slopes[:, k][own]
        logits.append(law.regional(shape, level, slope, cells.time, m.gain[k], cells.late))
    for k in (0, 1):
        shape = m.nation[2 + k][cells.born_split] + cells.constant[k]
        logits.append(shape + m.splits[:, k][cells.place] + m.offset[k] * cells.immigrant)
    parts = [m.done[:, k][cells.age] for k in range(len(LOGITS))]
    return law.stacked(law.stock_logits(_totals(cells, law.reached(logits, parts)), m.told))


def _totals(cells: Cells, stages: law.Reached) -> law.Reached:
    """Weighted sums (stock) over the cells of each stock (E7)."""
    finished, tertiary, vocational, long = (
        _total(cells, stage)
        for stage in (stages.finished, stages.tertiary, stages.vocational, stages.long)
    )
    return law.Reached(finished, tertiary, vocational, tertiary - vocational, long)


def _total(cells: Cells, stage: Any) -> Any:
    weighted, first, out = cells.weight * stage, 0, []
    for number, each in cells.blocks:
        part = weighted[first : first + number * each]
        out.append(part.reshape((number, each)).sum(-1))
        first += number * each
    return law.joined(out)

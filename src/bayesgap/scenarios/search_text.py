"""What a search for strengths found, in words."""

from collections.abc import Mapping

import numpy as np

from bayesgap.present.labels import person
from bayesgap.present.table import rounded, step
from bayesgap.scenarios.limits import MAIN_STRENGTH, Limit
from bayesgap.scenarios.search import Found
from bayesgap.study.scenario_files import Measure


def strengths(measure: Measure, factor: float) -> str:
    """Strengths of the measure's file times `factor`, where they are numbers."""
    told = [
        f"{name} {factor * value:.3g}"
        for event in measure.events
        for name, value in event.model_dump().items()
        if name in MAIN_STRENGTH and isinstance(value, float)
    ]
    return f" ({', '.join(told)})" if told else ""


SMALLEST = 0.005  # of a file's strength


def _which(found: Found) -> str:
    return "This measure" if len(found.factors) == 1 else "This mix"


def search_text(
    found: Found,
    measures: Mapping[str, Measure],
    probability: float,
    region: str,
    year: int,
    run_id: str,
    limits: Mapping[str, Limit],
) -> str:
    """Answer in a few lines: factors, probability with its error, and the gap that is left."""
    low, median, high = np.quantile(found.gap, [0.1, 0.5, 0.9])
    unit = step(float(high - low))
    show = lambda value: person(rounded(float(value), unit), True)  # noqa: E731
    lines = [
        f"  {name}: {factor:.2f} times the strength of its file{strengths(measures[name], factor)}"
        if factor >= SMALLEST
        else f"  {name}: not used"
        for name, factor in found.factors.items()
    ]
    gap = f"the gap of {region} in {year} with probability {probability:.0%}"
    head = f"{_which(found)} closes {gap} at this strength"
    if found.probability < probability:
        head = f"{_which(found)} cannot close {gap}. The most that can be"
        lines = [
            f"{line}: {limits[name].meaning}"
            for line, name in zip(lines, found.factors, strict=True)
        ]
    lines.append(
        f"Then P(no shortage) = {found.probability:.1%} (Monte Carlo error {found.error:.1%}), gap "
        f"{show(median)}, 80 % interval {show(low)} to {show(high)}."
    )
    if len(found.factors) > 1:
        lines.append(f"Cost: {found.cost:.2f} in the units of the costs given.")
    return "\n".join([f"{head}:", *lines, f"Run {run_id}, {found.gap.size} draws."])

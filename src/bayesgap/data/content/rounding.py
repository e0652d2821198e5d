"""Figures that are not as round as their source rounds them.

Nav rounds shortages to 25 persons. The published study states each figure with the half of its last
digit: figures of a half width 5, 0.5, 0.005 ... are whole multiples of it, and every half width is
a round number. All of the embedded figures are (`tests/data/content`).
"""

from collections.abc import Iterator

import numpy as np

from bayesgap.data.compare import number
from bayesgap.data.content.finding import CORRECT, Finding, Frames
from bayesgap.errors import Problem

NAV_UNIT = 25
ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)  # leading digits of a half width


def nav_findings(frames: Frames) -> Iterator[Finding]:
    """Shortages that are no multiple of 25."""
    values = frames["nav_shortage_2017"]["shortage_estimate"].dropna()
    for line, value in values[values % NAV_UNIT != 0].items():
        found = f"{number(value)} is no multiple of {NAV_UNIT}, as every shortage of Nav's is"
        place = "nav_shortage_2017.csv", int(str(line)), "shortage_estimate"
        yield Finding(Problem(*place, found, CORRECT, "nav_shortage_2017 rounding"), 1.5)


def report_findings(frames: Frames) -> Iterator[Finding]:
    """Published figures that are not as round as their half width says."""
    frame = frames["report_figures"]
    for line, value, half in frame[["value", "half_width"]].dropna().itertuples():
        if half <= 0:
            continue
        digit = half / 10.0 ** np.floor(np.log10(half) + 1e-9)
        times = value / half
        found = column = ""
        if not np.isclose(digit, ROUND).any():
            found, column = f"a half width of {number(half)} is no round number", "half_width"
        elif abs(value) < half and value != 0:
            found, column = f"{number(value)} is less than its half width {number(half)}", "value"
        elif np.isclose(digit, 5.0) and not np.isclose(times, np.round(times), atol=1e-6):
            found = f"{number(value)} is no multiple of its half width {number(half)}"
            column = "value"
        if found:
            problem = Problem("report_figures.csv", int(line), column, found, CORRECT, "rounding")
            yield Finding(problem, 1.5)

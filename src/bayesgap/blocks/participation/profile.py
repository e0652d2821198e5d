"""The profile of participation over ages, from turns of a line: one law for build and forecast."""

from itertools import pairwise

import numpy as np

from bayesgap.schema import WORKING_AGES

KNOTS = (15, 18, 21, 25, 30, 40, 50, 57, 62, 65, 67, 70, 74)
ANCHOR = 5  # place of the age, 40, at which levels have their middle
SEGMENTS = len(KNOTS) - 1


def curves() -> tuple[np.ndarray, np.ndarray]:
    """Log-odds (age, segment) that a turn of the common line adds, and a step of a level (L6).

    The line has a slope between 40 and 50 and turns at every knot on the way out, so that it goes
    on as it was going unless something speaks for a turn. A level departs from it by steps, whose
    size grows with the root of the years between knots.
    """
    turn, step = np.zeros((len(KNOTS), SEGMENTS)), np.zeros((len(KNOTS), SEGMENTS))
    width = np.diff(KNOTS)
    slope = np.zeros((SEGMENTS, SEGMENTS))  # of a segment, by turn
    for segment in range(ANCHOR, SEGMENTS):
        slope[segment, ANCHOR : segment + 1] = 1.0
        turn[segment + 1] = turn[segment] + width[segment] * slope[segment]
        step[segment + 1] = step[segment] + np.sqrt(width[segment]) * np.eye(SEGMENTS)[segment]
    for segment in reversed(range(ANCHOR)):
        slope[segment, segment : ANCHOR + 1] = 1.0
        turn[segment] = turn[segment + 1] - width[segment] * slope[segment]
        step[segment] = step[segment + 1] - np.sqrt(width[segment]) * np.eye(SEGMENTS)[segment]
    between = _between()
    return between @ turn, between @ step


def _between() -> np.ndarray:
    """Weights (age, knot) of the knots about an age."""
    ages = np.array(WORKING_AGES)
    out = np.zeros((len(ages), len(KNOTS)))
    for place, (low, high) in enumerate(pairwise(KNOTS)):
        there = (ages >= low) & (ages <= high)
        part = (ages[there] - low) / (high - low)
        out[there] = 0.0
        out[there, place], out[there, place + 1] = 1 - part, part
    return out

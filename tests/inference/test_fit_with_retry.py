"""A fit whose draws diverge is attempted again, in smaller steps."""

import numpy as np
import pytest
import xarray as xr

from bayesgap.inference.fit import STEADIER, diverged, fit_with_retry
from bayesgap.study.study import Sampling

USUAL = Sampling(target_accept=0.9)


def fitted(number: int) -> xr.DataTree:
    """A fit of 2 chains x 50 draws, of which `number` diverged."""
    flags = (np.arange(100) < number).reshape(2, 50)
    stats = xr.Dataset({"diverging": (("chain", "draw"), flags)})
    return xr.DataTree.from_dict({"sample_stats": stats})


class Attempts:
    """Fits with the given numbers of divergences, one a call, and what was asked for."""

    def __init__(self, *numbers: int) -> None:
        self.left = list(numbers)
        self.asked: list[Sampling] = []

    def __call__(self, sampling: Sampling) -> xr.DataTree:
        self.asked.append(sampling)
        return fitted(self.left.pop(0))


def test_a_fit_without_divergences_stands() -> None:
    attempts = Attempts(0)
    assert diverged(fit_with_retry(attempts, USUAL)) == 0
    assert attempts.asked == [USUAL]


@pytest.mark.parametrize(("numbers", "kept"), [((3, 0), 0), ((3, 2, 0), 0), ((2, 5, 4), 2)])
def test_smaller_steps_are_tried_until_no_draw_diverges(numbers: tuple, kept: int) -> None:
    attempts = Attempts(*numbers)
    assert diverged(fit_with_retry(attempts, USUAL)) == kept
    assert not attempts.left
    for asked, accept in zip(attempts.asked[1:], STEADIER, strict=False):
        smaller = {"target_accept": accept, "tune": 2 * USUAL.tune}
        assert asked == USUAL.model_copy(update=smaller)


def test_a_study_that_asks_for_smaller_steps_is_taken_at_its_word() -> None:
    attempts = Attempts(3)
    fit_with_retry(attempts, USUAL.model_copy(update={"target_accept": 0.995}))
    assert len(attempts.asked) == 1

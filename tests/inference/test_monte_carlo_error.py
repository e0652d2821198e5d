"""The Monte Carlo error of quantiles is the spread that new draws would show."""

import numpy as np
import pytest

from bayesgap.scenarios.comparison import monte_carlo_error

SHAPE = (4, 1000)


def share_of_shortage(rng: np.random.Generator, keep: float) -> np.ndarray:
    """An effect over a gap (chain, draw), missing without a shortage; chains with memory `keep`."""
    noise = rng.standard_normal(SHAPE)
    path = np.empty(SHAPE)
    path[:, 0] = noise[:, 0]
    for step in range(1, SHAPE[1]):
        path[:, step] = keep * path[:, step - 1] + np.sqrt(1 - keep**2) * noise[:, step]
    gap = 1.0 + path
    effect = 0.3 * np.exp(0.05 * rng.standard_normal(SHAPE))
    return np.where(gap > 0, effect / gap, np.nan)


def spread_of_new_draws(keep: float) -> tuple[float, float, float]:
    """Largest error over the width: seen and stated of the reciprocal, stated of the share."""
    runs = [share_of_shortage(np.random.default_rng(seed), keep) for seed in range(60)]
    ends = np.array([np.nanquantile(1 / run, [0.1, 0.5, 0.9]) for run in runs])
    width = np.mean(ends[:, 2] - ends[:, 0])
    stated = np.mean([monte_carlo_error(1 / run, with_mean=False) for run in runs])
    of_share = np.mean([monte_carlo_error(run, with_mean=False) for run in runs])
    return float(ends.std(axis=0).max() / width), float(stated), float(of_share)


@pytest.mark.parametrize("keep", [0.0, 0.7])
def test_the_error_is_what_new_draws_show_though_some_are_left_out(keep: float) -> None:
    seen, stated, of_share = spread_of_new_draws(keep)
    assert stated == pytest.approx(seen, rel=0.25)
    assert of_share > 1.3 * stated  # a share has a long tail, its reciprocal none


def test_a_constant_has_no_error() -> None:
    assert monte_carlo_error(np.full(SHAPE, 3.0)) == 0.0

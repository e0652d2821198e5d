"""Order statistics from one sort are those of NumPy and SciPy."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import rankdata

from bayesgap.inference.order import quantiles_of_sorted, ranked

PROBABILITIES = (0.0, 0.025, 0.1, 0.37, 0.5, 0.9, 1.0)


@pytest.fixture(params=["float32", "float64"])
def rows(request: pytest.FixtureRequest) -> np.ndarray:
    """Rows with many ties, with none, with one value, and with ties across the median."""
    rng = np.random.default_rng(3)
    alone, equal = rng.permutation(np.arange(200.0)), np.full(200, 2.0)
    two = np.repeat([1.0, 5.0], 100)
    made = [np.round(rng.normal(0, 3, 200) * 4) / 4, alone, equal, rng.permutation(two), two]
    return np.array(made, dtype=request.param)


def test_quantiles_are_those_of_numpy(rows: np.ndarray) -> None:
    ours = quantiles_of_sorted(np.sort(rows, axis=-1), PROBABILITIES)
    assert (ours == np.quantile(rows, PROBABILITIES, axis=-1)).all()


def test_scores_are_those_of_mean_ranks(rows: np.ndarray) -> None:
    found = ranked(rows)
    distance = np.abs(rows - np.median(rows, axis=-1, keepdims=True))
    assert (found.ascending == np.sort(rows, axis=-1)).all()
    for scores, values in ((found.scores, rows), (found.folded, distance)):
        ranks = rankdata(values.astype(float), axis=-1)
        np.testing.assert_allclose(scores, ndtri((ranks - 0.375) / 200.25), rtol=1e-13)

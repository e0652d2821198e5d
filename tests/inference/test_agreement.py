"""A part that has not converged is sampled once more, with twice the tuning and draws."""

import numpy as np
import pytest
import xarray as xr

from bayesgap.inference.diagnostics import Verdict, converged
from bayesgap.inference.fit import fit_with_retry
from bayesgap.study.study import Sampling

USUAL = Sampling(chains=4, draws=500, tune=300, thin=1)


def drawn(apart: float, draws: int = 500, alike: int = 1) -> xr.DataTree:
    """Draws of one parameter in 4 chains, one of which lies `apart`; runs of `alike` are equal."""
    values = np.random.default_rng(2).normal(size=(4, draws // alike)).repeat(alike, axis=1)
    values[0] += apart
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((4, draws), dtype=bool))})
    posterior = xr.Dataset({"x": (("chain", "draw"), values)})
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


@pytest.mark.parametrize(
    ("apart", "bar", "times"),
    [(0.0, "PASS", 1), (1.0, "PASS", 2), (1.0, "REVIEW", 2), (0.2, "REVIEW", 1), (1.0, None, 1)],
)
def test_chains_that_disagree_are_drawn_again(
    apart: float, bar: Verdict | None, times: int
) -> None:
    asked: list[Sampling] = []

    def sample(sampling: Sampling) -> xr.DataTree:
        asked.append(sampling)
        return drawn(apart if len(asked) == 1 else 0.0, sampling.draws * sampling.thin)

    tree = fit_with_retry(sample, USUAL, bar)
    assert len(asked) == times
    assert tree["sample_stats"].sizes["draw"] == USUAL.draws
    if times == 2:
        assert (asked[1].tune, asked[1].thin) == (600, 2)
        assert converged(tree["posterior"].to_dataset(), bar or "PASS")


def test_too_few_effective_draws_are_not_converged() -> None:
    assert converged(drawn(0.0, 1000)["posterior"].to_dataset())
    few = drawn(0.0, 1000, alike=20)["posterior"].to_dataset()
    assert not converged(few)
    assert converged(few, "REVIEW")

"""A block that has not converged is sampled once more, with twice the tuning and draws."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from bayesgap.blocks import fitting as blocks
from bayesgap.blocks.registry import BLOCKS, block_of
from bayesgap.inference import fit
from bayesgap.study.study import Sampling, Study

ENOUGH = Sampling(chains=4, draws=500, tune=300, thin=1)


def drawn(apart: float, draws: int = 500, alike: int = 1) -> xr.DataTree:
    """Draws of one parameter in 4 chains, one of which lies `apart`; runs of `alike` are equal."""
    values = np.random.default_rng(2).normal(size=(4, draws // alike)).repeat(alike, axis=1)
    values[0] += apart
    return xr.DataTree.from_dict({"posterior": xr.Dataset({"x": (("chain", "draw"), values)})})


@pytest.mark.parametrize(
    ("apart", "draws", "times"),
    [(0.0, 500, 1), (1.0, 500, 2), (1.0, 100, 2), (0.2, 100, 1)],  # of few draws less is asked
)
def test_chains_that_disagree_are_drawn_again(
    monkeypatch, study: Study, apart: float, draws: int, times: int
) -> None:
    asked: list[Sampling] = []

    def sample(_model: object, sampling: Sampling, **_: object) -> xr.DataTree:
        asked.append(sampling)
        return drawn(apart if len(asked) == 1 else 0.0, draws)

    law = type("Law", (), {"build": staticmethod(lambda *_: None)})
    of = replace(block_of("imbalance"), law=lambda: law)
    monkeypatch.setattr(fit, "fit", sample)
    monkeypatch.setattr(fit, "prior_draws", lambda *_, **__: xr.DataTree())
    monkeypatch.setitem(BLOCKS, "imbalance", of)
    sampling = ENOUGH.model_copy(update={"draws": draws})
    tree = blocks.fit_block("imbalance", xr.Dataset(), {}, study.options, sampling, seed=1)
    assert len(asked) == times
    assert blocks.converged(tree, "PASS" if draws == 500 else "REVIEW")
    if times == 2:
        assert (asked[1].tune, asked[1].thin) == (600, 2)


def test_too_few_effective_draws_are_not_converged() -> None:
    assert blocks.converged(drawn(0.0, 1000))
    assert not blocks.converged(drawn(0.0, 1000, alike=20))
    assert blocks.converged(drawn(0.0, 1000, alike=20), "REVIEW")

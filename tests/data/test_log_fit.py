"""Tables fitted to figures in logs: cases by hand, and spreads against refits to perturbed ones."""

import numpy as np
import pytest

from bayesgap.data.log_fit import composition, fit_logs, ratio
from bayesgap.errors import SchemaError

CELLS = np.eye(4, dtype=bool).reshape(4, 2, 2)
ROWS = CELLS[0] | CELLS[1], CELLS[2] | CELLS[3]
COLUMN = CELLS[0] | CELLS[2]


def test_a_figure_and_the_start_share_by_precision() -> None:
    """One cell, start 0 with sd 1, figure 3 with sd 0.5: mean 3 / (1 + 0.25), sd (1 + 4)^-1/2."""
    one = np.ones((1, 1), dtype=bool)
    found = fit_logs(np.zeros((1, 1)), np.eye(1), [ratio((one,), (), 3.0, 0.5)])
    assert found.log.item() == pytest.approx(2.4)
    assert found.covariance.item() == pytest.approx(0.2)


def test_sharp_figures_are_met() -> None:
    figures = [
        ratio((ROWS[0],), (), np.log(30.0), 1e-3),
        ratio((ROWS[1],), (), np.log(70.0), 1e-3),
        ratio((COLUMN,), (ROWS[0] | ROWS[1],), np.log(0.4), 1e-3),
    ]
    jobs = np.exp(fit_logs(np.zeros((2, 2)), np.eye(4), figures).log)
    np.testing.assert_allclose(jobs.sum(1), [30.0, 70.0], rtol=1e-3)
    assert jobs[:, 0].sum() / jobs.sum() == pytest.approx(0.4, rel=1e-3)


def test_the_spread_is_that_of_refits_to_perturbed_figures() -> None:
    rng = np.random.default_rng(4)
    centre = np.log([[20.0, 10.0], [30.0, 40.0]])
    plain = [
        ratio((ROWS[0],), (), np.log(30.0), 0.01),
        ratio((ROWS[1],), (), np.log(70.0), 0.01),
        ratio((CELLS[0],), (CELLS[1],), 0.5, 0.1),
        ratio((COLUMN,), (ROWS[0] | ROWS[1],), np.log(0.5), 0.05),
    ]
    drawn = []
    for _ in range(300):
        moved = [f._replace(value=f.value + f.sd * rng.standard_normal()) for f in plain]
        start = centre + 0.3 * rng.standard_normal(centre.shape)
        drawn.append(fit_logs(start, 0.09 * np.eye(4), moved).log.ravel())
    found = fit_logs(centre, 0.09 * np.eye(4), plain)
    # the sd of 300 refits has an error of 4 per cent
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), np.std(drawn, 0), rtol=0.12)


def test_what_cannot_be_found_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bayesgap.data.log_fit.STEPS", 1)
    with pytest.raises(SchemaError, match="No table fits the figures within 1 steps"):
        fit_logs(np.zeros((2, 2)), np.eye(4), [ratio((ROWS[0],), (), 9.0, 0.1)])


def test_shares_of_a_whole_are_as_wide_as_their_errors() -> None:
    """Log counts with independent errors: shares scatter as those of counts drawn with them."""
    rng = np.random.default_rng(5)
    counts, sds = np.array([50.0, 30.0, 15.0, 5.0]), np.array([0.03, 0.09, 0.05, 0.2])
    told = [
        ratio((cell,), (), np.log(count), sd)
        for cell, count, sd in zip(CELLS, counts, sds, strict=True)
    ]
    figures = list(composition(told))
    assert len(figures) == 3
    for figure in figures:
        assert sum(figure.weights) == pytest.approx(0.0, abs=1e-12)
    found = fit_logs(np.zeros((2, 2)), 100.0 * np.eye(4), figures)
    share = np.exp(found.log.ravel())
    np.testing.assert_allclose(share / share.sum(), counts / counts.sum(), rtol=1e-3)
    away = np.eye(4) - share / share.sum()
    spread = np.sqrt(np.diag(away @ found.covariance @ away.T))
    drawn = counts * np.exp(sds * rng.standard_normal((20_000, 4)))
    scatter = np.log(drawn / drawn.sum(1, keepdims=True)).std(0)
    np.testing.assert_allclose(spread, scatter, rtol=0.05)

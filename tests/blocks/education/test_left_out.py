"""Stocks that are left out, against sampled integrals and whole normals."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from scipy.special import logsumexp

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.left_out import OWN, SPLIT, StocksOut, shares_out
from bayesgap.blocks.education.panel import last_stock
from bayesgap.blocks.registry import block_of
from bayesgap.inference.fit import prior_draws
from bayesgap.inference.parts import Draws
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

SEED, DRAWS = 5, 3


@pytest.fixture(scope="module")
def panel(tables: dict[str, pd.DataFrame], study: Study) -> xr.Dataset:
    return block_of("education").panel(tables, study)


@pytest.fixture(scope="module")
def draws(panel: xr.Dataset, study: Study) -> xr.Dataset:
    block = block_of("education")
    model = block.law().build(panel, block_priors(study, "education"), study.options)
    return prior_draws(model, DRAWS, SEED)["/"].to_dataset()


@pytest.fixture
def found(draws: xr.Dataset, panel: xr.Dataset) -> StocksOut:
    """Stocks made up from each draw: its misfit is as its law says."""
    out = StocksOut(Draws(draws), panel)
    rng, seen = np.random.default_rng(SEED), out.seen
    kept = seen.later * out.kept**seen.years
    fresh = out.scale * np.sqrt(1 - kept**2) * rng.standard_normal(kept.shape)
    for i in range(seen.value.size):
        out.away[:, i] = kept[:, i] * out.away[:, seen.previous[i]] * seen.later[i] + fresh[:, i]
    return out


def normal(value: np.ndarray, mean: np.ndarray | float, sd: np.ndarray | float) -> np.ndarray:
    return -0.5 * ((value - mean) / sd) ** 2 - np.log(sd)


def density(out: StocksOut, sample: int, region: int, points: np.ndarray) -> np.ndarray:
    """Log density (point) of a region's stocks and of its own parameters, moved by `points`."""
    one, p, seen = out.draws[sample], out.p, out.seen
    mine, kept = out.region == region, seen.later * out.kept[sample] ** seen.years
    scale = out.scale[sample] * np.sqrt(1 - kept**2)
    value, logs = out.mean(one) + out.away[sample], []
    for point in points:
        moved, place = {name: one[name].copy() for name in (*OWN, SPLIT)}, 0
        log = 0.0
        for name, (mean, spread) in OWN.items():
            moved[name][region] += point[place : place + 2]
            held = normal(moved[name][region], p[mean][sample], p[spread][sample])
            log, place = log + held.sum(), place + 2
        if region in out.known:
            row = out.known.index(region)
            moved[SPLIT][row] += point[place:]
            centre = moved["region_level_deviation"][region, 1] * p["split_slope"][sample]
            log += normal(moved[SPLIT][row], centre, p["split_spread"][sample]).sum()
        off = value - out.mean(one | moved)
        fresh = (off - kept * off[seen.previous]) / scale
        logs.append(log + (normal(fresh, 0.0, 1.0) - np.log(scale))[mine].sum())
    return np.array(logs)


def found_mode(
    out: StocksOut, sample: int, region: int, free: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mode of `density` and the curvature there, by two steps of Newton's."""
    step, mode, curve = 1e-3, np.zeros(free), np.eye(free)
    points = np.concatenate([np.zeros((1, free)), step * np.eye(free), -step * np.eye(free)])
    pairs = step * (np.eye(free)[:, None] + np.eye(free)).reshape(-1, free)
    for _ in range(2):
        log = density(out, sample, region, mode + points)
        up, down = log[1 : free + 1], log[free + 1 :]
        both = density(out, sample, region, mode + pairs).reshape(free, free)
        curve = (both - up[:, None] - up + log[0]) / step**2
        mode = mode - np.linalg.solve(curve, (up - down) / (2 * step))
    return mode, curve


@pytest.mark.parametrize("six_levels", [True, False])
def test_own_parameters_of_a_region_are_integrated_out(found: StocksOut, six_levels: bool) -> None:
    rng, truth, free = np.random.default_rng(SEED), [], 10 if six_levels else 8
    others = set(range(found.region.max() + 1)) - set(found.known)
    region = found.known[0] if six_levels else min(others)
    for sample in range(DRAWS):
        # Importance draws about the mode, a little wider than the curvature there.
        mode, curve = found_mode(found, sample, region, free)
        spread: Any = 1.3 * np.linalg.inv(-curve)
        wide = stats.multivariate_normal(mode, spread)
        drawn = wide.rvs(200, random_state=rng)
        weight = density(found, sample, region, drawn) - wide.logpdf(drawn)
        truth.append(logsumexp(weight) - np.log(200))
    told = found.regions()[region]
    np.testing.assert_allclose(np.diff(told), np.diff(truth), atol=0.3)  # they range over 30


def test_a_year_is_what_a_whole_normal_says(found: StocksOut) -> None:
    seen, year = found.seen, 2013
    told, truth = found.years()[year], []
    start = np.arange(seen.value.size)
    for _ in start:
        start = np.where(seen.later == 1, start[seen.previous], start)
    for sample in range(DRAWS):
        total = 0.0
        for first in np.unique(start[found.year == year]):
            own = np.flatnonzero(start == first)
            apart = np.abs(np.subtract.outer(found.year[own], found.year[own]))
            wide = found.scale[sample, own[0]] ** 2 * found.kept[sample, own[0]] ** apart
            rest, off = found.year[own] != year, found.away[sample, own]
            total += stats.multivariate_normal(cov=wide).logpdf(off)
            if rest.any():
                left = stats.multivariate_normal(cov=wide[np.ix_(rest, rest)])
                total -= left.logpdf(off[rest])
        truth.append(total)
    np.testing.assert_allclose(np.diff(told), np.diff(truth), rtol=1e-6)


def test_growth_of_a_region_and_the_shock_of_a_year_are_integrated_out(
    draws: xr.Dataset, panel: xr.Dataset
) -> None:
    p = Draws(draws)
    logits = panel["immigrant_share_logit"].transpose("share_year", "region").values
    step = np.diff(logits, axis=0)[..., None]
    years = panel["share_year"].values[1:, None, None] - (last_stock(panel) - law.SHARE_CENTRE)
    regions, shocks = shares_out(p, panel)
    truth = np.empty((DRAWS, 2))
    for sample in range(DRAWS):
        fade = np.exp(-p["share_decay"][sample] * years)
        noise = p["share_noise"][sample]

        scales = (p["share_growth_spread"][sample], p["share_shock"][sample])
        growth, shock = (scale * np.linspace(-8, 8, 20_001) for scale in scales)
        told_shock = p["share_shock_year"][sample][:, None]
        grown = p["share_growth_region"][sample][:, None] * fade[2]
        own = (p["share_growth"][sample] + growth) * fade[:, 0] + told_shock
        for place, (e, scale, mean, seen) in enumerate(
            ((growth, scales[0], own, step[:, 3]), (shock, scales[1], grown + shock, step[2]))
        ):
            each = stats.t.logpdf(seen, law.TAIL, mean, noise).sum(0)
            truth[sample, place] = logsumexp(each + normal(e, 0.0, scale)) + np.log(e[1] - e[0])
    told = np.stack([regions[:, 3], shocks[:, 2]], axis=1)
    np.testing.assert_allclose(np.diff(told, axis=0), np.diff(truth, axis=0), atol=0.01)


def test_every_region_and_year_of_stocks_and_shares_is_told(
    draws: xr.Dataset, panel: xr.Dataset
) -> None:
    left = list(block_of("education").readers().left_out(draws, panel))
    assert [one.name for one in left if one.kind == "region"] == list(panel["region"].values)
    years = {*panel["share_year"].values[1:], *panel["stock_year"].values}
    assert {str(year) for year in years} <= {one.name for one in left if one.kind == "year"}
    assert all(one.log.shape == (DRAWS,) and np.isfinite(one.log).all() for one in left)

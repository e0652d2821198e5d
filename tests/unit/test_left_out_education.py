"""Stocks that are left out, against sampled integrals and whole normals."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from scipy.special import logsumexp

from bayesgap.analysis.blocks import PANELS, block_priors, submodel
from bayesgap.spec.study import Study
from bayesgap.submodels.fit import prior_draws
from bayesgap.submodels.left_out import LAWS
from bayesgap.submodels.left_out_education import OWN, SPLIT, StocksOut
from bayesgap.submodels.parts import Draws

SEED, DRAWS = 5, 2


@pytest.fixture(scope="module")
def panel(tables: dict[str, pd.DataFrame], study: Study) -> xr.Dataset:
    return PANELS["education"](tables, study)


@pytest.fixture(scope="module")
def draws(panel: xr.Dataset, study: Study) -> xr.Dataset:
    model = submodel("education").build(panel, block_priors(study, "education"), study.options)
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
            law = stats.norm(p[mean][sample], p[spread][sample])
            log, place = log + law.logpdf(moved[name][region]).sum(), place + 2
        if region in out.known:
            row = out.known.index(region)
            moved[SPLIT][row] += point[place:]
            centre = moved["region_level_deviation"][region, 1] * p["split_slope"][sample]
            law = stats.norm(centre, p["split_spread"][sample])
            log += law.logpdf(moved[SPLIT][row]).sum()
        off = value - out.mean(one | moved)
        fresh = (off - kept * off[seen.previous]) / scale
        logs.append(log + (stats.norm.logpdf(fresh) - np.log(scale))[mine].sum())
    return np.array(logs)


def test_own_parameters_of_a_region_are_integrated_out(found: StocksOut) -> None:
    rng, truth, free = np.random.default_rng(SEED), [], 10
    region = found.known[0]
    for sample in range(DRAWS):
        # Importance draws about the mode, a little wider than the curvature there.
        step = 1e-3
        points = np.concatenate([np.zeros((1, free)), step * np.eye(free), -step * np.eye(free)])
        mode = np.zeros(free)
        for _ in range(2):
            log = density(found, sample, region, mode + points)
            slope = (log[1 : free + 1] - log[free + 1 :]) / (2 * step)
            pairs = [step * (a + b) for a in np.eye(free) for b in np.eye(free)]
            up = density(found, sample, region, mode + np.array(pairs)).reshape(free, free)
            curve = (up - log[1 : free + 1, None] - log[None, 1 : free + 1] + log[0]) / step**2
            mode = mode - np.linalg.solve(curve, slope)
        wide = stats.multivariate_t(mode, np.linalg.inv(-curve), df=8)
        drawn = wide.rvs(500, random_state=rng)
        weight = density(found, sample, region, drawn) - wide.logpdf(drawn)
        truth.append(logsumexp(weight) - np.log(500))
    told = found.regions()[region]
    np.testing.assert_allclose(np.diff(told), np.diff(truth), atol=0.1)


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


def test_every_region_and_year_of_stocks_and_shares_is_told(
    draws: xr.Dataset, panel: xr.Dataset
) -> None:
    left = list(LAWS["education"](draws, panel))
    assert [one.name for one in left if one.kind == "region"] == list(panel["region"].values)
    years = {*panel["share_year"].values[1:], *panel["stock_year"].values}
    assert {str(year) for year in years} <= {one.name for one in left if one.kind == "year"}
    assert all(one.log.shape == (DRAWS,) and np.isfinite(one.log).all() for one in left)

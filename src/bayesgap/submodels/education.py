"""Education by birth cohort: continuation-ratio logits, pooled over regions, mixed into stocks.

For choice k (finishes upper secondary; tertiary; academic, not higher vocational; long), cohort c:

E1  S[k,c] = assumed shape + sd (Q u)[k,c] + steps after 1990;  steps ~ Normal(0, iota[k]^2)
    per decade: the nation, linear between knots; Q is a rotation, so Q u is as normal as u
E2  G[k,a] = exp(-exp(assumed completion[k,a] + sd z[k])): part of the finishers done by age a
E3  finished = s(S1) G1;  tertiary = finished s(S2) G2;  vocational = tertiary (1 - s(S3)) G3;
    academic = tertiary - vocational;  long = academic s(S4) G4
E4  region r, no immigrant background: S[k,c] + (A[k,r] - level of S) + (B[k,r] - slope of S) x(c);
    A ~ Normal(level of S + offset, tau^2), B likewise;  x constant after the last cohort seen
E5  immigrants, by year since arrivals replace: U[k,r,t] = gamma[k,r] + delta[k,r] h(t)
E6  splits 3 and 4 of a region: S + e[k,r],  e = lambda[k] (tertiary deviation of r) + tau[k] z;
    immigrants differ from others by an assumed offset; residents mix both backgrounds
E7  a stock is the weighted sum of its cells; its logits are observed with a discrepancy that is
    AR(1) over the years and Student-t: y[t] ~ T4(m[t] + rho^d (y[t-d] - m[t-d]), sigma)
E8  log-odds of the immigrants' share: step ~ Normal(growth[r] exp(-decay (t - 2015)) + n[t], s^2)
E9  field share in its level = softmax(assumed log share + sd z + tau z[r] + random walk)

Registers count everybody, so misfit is discrepancy, not sampling error, and neighbouring years are
no independent facts. Stocks contain selective migration already: A, B, gamma, delta are what
remains after it, and forecasts add only later departures from it (no double counting).
`unknown`: immigrants before 2014 are left out; the nation has a step in proportion to `unknown`.
The coarse cell `tertiary` of ages 30-66 counts the part psi of higher vocational.
All spreads of seed tables scale standard-normal parameters whose priors are `assumed`, hence they
follow `options.assumed_scale` through those priors.
Source: nested logits as in Agresti (2013) 8.3; completion and cohorts: Lutz et al. (2014).
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import xarray as xr

from bayesgap.data.panel_education import LAST_SEEN_COHORT, LOGITS, Floats, basis
from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Options
from bayesgap.submodels import education_law as law
from bayesgap.submodels.education_cells import (
    SERIES,
    SOURCES,
    Cells,
    build_cells,
    build_observations,
)
from bayesgap.submodels.education_forecast import forecast
from bayesgap.submodels.parts import ar1_step, prior, require_priors

__all__ = ["NAME", "PRIORS", "build", "forecast"]

NAME = "education"
PRIORS = (
    "cohort_shape",
    "cohort_innovation",
    "completion",
    "region_offset",
    "region_level_spread",
    "tilt_offset",
    "region_tilt_spread",
    "immigrant_level",
    "immigrant_level_spread",
    "immigrant_trend",
    "immigrant_trend_spread",
    "immigrant_split",
    "immigrant_age_error",
    "split_slope",
    "split_spread",
    "vocational_counted",
    "unknown_step",
    "misfit",
    "persistence",
    "share_growth",
    "share_growth_spread",
    "share_decay",
    "share_shock",
    "share_noise",
    "region_drift",
    "region_cohort",
    "immigrant_drift",
    "field_national",
    "field_region",
    "field_drift",
)


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of cohorts, regions, immigrants and fields (E1-E9)."""
    require_priors(NAME, priors, PRIORS)
    names = (
        "logit", "choice", "split", "knot", "region", "target", "resident_region",
        "share_year", "age_knot", "field_group",
    )  # fmt: skip
    coords = {name: panel[name].values for name in names}
    coords |= {"late_knot": late_knots(panel), "series": SERIES, "information": SOURCES}
    coords["observation"] = np.arange(build_observations(panel).value.size)
    coords["share_step"] = panel["share_year"].values[1:]
    coords["direction"] = np.arange(panel.sizes["knot"])
    with pm.Model(coords=coords) as model:
        shape = _nation_shape(panel, priors)
        error = prior("completion", priors["completion"], "logit")
        level, slope = _regions(panel, priors, shape)
        immigrant = _immigrants(priors)
        split = _splits(panel, priors, level)
        offset = _immigrant_splits(panel, priors)
        psi = prior("vocational_counted", priors["vocational_counted"])
        lines = [
            pt.concatenate([pt.zeros((1, 2)), own, other])
            for own, other in zip((level, slope), immigrant, strict=True)
        ]
        places = pt.concatenate([pt.zeros((1, 2)), split])
        expected = expected_logits(
            as_shared(build_cells(panel)), shape, lines, places, offset, error, psi
        )
        _observe(panel, priors, expected)
        _immigrant_share(panel, priors)
        _assumed(priors)
    return model


def late_knots(panel: xr.Dataset) -> np.ndarray:
    """Knots of cohorts that have not finished their education."""
    knots = panel["knot"].values
    return knots[knots > LAST_SEEN_COHORT]


def _nation_shape(panel: xr.Dataset, priors: BlockPriors) -> Any:
    """Equation E1: (logit, knot)."""
    u = prior("cohort_shape", priors["cohort_shape"], ("logit", "direction"))
    rotation = pm.Data("rotation", informative_directions(panel))
    wiggle = (rotation * u[:, None, :]).sum(-1)
    iota = prior("cohort_innovation", priors["cohort_innovation"], "logit")
    z = pm.Normal("cohort_step", 0.0, 1.0, dims=("logit", "late_knot"))
    reach = pm.Data("step_reach", step_reach(panel))
    steps = pt.dot(iota[:, None] * z, reach)
    mean = pm.Data("shape_mean", panel["shape_mean"].values)
    spread = pm.Data("shape_sd", panel["shape_sd"].values)
    return pm.Deterministic("shape", mean + spread * wiggle + steps, dims=("logit", "knot"))


def step_reach(panel: xr.Dataset) -> Floats:
    """1 where a step has been taken by a knot (late_knot, knot)."""
    return (panel["knot"].values[None, :] >= late_knots(panel)[:, None]).astype(float)


def informative_directions(panel: xr.Dataset) -> Floats:
    """Rotations (logit, knot, direction) to what the national stocks see of each shape.

    The rows of the linearised likelihood are turned to their principal axes, so that the sampler
    meets directions that are sharply or hardly known, but uncorrelated. Any rotation gives the
    same prior.
    """
    cells, spread = build_cells(panel), panel["shape_sd"].values
    stocks = cells.blocks[0][0]
    lines = [np.zeros((1 + 2 * panel.sizes["region"], 2))] * 2
    places = np.zeros((1 + panel.sizes["resident_region"], 2))

    def nation(shape: Floats) -> Floats:
        logits = expected_logits(cells, shape, lines, places, np.zeros(2), np.zeros(4), 0.0)
        return logits[:, :stocks]

    mean = panel["shape_mean"].values
    at_mean, step, out = nation(mean), 0.01, []
    for k in range(len(LOGITS)):
        moves = np.zeros((mean.shape[1], *mean.shape))
        moves[:, k] = np.diag(step * spread[k])
        columns = [(nation(mean + move)[k] - at_mean[k]) / step for move in moves]
        _, _, directions = np.linalg.svd(np.stack(columns, axis=1))
        out.append(directions.T)
    return np.stack(out)


def as_shared(arrays: Any, skipped: Sequence[str] = ("blocks",)) -> Any:
    """Dataclass with its arrays as shared variables of known shape.

    Constants inside the graph, or arrays of unknown shape, make compiling slow.
    """
    prefix = type(arrays).__name__.lower()
    held = {}
    for item in fields(arrays):
        if item.name not in skipped:
            value = np.ascontiguousarray(getattr(arrays, item.name))
            name = f"{prefix}__{item.name}"
            held[item.name] = pytensor.shared(value, name=name, shape=value.shape)
    return replace(arrays, **held)


def expected_logits(
    cells: Cells, shape: Any, lines: Any, places: Any, offset: Any, error: Any, psi: Any
) -> Any:
    """Expected logits (logit, stock) of all stocks (E2-E7).

    Parameters
    ----------
    shape : (logit, knot)
    lines : levels and slopes, each (nation, regions, immigrants of regions; choice)
    places : (nation, regions with six levels; split)
    offset : (split); error : (logit); psi : scalar
    """
    levels, slopes = (table[cells.line] for table in lines)
    first = shape[:2].dot(cells.first.T).T + levels + slopes * cells.time[:, None]
    second = shape[2:].dot(cells.second.T).T + cells.constant + places[cells.place]
    second = second + offset * cells.immigrant[:, None]
    done = law.completed(cells.completion, cells.completion_sd, error)[cells.age]
    logits = [first[:, 0], first[:, 1], second[:, 0], second[:, 1]]
    stages = law.reached(logits, [done[:, k] for k in range(len(LOGITS))])
    total = law.Reached(*(_totals(cells, stage) for stage in stages))
    return law.stacked(law.stock_logits(total, cells.told + psi * cells.coarse))


def _totals(cells: Cells, stage: Any) -> Any:
    """Weighted sums (stock) over the cells of each stock (E7)."""
    weighted, first, out = cells.weight * stage, 0, []
    for stocks, size in cells.blocks:
        out.append(weighted[first : first + stocks * size].reshape((stocks, size)).sum(-1))
        first += stocks * size
    return law.joined(out)


def _observe(panel: xr.Dataset, priors: BlockPriors, expected: Any) -> None:
    """Observe all stocks: AR(1), heavy-tailed misfit around `expected` (E7).

    `misfit` is the scale of a single stock's misfit, whatever its persistence.
    """
    seen = as_shared(build_observations(panel))
    step = prior("unknown_step", priors["unknown_step"], "logit")
    misfit = prior("misfit", priors["misfit"], "series")[seen.series]
    rho = prior("persistence", priors["persistence"], "information")[seen.source]
    mean = expected.ravel()[seen.cell] + step[seen.choice] * seen.unknown
    kept = seen.later * rho**seen.years
    before = (seen.value - mean)[seen.previous]
    pm.StudentT(
        "logit_seen",
        nu=law.TAIL,
        mu=mean + ar1_step(before, kept, 0.0),
        sigma=misfit * (1.0 - kept**2) ** 0.5,
        observed=seen.value,
    )


def projection(panel: xr.Dataset) -> Floats:
    """Level and slope (choice, 2, knot) of a shape as the stocks see them (E4).

    Stocks tell the mean of their logit over the years and its trend. Level and slope are those of
    the straight line over cohorts that gives the same mean and trend as the shape, so a region's
    line hardly depends on errors of the shape.
    """
    born = panel["stock_year"].values[:, None] - panel["stock_cell"].values
    weights = basis(born, panel["knot"].values)
    mass = panel["stock_weight"].mean("region").transpose("stock_year", "stock_cell").values
    first, second = (law.expit(weights @ row) for row in panel["shape_mean"].values[:2])
    years = panel["stock_year"].values - panel["stock_year"].values.mean()
    told = np.stack([np.full(years.size, 1.0 / years.size), years / (years**2).sum()])
    line = np.stack([np.ones_like(born), law.tilt(born)], axis=-1)
    out = []
    for pull in (mass * first * (1.0 - first), mass * first * second * (1.0 - second)):
        share = pull / pull.sum(-1, keepdims=True)
        of_line = np.einsum("iy,yc,ycj->ij", told, share, line)
        of_shape = np.einsum("iy,yc,yck->ik", told, share, weights)
        out.append(np.linalg.solve(of_line, of_shape))
    return np.stack(out)


def _regions(panel: xr.Dataset, priors: BlockPriors, shape: Any) -> tuple[Any, Any]:
    """Deviations of level and slope (region, choice) from the nation (E4), centred."""
    line = pm.Data("projection", projection(panel))
    out = []
    for row, name, offset, spread in (
        (0, "region_level", "region_offset", "region_level_spread"),
        (1, "region_tilt", "tilt_offset", "region_tilt_spread"),
    ):
        mean = prior(offset, priors[offset], "choice")
        scale = prior(spread, priors[spread], "choice")
        nation = (shape[:2] * line[:, row]).sum(-1)
        value = pm.Normal(name, nation + mean, scale, dims=("region", "choice"))
        dims = ("region", "choice")
        out.append(pm.Deterministic(f"{name}_deviation", value - nation, dims=dims))
    return out[0], out[1]


def _immigrants(priors: BlockPriors) -> tuple[Any, Any]:
    """Levels and trends (region, choice) of the immigrants' education (E5), centred."""
    out = []
    for name, spread in (
        ("immigrant_level", "immigrant_level_spread"),
        ("immigrant_trend", "immigrant_trend_spread"),
    ):
        mean = prior(name, priors[name], "choice")
        scale = prior(spread, priors[spread], "choice")
        out.append(pm.Normal(f"{name}_region", mean, scale, dims=("region", "choice")))
    return out[0], out[1]


def _splits(panel: xr.Dataset, priors: BlockPriors, level: Any) -> Any:
    """Deviations (resident_region, split) of splits 3 and 4 from the nation (E6).

    Those of the targets are drawn from standard normals, which no data inform.
    """
    slope = prior("split_slope", priors["split_slope"], "split")
    scale = prior("split_spread", priors["split_spread"], "split")
    names = list(panel["region"].values)
    known = [names.index(region) for region in panel["resident_region"].values]
    mean = level[known, 1][:, None] * slope
    dims = ("resident_region", "split")
    split = pm.Normal("resident_split", mean, scale, dims=dims)
    targets = [names.index(region) for region in panel["target"].values]
    z = pm.Normal("split_error", 0.0, 1.0, dims=("target", "split"))
    drawn = level[targets, 1][:, None] * slope + scale * z
    pm.Deterministic("target_split", drawn, dims=("target", "split"))
    return split


def _immigrant_splits(panel: xr.Dataset, priors: BlockPriors) -> Any:
    """Assumed offset (split) of immigrants from others in splits 3 and 4 (E6)."""
    z = prior("immigrant_split", priors["immigrant_split"], "split")
    offset = panel["split_mean"].values + panel["split_sd"].values * z
    return pm.Deterministic("immigrant_split_offset", offset, dims="split")


def _immigrant_share(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation E8: the immigrants' share of ages 30-66."""
    mean = prior("share_growth", priors["share_growth"])
    spread = prior("share_growth_spread", priors["share_growth_spread"])
    growth = pm.Normal("share_growth_region", mean, spread, dims="region")
    decay = prior("share_decay", priors["share_decay"])
    scale = prior("share_shock", priors["share_shock"])
    shock = pm.Normal("share_shock_year", 0.0, scale, dims="share_step")
    noise = prior("share_noise", priors["share_noise"])
    observed = panel["immigrant_share_logit"].transpose("share_year", "region").values
    years = panel["share_year"].values[1:, None] - law.SHARE_CENTRE
    expected = law.share_growth(growth, decay, years) + shock[:, None]
    steps = pm.Data("share_step_observed", np.diff(observed, axis=0))
    pm.StudentT("share_change", nu=law.TAIL, mu=expected, sigma=noise, observed=steps)


def _assumed(priors: BlockPriors) -> None:
    """What no data inform: later drift, ages of immigrants, fields (E9)."""
    for name in ("region_drift", "region_cohort", "immigrant_drift"):
        prior(name, priors[name])
    prior("immigrant_age_error", priors["immigrant_age_error"], "age_knot")
    prior("field_national", priors["field_national"], "field_group")
    prior("field_region", priors["field_region"])
    prior("field_drift", priors["field_drift"])
    pm.Normal("field_deviation", 0.0, 1.0, dims=("target", "field_group"))

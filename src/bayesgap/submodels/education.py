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

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from bayesgap.data.panel_education import LAST_SEEN_COHORT, LOGITS, Floats, basis
from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Options
from bayesgap.submodels import education_law as law
from bayesgap.submodels.education_forecast import forecast
from bayesgap.submodels.parts import ar1_step, prior, require_priors, stationary_scale

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
SOURCES = ("nation", "stock", "immigrant", "resident")
SERIES = (
    *(f"nation:{k}" for k in LOGITS),
    *(f"stock:{k}" for k in LOGITS[:2]),
    *(f"immigrant:{k}" for k in LOGITS[:2]),
    *(f"resident:{k}" for k in LOGITS),
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
    coords["share_step"] = panel["share_year"].values[1:]
    coords["direction"] = np.arange(panel.sizes["knot"])
    with pm.Model(coords=coords) as model:
        shape = _nation_shape(panel, priors)
        error = prior("completion", priors["completion"], "logit")
        level, slope = _regions(panel, priors, shape)
        immigrant = _immigrants(priors)
        split = _splits(panel, priors, level)
        offset = _immigrant_splits(panel, priors)
        misfit = prior("misfit", priors["misfit"], "series")
        rho = prior("persistence", priors["persistence"], "information")
        _observe_nation(panel, priors, shape, error, misfit[:4], rho[0])
        psi = prior("vocational_counted", priors["vocational_counted"])
        _observe_stocks(panel, shape, error, (level, slope), psi, misfit[4:6], rho[1])
        _observe_immigrants(panel, error, immigrant, psi, misfit[6:8], rho[2])
        parts = (level, slope, split, immigrant, offset)
        _observe_residents(panel, shape, error, parts, misfit[8:], rho[3])
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
    mean, spread = panel["shape_mean"].values, panel["shape_sd"].values
    none = np.zeros(4)
    at_mean = np.stack(nation_logits(panel, mean, none))
    out = []
    for k in range(len(LOGITS)):
        columns = []
        for knot in range(mean.shape[1]):
            moved = mean.copy()
            moved[k, knot] += 0.01 * spread[k, knot]
            columns.append((nation_logits(panel, moved, none)[k] - at_mean[k]) / 0.01)
        _, _, directions = np.linalg.svd(np.stack(columns, axis=1))
        out.append(directions.T)
    return np.stack(out)


def cell_completion(panel: xr.Dataset, cell: str, error: Any) -> list[Any]:
    """Completed parts (cell) of each logit at the middle ages of cells (E2)."""
    ages, middle = panel["age"].values, panel[cell].values.clip(max=panel["age"].values[-1])
    out = []
    for k in range(len(LOGITS)):
        level = np.interp(middle, ages, panel["completion_level"].values[k])
        spread = np.interp(middle, ages, panel["completion_sd"].values[k])
        out.append(law.completed(level, spread, error[k]))
    return out


def cell_basis(panel: xr.Dataset, year: str, cell: str) -> tuple[Floats, Floats]:
    """Cohorts (year, cell) and their knot weights (year, cell, knot)."""
    born = panel[year].values[:, None] - panel[cell].values[None, :]
    return born, basis(born, panel["knot"].values)


def at_cells(shape: Any, weights: Floats) -> list[Any]:
    """Logits (year, cell) of each choice from knots (logit, knot)."""
    flat = weights.reshape(-1, weights.shape[-1]).T
    return [shape[k].dot(flat).reshape(weights.shape[:-1]) for k in range(len(LOGITS))]


def nation_logits(panel: xr.Dataset, shape: Any, error: Any) -> list[Any]:
    """Expected logits (nation_year) of each choice among residents aged 16 and over (E3, E7)."""
    _, weights = cell_basis(panel, "nation_year", "adult_cell")
    cells = law.reached(at_cells(shape, weights), cell_completion(panel, "adult_cell", error))
    total = law.stock(panel["nation_weight"].values, cells)
    return law.stock_logits(total, law.vocational_told(panel["nation_year"].values))


def discrepancy(name: str, observed: Floats, mean: Any, sigma: Any, rho: Any, step: int) -> None:
    """Observe `observed` (year first): AR(1), heavy-tailed misfit around `mean` (E7)."""
    seen = pm.Data(f"{name}_logit", observed)
    decay = rho**step
    scale = sigma * ((1.0 - decay**2) / (1.0 - rho**2)) ** 0.5
    start = stationary_scale(rho, sigma)
    pm.StudentT(f"{name}_first", nu=law.TAIL, mu=mean[0], sigma=start, observed=seen[0])
    expected = mean[1:] + ar1_step(seen[:-1] - mean[:-1], decay, 0.0)
    pm.StudentT(f"{name}_later", nu=law.TAIL, mu=expected, sigma=scale, observed=seen[1:])


def _step(panel: xr.Dataset, year: str) -> int:
    return int(np.diff(panel[year].values)[0])


def _observe_nation(
    panel: xr.Dataset, priors: BlockPriors, shape: Any, error: Any, misfit: Any, rho: Any
) -> None:
    step = prior("unknown_step", priors["unknown_step"], "logit")
    excess = panel["unknown_excess"].values
    mean = nation_logits(panel, shape, error)
    observed = panel["nation_logit"].values
    for k, name in enumerate(LOGITS):
        told = np.isfinite(observed[:, k])
        expected = (mean[k] + step[k] * excess)[np.flatnonzero(told)]
        years = _step(panel, "nation_year")
        discrepancy(f"nation_{name}", observed[told, k], expected, misfit[k], rho, years)


def projection(panel: xr.Dataset) -> Floats:
    """Level and slope (choice, 2, knot) of a shape as the stocks see them (E4).

    Stocks tell the mean of their logit over the years and its trend. Level and slope are those of
    the straight line over cohorts that gives the same mean and trend as the shape, so a region's
    line hardly depends on errors of the shape.
    """
    born, weights = cell_basis(panel, "stock_year", "stock_cell")
    mass = panel["stock_weight"].mean("region").transpose("stock_year", "stock_cell").values
    first, second = (
        law.expit(eta) for eta in at_cells(panel["shape_mean"].values, weights)[:2]
    )
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


def _observe_stocks(
    panel: xr.Dataset,
    shape: Any,
    error: Any,
    regions: tuple[Any, Any],
    psi: Any,
    misfit: Any,
    rho: Any,
) -> None:
    """Ages 30-66 without immigrant background: E3, E4, E7."""
    born, weights = cell_basis(panel, "stock_year", "stock_cell")
    nation = at_cells(shape, weights)
    level, slope = (value[:, None, None, :] for value in regions)
    decades = law.tilt(born)
    own = [
        law.regional(nation[k], level[..., k], slope[..., k], decades) for k in range(2)
    ]
    parts = cell_completion(panel, "stock_cell", error)
    cells = law.reached([*own, nation[2], nation[3]], parts)
    total = law.stock(panel["stock_weight"].transpose("region", ...).values, cells)
    mean = law.stock_logits(total, psi)[:2]
    observed = panel["stock_logit"].transpose("choice", "stock_year", "region").values
    for k, name in enumerate(LOGITS[:2]):
        years = _step(panel, "stock_year")
        pm.Deterministic(f"stock_{name}_mean", mean[k])
        discrepancy(f"stock_{name}", observed[k], mean[k].T, misfit[k], rho, years)


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


def _observe_immigrants(
    panel: xr.Dataset,
    error: Any,
    immigrant: tuple[Any, Any],
    psi: Any,
    misfit: Any,
    rho: Any,
) -> None:
    """Ages 30-66, immigrants: E5, E7; completion averaged over those ages.

    Their assumed mean part of higher vocational serves to read the coarse cell.
    """
    years = panel["immigrant_year"].values
    time = law.trend_time(years)[:, None]
    weight = panel["stock_weight"].mean(("region", "stock_year")).values
    parts = [(weight * part).sum() for part in cell_completion(panel, "stock_cell", error)]
    own = [immigrant[0][:, k] + immigrant[1][:, k] * time for k in range(2)]
    middle = basis(law.CENTRE_COHORT, panel["knot"].values)
    late = panel["shape_mean"].values[2:] @ middle + panel["split_mean"].values
    mean = law.stock_logits(law.reached([*own, *late], parts), psi)
    observed = panel["immigrant_logit"].transpose("choice", "immigrant_year", "region").values
    for k, name in enumerate(LOGITS[:2]):
        step = _step(panel, "immigrant_year")
        discrepancy(f"immigrant_{name}", observed[k], mean[k], misfit[k], rho, step)


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


def _observe_residents(
    panel: xr.Dataset, shape: Any, error: Any, effects: tuple, misfit: Any, rho: Any
) -> None:
    """Residents aged 16 and over of regions with six levels: E3-E7."""
    level, slope, split, immigrant, offset = effects
    names = list(panel["region"].values)
    known = [names.index(region) for region in panel["resident_region"].values]
    born, weights = cell_basis(panel, "resident_year", "adult_cell")
    nation, decades = at_cells(shape, weights), law.tilt(born)
    rows = [level[known], slope[known], *(value[known] for value in immigrant)]
    level, slope, start, trend = (value[:, None, None, :] for value in rows)
    split = split[:, None, None, :]
    time = law.trend_time(panel["resident_year"].values)[:, None]
    native = [law.regional(nation[k], level[..., k], slope[..., k], decades) for k in range(2)]
    arrived = [start[..., k] + trend[..., k] * time for k in range(2)]
    for k in (0, 1):
        both = nation[k + 2] + split[..., k]
        native.append(both - law.MEAN_IMMIGRANTS * offset[k])
        arrived.append(both + (1.0 - law.MEAN_IMMIGRANTS) * offset[k])
    parts = cell_completion(panel, "adult_cell", error)
    cells = law.mixed(
        panel["resident_immigrants"].values,
        law.reached(arrived, parts),
        law.reached(native, parts),
    )
    mean = law.stock_logits(law.stock(panel["resident_weight"].values, cells), 1.0)
    observed = panel["resident_logit"].transpose("logit", "resident_year", "resident_region")
    for k, name in enumerate(LOGITS):
        years = _step(panel, "resident_year")
        data = observed.values[k]
        discrepancy(f"resident_{name}", data, mean[k].T, misfit[k], rho, years)


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

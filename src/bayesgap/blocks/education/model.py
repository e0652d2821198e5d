"""Education by birth cohort: continuation-ratio logits, pooled over regions, mixed into stocks.

For choice k (finishes upper secondary; tertiary; academic, not higher vocational; long), cohort c:

E1  S[k,c] = assumed shape + sd u[k,c] + steps after 1990;  steps ~ Normal(0, iota[k]^2)
    per decade: the nation, linear between knots
E2  G[k,a] = exp(-exp(assumed completion[k,a] + sd z[k])): part of the finishers done by age a
E3  finished = s(S1) G1;  tertiary = finished s(S2) G2;  vocational = tertiary (1 - s(S3)) G3;
    academic = tertiary - vocational;  long = academic s(S4) G4
E4  region r, no immigrant background: S[k,c] + A[k,r] + B[k,r] x(c) + gain[k] late(a), k = 1, 2;
    A ~ Normal(offset, tau^2), B likewise;  x constant after the last cohort seen;  late: decades
    since age 32, since adults learn, the educated live longer and arrivals stay; the nation too
E5  immigrants, by year since arrivals replace: U[k,r,t] = gamma[k,r] + delta[k,r] h(t)
E6  splits 3 and 4 of a region: S + e[k,r],  e = lambda[k] (tertiary deviation of r) + tau[k] z;
    immigrants differ from others by an assumed offset; residents mix both backgrounds
E7  a stock is the weighted sum of its cells; its logits are observed with a discrepancy that is
    AR(1) over the years: y[t] ~ Normal(m[t] + rho^d (y[t-d] - m[t-d]), sigma[series])
E8  log-odds of the immigrants' share: step ~ t4(growth[r] exp(-decay (t - T + 4)) + n[t], s),
    T the year of the last stock;  n ~ Normal(0, shock) in the years seen, shock t4 in those ahead
E9  fields within levels: `fields_model`, F1-F5

Registers count everybody, so misfit is discrepancy, not sampling error, and neighbouring years are
no independent facts. Stocks contain selective migration already: A, B, gamma, delta are what
remains after it, and forecasts add only later departures from it (no double counting).
`unknown`: immigrants and regions' residents before 2014 are left out; the nation has a step in
proportion to `unknown`. The labour force survey tells the nation by age, with an offset a choice.
The coarse cell `tertiary` of ages 30-66 counts the part psi of higher vocational.
All spreads of seed tables scale standard-normal parameters whose priors are `assumed`, hence they
follow `options.assumed_scale` through those priors.
Shared parameters and regions' parameters are sampled along `education_directions` (N1, N2).
Source: nested logits as in Agresti (2013) 8.3; completion and cohorts: Lutz et al. (2014).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from bayesgap.blocks.education import fields_model, stocks
from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.cells import (
    SERIES,
    SOURCES,
    Observations,
    build_cells,
    build_observations,
)
from bayesgap.blocks.education.directions import directions
from bayesgap.blocks.education.forecast import forecast
from bayesgap.blocks.education.kernel import fixed
from bayesgap.blocks.education.panel import last_stock
from bayesgap.inference.parts import ar1_step, non_centred_normal, prior, prior_data, require_priors
from bayesgap.study.priors import BlockPriors, PriorSpec
from bayesgap.study.study import Options

__all__ = ["NAME", "PRIORS", "build", "forecast"]

NAME = "education"
LEAST_MISFIT = 0.01  # of the odds: no mixture of a few cohorts is exact
FEW_STEPS = 3  # of the immigrants' share: fewer hardly tell an effect from its scale
PRIORS = (
    "cohort_shape",
    "cohort_innovation",
    "completion",
    *stocks.LATE,
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
    "survey_offset",
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
    *fields_model.PRIORS,
)


SHARED_DIMS = {
    "cohort_shape": ("logit", "knot"),
    "cohort_step": ("logit", "late_knot"),
    "completion": ("logit",),
    "immigrant_split": ("split",),
    "unknown_step": ("logit",),
    "survey_offset": ("choice",),
}


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of cohorts, regions, immigrants and fields (E1-E9)."""
    require_priors(NAME, priors, PRIORS)
    seen, assumed = stocks.as_shared(build_observations(panel)), stocks.build_assumed(panel)
    with pm.Model(coords=_coords(panel)) as model:
        p, pull = _shared(panel, priors)
        p["cohort_innovation"] = _innovation(priors["cohort_innovation"], p["cohort_step"])
        p |= _regions(priors, pull) | _immigrants(panel, priors, pull)
        p["resident_split"] = _splits(panel, priors, p["region_level_deviation"], pull)
        assumed = stocks.as_shared(assumed)
        shape = stocks.national_shape(assumed, p)
        pm.Deterministic("shape", shape, dims=("logit", "knot"))
        offset = assumed.split_mean + assumed.split_sd * p["immigrant_split"]
        pm.Deterministic("immigrant_split_offset", offset, dims="split")
        cells = build_cells(panel)
        mean = stocks.stock_means(stocks.as_shared(cells), assumed, seen, p, fixed(cells))
        _observe(priors, seen, mean)
        _immigrant_share(panel, priors)
        _assumed(priors)
        fields_model.build_fields(panel, priors)
    return model


def _coords(panel: xr.Dataset) -> dict[str, Any]:
    """Coordinates of every parameter."""
    names = (
        "logit", "choice", "split", "knot", "region", "target", "resident_region",
        "share_year", "age_knot", "field_group", "field_level",
    )  # fmt: skip
    coords = {name: panel[name].values for name in names}
    coords |= {"late_knot": stocks.late_knots(panel), "series": SERIES, "information": SOURCES}
    coords["share_step"] = panel["share_year"].values[1:]
    coords["direction"] = np.arange(stocks.size(stocks.shared_layout(panel)))
    return coords


def _shared(panel: xr.Dataset, priors: BlockPriors) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters that all stocks share, by name, and their pull on those of regions (N1, N2)."""
    turn, slopes = directions(panel, priors)
    z = pt.dot(pm.Data("rotation", turn), pm.Normal("direction_error", 0.0, 1.0, dims="direction"))
    psi = prior("vocational_counted", priors["vocational_counted"])
    out = {"vocational_counted": psi}
    for name, piece in stocks.unpacked(z, stocks.shared_layout(panel)).items():
        value = piece
        if name in priors:
            held = prior_data(name, priors[name], "normal")
            value = held["mu"] + held["sigma"] * piece
        out[name] = pm.Deterministic(name, value, dims=SHARED_DIMS.get(name))
    reach = pt.dot(pm.Data("regression", slopes), pt.concatenate([z, psi[None]]))
    return out, stocks.unpacked(reach, stocks.local_layout(panel))


def _innovation(spec: PriorSpec, step: Any) -> Any:
    """Scale (logit) of the steps of E1: log-normal, sampled as the size of the steps.

    Stocks tell scale times `step` (logit, late_knot), not the two.
    """
    pull = -0.5 * pt.log1p((step**2).mean(-1))
    scale = _log_normal("cohort_innovation", spec, pull, "logit")
    return pm.Deterministic("cohort_innovation", scale, dims="logit")


def _log_normal(name: str, spec: PriorSpec, pull: Any, dims: str) -> Any:
    """Log-normal scale, sampled as what its logarithm is beyond `pull`: a mere shift."""
    held = prior_data(name, spec, "log_normal")
    return pt.exp(pm.Normal(f"{name}_apart", held["mu"] - pull, held["sigma"], dims=dims) + pull)


def _local(name: str, mean: Any, scale: Any, pull: Mapping[str, Any], dims: Any) -> Any:
    """Normal(mean, scale), sampled as what it is beyond the pull of shared parameters (N2)."""
    apart = pm.Normal(f"{name}_apart", mean - pull[name], scale, dims=dims)
    return pm.Deterministic(name, apart + pull[name], dims=dims)


def _regions(priors: BlockPriors, pull: Mapping[str, Any]) -> dict[str, Any]:
    """Deviations of level and slope (region, choice) from the nation (E4), centred."""
    out = {}
    for kind, offset in (("level", "region_offset"), ("tilt", "tilt_offset")):
        name = f"region_{kind}_deviation"
        mean = prior(offset, priors[offset], "choice")
        scale = prior(f"region_{kind}_spread", priors[f"region_{kind}_spread"], "choice")
        out[name] = _local(name, mean, scale, pull, ("region", "choice"))
    return out


def _immigrants(panel: xr.Dataset, priors: BlockPriors, pull: Mapping[str, Any]) -> dict[str, Any]:
    """Levels and trends (region, choice) of the immigrants' education (E5)."""
    out = {}
    dims = ("region", "choice")
    told = bool(np.isfinite(panel["immigrant_logit"]).any())
    for own in ("immigrant_level", "immigrant_trend"):
        name, spread = f"{own}_region", f"{own}_spread"
        mean = prior(own, priors[own], "choice")
        scale = prior(spread, priors[spread], "choice")
        apart = own == "immigrant_trend" or not told  # six noisy years hardly tell a trend
        out[name] = (
            non_centred_normal(name, scale, dims, mean)
            if apart
            else _local(name, mean, scale, pull, dims)
        )
    return out


def _splits(panel: xr.Dataset, priors: BlockPriors, level: Any, pull: Mapping[str, Any]) -> Any:
    """Deviations (resident_region, split) of splits 3 and 4 from the nation (E6).

    Those of the targets follow the same law in the forecast: no data inform `split_error`.
    """
    slope = prior("split_slope", priors["split_slope"], "split")
    scale = prior("split_spread", priors["split_spread"], "split")
    names = list(panel["region"].values)
    known = [names.index(region) for region in panel["resident_region"].values]
    mean = level[known, 1][:, None] * slope
    pm.Normal("split_error", 0.0, 1.0, dims=("target", "split"))
    return _local("resident_split", mean, scale, pull, ("resident_region", "split"))


def _observe(priors: BlockPriors, seen: Observations, mean: Any) -> None:
    """Observe all stocks: AR(1) misfit around `mean` (E7).

    `misfit` is the scale of a single stock's misfit, whatever its persistence.
    """
    rho = prior("persistence", priors["persistence"], "information")
    misfit = _misfit(priors["misfit"], rho)[seen.series]
    kept = seen.later * rho[seen.source] ** seen.years
    before = (seen.value - mean)[seen.previous]
    pm.Normal(
        "logit_seen",
        mu=mean + ar1_step(before, kept, 0.0),
        sigma=misfit * (1.0 - kept**2) ** 0.5,
        observed=seen.value,
    )


def _misfit(spec: PriorSpec, rho: Any) -> Any:
    """Scale (series) of a single stock's misfit: log-normal, sampled as the scale of its change.

    `LEAST_MISFIT` comes on top: a short series could otherwise be met exactly. Changes are what
    the data tell; the two differ by a factor of the persistence alone.
    """
    source = np.array([SOURCES.index(series.partition(":")[0]) for series in SERIES])
    pull = -0.5 * pt.log(1.0 - rho[source] ** 2)
    scale = LEAST_MISFIT + _log_normal("misfit", spec, pull, "series")
    return pm.Deterministic("misfit", scale, dims="series")


def _immigrant_share(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation E8: the immigrants' share of ages 30-66."""
    mean = prior("share_growth", priors["share_growth"])
    spread = prior("share_growth_spread", priors["share_growth_spread"])
    few = panel.sizes["share_year"] - 1 < FEW_STEPS
    effects = non_centred_normal if few else _centred
    growth = effects("share_growth_region", spread, "region", mean)
    decay = prior("share_decay", priors["share_decay"])
    scale = prior("share_shock", priors["share_shock"])
    shock = effects("share_shock_year", scale, "share_step", 0.0)
    noise = prior("share_noise", priors["share_noise"])
    observed = panel["immigrant_share_logit"].transpose("share_year", "region").values
    years = law.share_time(panel["share_year"].values[1:, None], last_stock(panel))
    expected = law.share_growth(growth, decay, years) + shock[:, None]
    steps = pm.Data("share_step_observed", np.diff(observed, axis=0))
    pm.StudentT("share_change", nu=law.TAIL, mu=expected, sigma=noise, observed=steps)


def _centred(name: str, scale: Any, dims: str, centre: Any) -> Any:
    return pm.Normal(name, centre, scale, dims=dims)


def _assumed(priors: BlockPriors) -> None:
    """What no data inform: later drift, ages of immigrants."""
    for name in ("region_drift", "region_cohort", "immigrant_drift"):
        prior(name, priors[name])
    prior("immigrant_age_error", priors["immigrant_age_error"], "age_knot")

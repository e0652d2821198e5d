"""Population and migration: stocks and, where known, gross flows, in one model.

Net migration of region r at age a in year t, per cent of residents (panel definitions D1-D7):

P1  net[r,a,t] = G[a,t] + sum_k axis[k,a] score[k,r,t] + cell noise
P2  score[k,r,t] = side[r] mu[k] + d[k,r] + u[k,r,t] + e[k,r,t]; one k more is births, relative;
    mu[k] = m[k] - mean over the panel's years of wave[k]: the prior speaks of m, the mean seen,
    since m and waves are told apart by the data where mu and waves are not
P3  d[k,r] ~ Normal(0, tau[k]);  u[k,r,t] = own[k,r,t] + side[r] wave[k,t], where
    own[k,r,t+1] = rho[k] own[k,r,t] + h[t+1] sigma[k] w[r]^(1/2) z and
    wave[k,t+1] = rho[k] wave[k,t] + h[t+1] common[k] z; h is 1, and `widening` into a shock year.
    side[r] is 1, for a metropolis -1: what most regions lose the capital gains, for good (mu)
    and in waves. (With a loading of its own per region, or a mu of one sign, the wave took the
    place of what lasts, which was then forecast to fade.)
P4  e ~ Normal(0, (phi + x[k]) v[k,r,t] + (omega[k]^2 + shock[t] kappa[k]^2) w[r]): v is the
    sampling variance, x >= 0 what moves of families and groups add to it, kappa the extra width
    of shock years (pandemic, refugee inflow) that passes; w[r] = size^(-2 gamma):
    small regions are less steady
P5  cell square sum ~ phi ChiSquare(freedom): dispersion of single cells
P6  G[a,t] = mean[a] + loading[a] (N[t] - centre) + age residual, loading >= 0: a regression of
    the panel; the forecast draws its estimation error and residuals with the memory, covariance
    and heavy tails seen
P7  N[t+1] = nu + rho_N (N[t] - nu) + sigma_N (k c[t+1] + sqrt(1 - k^2) StudentT_4): the nation,
    mean-reverting, heavy tails; more come while jobs grow (c, the business cycle, where known)
P8  log q[a,t] = level[a] + slope[a] K[t];  K = random walk with drift + noise that passes
P9  log child ratio = B[t] + births score / 10;  B[t+1] = beta + rho_B (B[t] - beta) + sigma_B z
P10 out[r,a] ~ NegativeBinomial(exposure exp(level[r] + shape[a]), extra scatter),
    level[r] ~ Normal(lambda + several[r] iota[r], scale)

The linear-Gaussian d, own and K are integrated out (population_laws L1-L3); waves, which join
the regions, are sampled as standard normals. Net and gross are
factored as p(net) p(out | net), with in = net + out, so that no move is counted twice. Flow rows
count moves between a group's own municipalities: iota >= 0 takes them out of the rate over the
region's border. Deviations of a region's mortality are in its scores at old ages.
Source: Azose & Raftery (2015) for pooled rates; Lee & Carter (1992).
"""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from bayesgap.blocks.population.forecast import forecast
from bayesgap.blocks.population.kernel import Given, Moved, score_likelihood
from bayesgap.blocks.population.laws import (
    BY_COMPONENT,
    DIFFUSE,
    NATION_TAIL,
    filter_likelihood,
    widened,
)
from bayesgap.inference.parts import ar1_step, cycle_data, prior, require_priors, stationary_scale
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

__all__ = ["NAME", "PRIORS", "build", "forecast"]

NAME = "population"
PRIORS = (
    *BY_COMPONENT,
    "score_common",
    "score_widening",
    "score_size",
    "cell_dispersion",
    "national_mean",
    "national_persistence",
    "national_innovation",
    "national_cycle",
    "mortality_drift",
    "mortality_innovation",
    "mortality_noise",
    "child_mean",
    "child_persistence",
    "child_innovation",
    "out_level",
    "out_age",
    "out_region",
    "out_inner",
    "out_shape",
)


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of scores, nation, mortality, births and gross flows (P2-P10).

    `options.shock_years` are already in the panel, as `shock`.
    """
    require_priors(NAME, priors, PRIORS)
    coords = {
        name: panel[name].values
        for name in ("component", "region", "transition", "nation_year", "flow_age", "flow_region")
    }
    with pm.Model(coords=coords) as model:
        _scores(panel, priors)
        _nation(panel, priors)
        _mortality(panel, priors)
        _births(panel, priors)
        if panel.sizes["flow_region"]:
            _flows(panel, priors)
    return model


def _scores(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equations P2-P5."""
    vectors = [prior(name, priors[name], "component") for name in (*BY_COMPONENT, "score_common")]
    exponent = prior("score_size", priors["score_size"])
    widening = prior("score_widening", priors["score_widening"])
    phi = prior("cell_dispersion", priors["cell_dispersion"])
    dims = ("component", "region", "transition")
    given = Given(
        pm.Data("score", panel["score"].transpose(*dims).values, dims=dims),
        pm.Data("score_variance", panel["score_variance"].transpose(*dims).values, dims=dims),
        pm.Data("shock", panel["shock"].values, dims="transition"),
        pm.Data("size", panel["size"].values, dims="region"),
        pm.Data("side", panel["side"].values, dims="region"),
    )
    z = pm.Normal("z_wave", 0.0, 1.0, dims=dims[::2])
    _wave(vectors[3], vectors[7], widened(given.shock, widening), z, panel.sizes["transition"])
    moved = Moved(*vectors, exponent, widening, phi, z)
    pm.Potential("score_likelihood", score_likelihood(moved, given))
    freedom = pm.Data("cell_freedom", panel["cell_freedom"].item())
    pm.Gamma(
        "cell_square_sum",
        alpha=freedom / 2,
        beta=1 / (2 * phi),
        observed=pm.Data("cell_square_sum_data", panel["cell_square_sum"].item()),
    )


def _wave(rho: Any, common: Any, scale: Any, z: Any, years: int) -> None:
    """Waves (component, transition) that regions share (P3), which the forecast reads."""
    start = stationary_scale(rho, 1.0)[:, None]
    steps = pt.concatenate([start * z[:, :1], scale[1:] * z[:, 1:]], axis=1)
    wave = common[:, None] * accumulated(steps, rho[:, None], years)
    pm.Deterministic("wave", wave, dims=("component", "transition"))


def accumulated(steps: Any, rho: Any, years: int) -> Any:
    """Sum over lags j of rho^j steps[t - j], (..., year), as (1 + rho L)(1 + rho^2 L^2)... steps.

    Five products reach 31 lags: a loop over years would make the graph larger.
    """
    lag = 1
    while lag < years:
        earlier = pt.concatenate([pt.zeros_like(steps[..., :lag]), steps[..., :-lag]], axis=-1)
        steps, rho, lag = steps + rho * earlier, rho**2, 2 * lag
    return steps


def _nation(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation P7."""
    mean = prior("national_mean", priors["national_mean"])
    rho = prior("national_persistence", priors["national_persistence"])
    sigma = prior("national_innovation", priors["national_innovation"])
    part = prior("national_cycle", priors["national_cycle"])
    cycle, known = cycle_data(panel, panel["nation_year"].values[1:])
    rate = pm.Data("national_rate", panel["national_rate"].values, dims="nation_year")
    pm.StudentT(
        "national_next",
        nu=NATION_TAIL,
        mu=mean + ar1_step(rate[:-1] - mean, rho, sigma * part * cycle),
        sigma=sigma * (1.0 - known * part**2) ** 0.5,
        observed=rate[1:],
    )


def _mortality(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation P8: the index less its drift is a random walk seen through passing noise."""
    drift = prior("mortality_drift", priors["mortality_drift"])
    step = prior("mortality_innovation", priors["mortality_innovation"])
    noise = prior("mortality_noise", priors["mortality_noise"])
    index = pm.Data("mortality_index", panel["mortality_index"].values, dims="nation_year")
    years = np.arange(panel.sizes["nation_year"], dtype=float)
    level = (index - index[0] + drift * years)[None]
    one = np.ones(1)
    pm.Potential(
        "mortality_likelihood",
        filter_likelihood(
            level,
            pt.zeros_like(level) + noise**2,
            0 * one,
            DIFFUSE * one,
            one,
            pt.zeros_like(level) + step**2,
        ),
    )


def _births(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation P9, the nation; regions are a score of P2."""
    mean = prior("child_mean", priors["child_mean"])
    rho = prior("child_persistence", priors["child_persistence"])
    sigma = prior("child_innovation", priors["child_innovation"])
    ratio = pm.Data("national_log_child_ratio", panel["national_log_child_ratio"].values)
    pm.Normal(
        "child_next",
        mu=mean + ar1_step(ratio[:-1] - mean, rho, 0.0),
        sigma=sigma,
        observed=ratio[1:],
    )


def _flows(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation P10; levels are centred, since counts are large."""
    level = prior("out_level", priors["out_level"])
    scale = prior("out_region", priors["out_region"])
    inner = prior("out_inner", priors["out_inner"], "flow_region")
    several = pm.Data("several", panel["several"].values, dims="flow_region")
    region = pm.Normal("out_gross", level + several * inner, scale, dims="flow_region")
    age = pm.ZeroSumNormal(
        "out_shape_age", sigma=prior("out_age", priors["out_age"]), dims="flow_age"
    )
    places: list[Any] = [panel[name].values.astype(int) for name in ("out_region", "out_age")]
    exposure = pm.Data("out_exposure", panel["out_exposure"].values)
    pm.NegativeBinomial(
        "out_count",
        mu=exposure * pt.exp(region[places[0]] + age[places[1]]),
        alpha=prior("out_shape", priors["out_shape"]),
        observed=pm.Data("out_count_data", panel["out_count"].values),
    )

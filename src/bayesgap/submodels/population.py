"""Population and migration: stocks and, where known, gross flows, in one model.

Net migration of region r at age a in year t, per cent of residents (panel definitions D1-D4):

P1  net[r,a,t] = G[a,t] + sum_k axis[a,k] score[k,r,t] + cell noise
P2  score[k,r,t] = mu[k] + d[k,r] + u[k,r,t] + e[k,r,t]
P3  d[k,r] ~ Normal(0, tau[k]);  u[k,r,t+1] = rho[k] u[k,r,t] + sigma[k] z
P4  e ~ Normal(0, phi v[k,r,t] + omega[k]^2 + shock[t] kappa[k]^2): v is the sampling variance,
    kappa the extra width of shock years (pandemic, refugee inflow), which therefore pass
P5  cell square sum ~ phi ChiSquare(freedom): overdispersion of single cells
P6  G[a,t] = profile_mean[a] + loading[a] (N[t] - mean(N)) + age noise; loading >= 0
P7  N[t+1] = nu + rho_N (N[t] - nu) + sigma_N StudentT_4: the nation, mean-reverting, heavy tails
P8  log q[a,t] = level[a] + slope[a] K[t];  K[t+1] = K[t] - drift + sigma_K z  (Lee-Carter)
P9  log child ratio = B[t] + m[r] + noise;  B[t+1] = beta_B + rho_B (B[t] - beta_B) + sigma_B z
P10 out[r,a,t] ~ NegativeBinomial(exposure exp(gamma[a] + c[r] + inner[r] iota[r]), shape)

The linear-Gaussian d and u are integrated out by a Kalman filter (the state is (d, u)); the filter
step is one function of operators, used on tensors in `build` and on draws in `forecast`.
Net and gross are factored as p(net) p(out | net), with in = net + out, so that no move is counted
twice. Flow rows count moves between a group's own municipalities: inner[r] iota[r] >= 0 takes them
out of the rate over the region's border.
Source: Azose & Raftery (2015) for pooled rates; Lee & Carter (1992).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import xarray as xr

from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Options
from bayesgap.submodels.parts import ar1_step, prior, require_priors, stationary_scale

NAME = "population"
PRIORS = (
    "score_mean",
    "score_region",
    "score_innovation",
    "score_persistence",
    "score_transitory",
    "score_shock",
    "cell_dispersion",
    "national_mean",
    "national_persistence",
    "national_innovation",
    "mortality_drift",
    "mortality_innovation",
    "child_mean",
    "child_persistence",
    "child_innovation",
    "child_region",
    "child_noise",
    "out_level",
    "out_age",
    "out_region",
    "out_inner",
    "out_shape",
)
TAIL = 4.0  # degrees of freedom of national innovations: 2022 was over three scales out


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Joint model of scores, nation, mortality, births and gross flows (P1-P10)."""
    require_priors(NAME, priors, PRIORS)
    coords = {
        name: panel[name].values
        for name in ("component", "region", "transition", "nation_year", "flow_age", "flow_region")
    }
    with pm.Model(coords=coords) as model:
        _scores(panel, priors)
        _nation(panel, priors)
        _births(panel, priors)
        _flows(panel, priors)
    return model


def _scores(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equations P2-P5, the regional effects integrated out."""
    mu = prior("score_mean", priors["score_mean"], "component")
    tau = prior("score_region", priors["score_region"], "component")
    sigma = prior("score_innovation", priors["score_innovation"], "component")
    rho = prior("score_persistence", priors["score_persistence"], "component")
    omega = prior("score_transitory", priors["score_transitory"], "component")
    kappa = prior("score_shock", priors["score_shock"], "component")
    phi = prior("cell_dispersion", priors["cell_dispersion"])
    order = ("transition", "component", "region")
    score = pm.Data("score", panel["score"].transpose(*order).values)
    spread = pm.Data("score_variance", panel["score_variance"].transpose(*order).values)
    shock = pm.Data("shock", panel["shock"].values)
    noise = score_noise(phi, spread, _c(omega), _c(kappa), shock[:, None, None])
    start = filter_start(_c(tau), _c(sigma), _c(rho), pt.zeros_like(score[0]))
    states = pytensor.scan(
        filter_step,
        sequences=[score - _c(mu), noise],
        outputs_info=list(start),
        non_sequences=[_c(rho), _c(sigma) ** 2],
        return_updates=False,
    )
    pm.Potential("score_likelihood", states[-1][-1].sum())
    freedom = panel["cell_freedom"].item()
    pm.Gamma(
        "cell_square_sum",
        alpha=freedom / 2,
        beta=1 / (2 * phi),
        observed=panel["cell_square_sum"].item(),
    )


def _c(vector: Any) -> Any:
    return vector[:, None]


def score_noise(phi: Any, spread: Any, omega: Any, kappa: Any, shock: Any) -> Any:
    """Variance of e in P4."""
    return phi * spread + omega**2 + shock * kappa**2


def filter_start(tau: Any, sigma: Any, rho: Any, zeros: Any) -> tuple[Any, ...]:
    """Prior of the state (d, u): means, (co)variances and log-likelihood so far."""
    return (
        zeros,
        zeros,
        zeros + tau**2,
        zeros,
        zeros + stationary_scale(rho, sigma) ** 2,
        zeros,
    )


def filter_step(
    deviation: Any,
    noise: Any,
    d: Any,
    u: Any,
    var_d: Any,
    cov: Any,
    var_u: Any,
    likelihood: Any,
    rho: Any,
    innovation: Any,
) -> tuple[Any, ...]:
    """Kalman update by one observation, then prediction of u one year ahead (P2-P3)."""
    variance = var_d + 2 * cov + var_u + noise
    surprise = deviation - d - u
    gain_d, gain_u = (var_d + cov) / variance, (cov + var_u) / variance
    likelihood = likelihood - 0.5 * (surprise**2 / variance + log(variance))
    return (
        d + gain_d * surprise,
        ar1_step(u + gain_u * surprise, rho, 0.0),
        var_d - gain_d**2 * variance,
        rho * (cov - gain_d * gain_u * variance),
        rho**2 * (var_u - gain_u**2 * variance) + innovation,
        likelihood,
    )


def log(value: Any) -> Any:
    """Natural logarithm of a tensor or an array."""
    return np.log(value) if isinstance(value, np.ndarray | float) else pt.log(value)


def _nation(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equations P7 and P8."""
    mean = prior("national_mean", priors["national_mean"])
    rho = prior("national_persistence", priors["national_persistence"])
    sigma = prior("national_innovation", priors["national_innovation"])
    rate = pm.Data("national_rate", panel["national_rate"].values)
    pm.StudentT(
        "national_next",
        nu=TAIL,
        mu=mean + ar1_step(rate[:-1] - mean, rho, 0.0),
        sigma=sigma,
        observed=rate[1:],
    )
    drift = prior("mortality_drift", priors["mortality_drift"])
    step = prior("mortality_innovation", priors["mortality_innovation"])
    index = panel["mortality_index"].values
    pm.Normal("mortality_change", mu=-drift, sigma=step, observed=np.diff(index))


def _births(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation P9."""
    mean = prior("child_mean", priors["child_mean"])
    rho = prior("child_persistence", priors["child_persistence"])
    sigma = prior("child_innovation", priors["child_innovation"])
    nation = panel["national_log_child_ratio"].values
    pm.Normal(
        "child_next",
        mu=mean + ar1_step(nation[:-1] - mean, rho, 0.0),
        sigma=sigma,
        observed=nation[1:],
    )
    scale = prior("child_region", priors["child_region"])
    noise = prior("child_noise", priors["child_noise"])
    region = pm.Normal("child_effect", 0.0, scale, dims="region")
    national = panel["national_log_child_ratio"].sel(nation_year=panel["transition"].values)
    excess = panel["log_child_ratio"].transpose("region", "transition").values - national.values
    pm.Normal("child_ratio", mu=region[:, None], sigma=noise, observed=excess)


def _flows(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Equation P10: a random walk over age groups and pooled region effects."""
    level = prior("out_level", priors["out_level"])
    slope = prior("out_age", priors["out_age"])
    age = pm.GaussianRandomWalk(
        "out_age_effect", sigma=slope, init_dist=pm.Normal.dist(level, 1.0), dims="flow_age"
    )
    scale = prior("out_region", priors["out_region"])
    region = pm.ZeroSumNormal("out_effect", sigma=scale, dims="flow_region")
    inner = prior("out_inner", priors["out_inner"], "flow_region")
    inflated = region + panel["inner_borders"].values * inner
    shape = prior("out_shape", priors["out_shape"])
    exposure = panel["out_exposure"].values
    rate = age[panel["out_age"].values.astype(int)] + inflated[panel["out_region"].values]
    pm.NegativeBinomial(
        "out_count",
        mu=exposure * pt.exp(rate),
        alpha=shape,
        observed=panel["out_count"].values,
    )


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    condition: bool = True,
) -> xr.Dataset:
    """Drawn rates of the targets for the intervals that begin on 1 January of `years`.

    Parameters
    ----------
    posterior : Dataset (chain, draw, ...)
    panel : Dataset of `build_population_panel`
    years : first year must follow the last observed transition
    condition : False draws regional states from their prior law instead of from the data

    Returns
    -------
    Dataset with net_migration_rate (chain, draw, region, year, age) [1/year], death_probability
    (chain, draw, year, age), child_ratio (chain, draw, region, year), out_migration_rate
    (chain, draw, region, age) [1/year]
    """
    regions = list(panel["target"].values)
    p = Draws(posterior)
    net = _net_rate(p, panel, regions, len(years), rng, condition)
    dims = ("chain", "draw")
    return xr.Dataset(
        {
            "net_migration_rate": ((*dims, "region", "year", "age"), p.unstack(net)),
            "death_probability": ((*dims, "year", "age"), p.unstack(_deaths(p, panel, years, rng))),
            "child_ratio": (
                (*dims, "region", "year"),
                p.unstack(_child_ratio(p, panel, regions, years, rng)),
            ),
            "out_migration_rate": (
                (*dims, "region", "age"),
                p.unstack(_out_rate(p, panel, regions, rng)),
            ),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": regions,
            "year": list(years),
            "age": panel["age"].values,
        },
    )


class Draws:
    """Posterior as arrays with one leading sample axis."""

    def __init__(self, posterior: xr.Dataset) -> None:
        """Keep the posterior and its numbers of chains and draws."""
        self._posterior = posterior
        self.shape = (posterior.sizes["chain"], posterior.sizes["draw"])
        self.size = self.shape[0] * self.shape[1]

    def __getitem__(self, name: str) -> np.ndarray:
        """Values (sample, ...) of a variable."""
        values = self._posterior[name].transpose("chain", "draw", ...).to_numpy()
        return values.reshape(self.size, *values.shape[2:])

    def unstack(self, values: np.ndarray) -> np.ndarray:
        """(sample, ...) to (chain, draw, ...), in single precision."""
        return values.reshape(*self.shape, *values.shape[1:]).astype(np.float32)


def states(
    p: Draws, panel: xr.Dataset, regions: Sequence[str], rng: np.random.Generator, condition: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Exact draws of d and of u one year after the data, (sample, component, region)."""
    chosen = panel.sel(region=list(regions)).transpose("transition", "component", "region", ...)
    tau, sigma, rho = (p[n][..., None] for n in ("score_region", "score_innovation", "score_persistence"))
    zeros = np.zeros((p.size, chosen.sizes["component"], len(regions)))
    state = filter_start(tau, sigma, rho, zeros)
    if condition:
        noise = score_noise(
            p["cell_dispersion"][:, None, None, None],
            chosen["score_variance"].values[None],
            p["score_transitory"][:, None, :, None],
            p["score_shock"][:, None, :, None],
            chosen["shock"].values[None, :, None, None],
        )
        deviation = chosen["score"].values[None] - p["score_mean"][:, None, :, None]
        for t in range(chosen.sizes["transition"]):
            state = filter_step(deviation[:, t], noise[:, t], *state, rho, sigma**2)
    d, u, var_d, cov, var_u, _ = state
    first, second = rng.standard_normal((2, *zeros.shape))
    drawn_d = d + np.sqrt(var_d) * first
    tilt = cov / np.maximum(var_d, 1e-12)
    rest = np.sqrt(np.maximum(var_u - tilt * cov, 0.0))
    return drawn_d, u + tilt * (drawn_d - d) + rest * second


def _net_rate(
    p: Draws,
    panel: xr.Dataset,
    regions: Sequence[str],
    ahead: int,
    rng: np.random.Generator,
    condition: bool,
) -> np.ndarray:
    """Net migration per resident (sample, region, year, age): P1-P7 forwards."""
    d, u = states(p, panel, regions, rng, condition)
    rho, sigma = p["score_persistence"][..., None], p["score_innovation"][..., None]
    omega, kappa = p["score_transitory"][..., None], p["score_shock"][..., None]
    mu = p["score_mean"][..., None]
    shocks = panel["shock"].values
    often = rng.beta(1 + shocks.sum(), 1 + (1 - shocks).sum(), size=p.size)
    nation = _national_profile(p, panel, ahead, rng)
    axis = panel["axis"].transpose("component", "age").values.astype(np.float32)
    cell = _cell_scale(p, panel, regions)
    out = np.empty((p.size, len(regions), ahead, panel.sizes["age"]), dtype=np.float32)
    for step in range(ahead):
        shock = (rng.random(p.size) < often).astype(float)[:, None, None]
        e = np.sqrt(score_noise(0.0, 0.0, omega, kappa, shock)) * rng.standard_normal(d.shape)
        score = (mu + d + u + e).astype(np.float32)
        noise = cell * rng.standard_normal(cell.shape, dtype=np.float32)
        regional = np.einsum("skr,ka->sra", score, axis, optimize=True)
        out[:, :, step] = (regional + noise + nation[:, None, step]) / 100
        u = ar1_step(u, rho, sigma * rng.standard_normal(u.shape))
    return out


def _cell_scale(p: Draws, panel: xr.Dataset, regions: Sequence[str]) -> np.ndarray:
    """Scale of single-cell noise (sample, region, age), per cent: P4-P5 at the last stock."""
    people = panel["population"].sel(region=list(regions)).isel(year=-1).transpose("region", "age")
    q = panel["national_q"].isel(nation_year=-1).values
    variance = (panel["mobility"].values + q) / np.maximum(people.values, 5.0)
    return 100 * np.sqrt(p["cell_dispersion"][:, None, None] * variance).astype(np.float32)


def _national_profile(
    p: Draws, panel: xr.Dataset, ahead: int, rng: np.random.Generator
) -> np.ndarray:
    """National net migration (sample, year, age), per cent: P6 and P7."""
    rate = np.full(p.size, panel["national_rate"].values[-1])
    centre = panel["national_rate"].values.mean()
    mean, rho, sigma = p["national_mean"], p["national_persistence"], p["national_innovation"]
    ages = panel["profile_scale"].values
    out = np.empty((p.size, ahead, ages.size), dtype=np.float32)
    wiggle = smooth_noise(p.size, ages.size, rng)
    for step in range(ahead):
        rate = mean + ar1_step(rate - mean, rho, sigma * rng.standard_t(TAIL, p.size))
        wiggle = ar1_step(wiggle, 0.7, np.sqrt(1 - 0.7**2) * smooth_noise(p.size, ages.size, rng))
        loaded = np.outer(rate - centre, panel["profile_loading"].values)
        out[:, step] = panel["profile_mean"].values + loaded + ages * wiggle
    return out


def smooth_noise(samples: int, ages: int, rng: np.random.Generator, knot: int = 9) -> np.ndarray:
    """Standard-normal noise (sample, age) that is smooth over age, linear between knots."""
    knots = np.arange(0, ages + knot, knot)
    left = np.arange(ages) // knot
    share = (np.arange(ages) % knot) / knot
    drawn = rng.standard_normal((samples, knots.size))
    mixed = (1 - share) * drawn[:, left] + share * drawn[:, left + 1]
    return mixed / np.sqrt((1 - share) ** 2 + share**2)


def _deaths(
    p: Draws, panel: xr.Dataset, years: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """Death probability (sample, year, age): P8 forwards from the last index observed."""
    steps = rng.standard_normal((p.size, len(years)))
    change = -p["mortality_drift"][:, None] + p["mortality_innovation"][:, None] * steps
    index = panel["mortality_index"].values[-1] + change.cumsum(1)
    logs = panel["mortality_level"].values + index[..., None] * panel["mortality_slope"].values
    return np.exp(logs).clip(max=1.0)


def _child_ratio(
    p: Draws,
    panel: xr.Dataset,
    regions: Sequence[str],
    years: Sequence[int],
    rng: np.random.Generator,
) -> np.ndarray:
    """Children per person aged 20-39 (sample, region, year): P9 forwards."""
    places = [list(panel["region"].values).index(region) for region in regions]
    effect = p["child_effect"][:, places]
    nation = np.full(p.size, panel["national_log_child_ratio"].values[-1])
    out = np.empty((p.size, len(regions), len(years)))
    for step in range(len(years)):
        z = p["child_innovation"] * rng.standard_normal(p.size)
        nation = p["child_mean"] + ar1_step(nation - p["child_mean"], p["child_persistence"], z)
        noise = p["child_noise"][:, None] * rng.standard_normal(effect.shape)
        out[:, :, step] = np.exp(nation[:, None] + effect + noise)
    return out


def _out_rate(
    p: Draws, panel: xr.Dataset, regions: Sequence[str], rng: np.random.Generator
) -> np.ndarray:
    """Gross out-migration rate (sample, region, age): known effects, else a pooled draw (P10)."""
    ages = np.searchsorted(panel["flow_age"].values, panel["age"].values, side="right") - 1
    profile = p["out_age_effect"][:, ages]
    known = list(panel["flow_region"].values)
    effect = np.stack(
        [
            p["out_effect"][:, known.index(region)]
            if region in known
            else p["out_region"] * rng.standard_normal(p.size)
            for region in regions
        ],
        axis=1,
    )
    return np.exp(profile[:, None] + effect[..., None])

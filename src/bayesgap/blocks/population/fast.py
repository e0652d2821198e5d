"""The population block for many regions in seconds: P2-P9 at their mode, with normal draws there.

The density is that of `population.build` (a test compares them), by the same compiled function;
compiling a graph would take longer than everything else. Regional states are integrated out here as
there, and drawn exactly by `forecast`; nation, mortality and births share no parameter with the
scores or with each other, so each has its own mode. Gross flows (P10) are not part of it.
"""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from bayesgap.blocks.population.kernel import Given, Moved, score_arrays
from bayesgap.blocks.population.laws import (
    BY_COMPONENT,
    DIFFUSE,
    NATION_TAIL,
    filter_arrays,
    widened,
)
from bayesgap.inference.laplace import bounded, bounded_slope, log_prior, mode_draws, sloped
from bayesgap.inference.parts import ar1_step, cycle_of, stationary_scale
from bayesgap.study.priors import BlockPriors, PriorSpec

VECTORS = (*BY_COMPONENT, "score_common")
SINGLE = ("score_size", "score_widening", "cell_dispersion")
Values = dict[str, np.ndarray]


def fit_fast(panel: xr.Dataset, priors: BlockPriors, draws: int, seed: int) -> xr.Dataset:
    """Posterior (chain = 1, draw, ...) of P2-P9, as `forecast` reads it."""
    rng = np.random.default_rng(seed)
    scores = Scores(panel, priors)
    points = mode_draws(scores.negative_log_density, scores.start(), draws, rng)
    out = scores.named(points)
    for names, density in small_densities(panel, priors).items():
        specs = [priors[name] for name in names]
        begin = np.array([_centre(spec) for spec in specs])
        free = mode_draws(sloped(_falling(density, specs)), begin, draws, rng)
        out |= {n: ("draw", bounded(priors[n], free[:, k])) for k, n in enumerate(names)}
    coords = {name: panel[name].values for name in ("component", "transition")}
    data = xr.Dataset(out, coords={**coords, "draw": range(draws)})
    return data.expand_dims(chain=[0])


def _centre(spec: PriorSpec) -> float:
    """An unbounded coordinate near the middle of the prior."""
    p = spec.params()
    if spec.dist == "beta":
        return float(np.log(p["alpha"] / p["beta"]))
    return float(np.log(p["sigma"] / 2)) if spec.dist == "half_normal" else float(p["mu"])


class Scores:
    """Density of the score parameters (P2-P5) in unbounded coordinates, with its gradient."""

    def __init__(self, panel: xr.Dataset, priors: BlockPriors) -> None:
        """Keep the panel as arrays (component, region, transition)."""
        dims = ("component", "region", "transition")
        self.score = panel["score"].transpose(*dims).values
        spread = panel["score_variance"].transpose(*dims).values
        self.shock = panel["shock"].values
        self.given = Given(
            np.ascontiguousarray(self.score, dtype=float),
            np.ascontiguousarray(spread),
            np.asarray(self.shock, dtype=float),
            panel["size"].values,
            np.asarray(panel["side"].values, dtype=float),
        )
        self.squares = panel["cell_square_sum"].item()
        self.freedom = panel["cell_freedom"].item()
        self.priors = priors
        noise = np.median(spread, axis=2) + 0.5 * np.median(spread)
        self.told = (1 / noise).sum(1)  # information on a wave of one year, (component)
        parts, _, years = self.score.shape
        lengths = [(name, parts) for name in VECTORS] + [(name, 1) for name in SINGLE]
        lengths += [("z_wave", parts * years)]
        ends = np.cumsum([0, *(n for _, n in lengths)])
        self.places = {
            name: slice(a, b) for (name, _), a, b in zip(lengths, ends, ends[1:], strict=False)
        }

    def start(self) -> np.ndarray:
        """Middle of the priors; no wave."""
        point = np.zeros(self.places["z_wave"].stop)
        for name, place in self.places.items():
            if name != "z_wave":
                point[place] = _centre(self.priors[name])
        return point

    def values(self, point: np.ndarray) -> Values:
        """Parameters at an unbounded point."""
        out = {
            name: bounded(self.priors[name], point[place])
            for name, place in self.places.items()
            if name != "z_wave"
        }
        return out | {"z_wave": point[self.places["z_wave"]].reshape(len(self.score), -1)}

    def negative_log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log density, without its constant, and its gradient."""
        v = self.values(point)
        total, slopes = self.likelihood(v)
        gradient = np.empty_like(point)
        for name, place in self.places.items():
            if name == "z_wave":
                value, slope = -0.5 * float((v[name] ** 2).sum()), -v[name].ravel()
                gradient[place] = slope + slopes[name].ravel()
            else:
                spec = self.priors[name]
                value, slope = log_prior(spec, point[place])
                gradient[place] = slope + slopes[name] * bounded_slope(spec, v[name])
            total += value
        volume, slope = self.wave_volume(v["score_common"])
        gradient[self.places["score_common"]] += slope
        return -(total + volume), -gradient

    def wave_volume(self, common: np.ndarray) -> tuple[float, np.ndarray]:
        """Log volume of the waves' posterior, relative to their prior, and its slope by log common.

        Waves are maximised with the scales; without their volume a scale would be too large, since
        at the mode larger waves cost nothing that the data do not give back.
        """
        told = 1 + common**2 * self.told
        years = self.score.shape[2] - 1  # the mean of a wave is not seen
        return -0.5 * years * float(np.log(told).sum()), -years * (1 - 1 / told)

    def likelihood(self, v: Values) -> tuple[float, Values]:
        """Log likelihood and its derivatives by the parameters of `v`."""
        single = {name: v[name].reshape(()) for name in SINGLE}
        total, slopes = score_arrays(Moved(**v | single), self.given)
        phi = v["cell_dispersion"]
        total += -0.5 * float((self.freedom * np.log(phi) + self.squares / phi).item())
        slopes["cell_dispersion"] += (-0.5 * self.freedom / phi + 0.5 * self.squares / phi**2)[0]
        return total, {name: np.reshape(slopes[name], v[name].shape) for name in v}

    def named(self, points: np.ndarray) -> dict[str, tuple]:
        """Variables of the posterior at each of `points`."""
        rows = [self.values(point) for point in points]
        out: dict[str, tuple] = {
            name: (("draw", "component"), np.stack([row[name] for row in rows])) for name in VECTORS
        }
        out |= {name: ("draw", np.concatenate([row[name] for row in rows])) for name in SINGLE}
        paths = [
            row["score_common"][:, None]
            * wave_paths(
                row["z_wave"],
                row["score_persistence"][:, None],
                widened(self.shock, row["score_widening"]),
            )
            for row in rows
        ]
        out["wave"] = (("draw", "component", "transition"), np.stack(paths))
        return out


def wave_paths(z: np.ndarray, rho: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Standard waves (component, transition) from their normals: P3."""
    path = [stationary_scale(rho, 1.0)[:, 0] * z[:, 0]]
    for year in range(1, z.shape[1]):
        path.append(ar1_step(path[-1], rho[:, 0], scale[year] * z[:, year]))
    return np.stack(path, axis=1)


def small_densities(
    panel: xr.Dataset, priors: BlockPriors
) -> Mapping[tuple[str, ...], Callable[..., float]]:
    """Log likelihoods of nation, mortality and births (P7-P9), of a few parameters each."""
    rate = panel["national_rate"].values
    ratio = panel["national_log_child_ratio"].values
    index = panel["mortality_index"].values
    years = np.arange(len(index), dtype=float)

    cycle, known = cycle_of(panel, panel["nation_year"].values[1:])

    def nation(mean: float, rho: float, sigma: float, part: float) -> float:
        scale = sigma * np.sqrt(1 - known * part**2)
        z = (rate[1:] - mean - ar1_step(rate[:-1] - mean, rho, sigma * part * cycle)) / scale
        tails = (NATION_TAIL + 1) / 2 * np.log1p(z**2 / NATION_TAIL)
        return float(-tails.sum() - np.log(scale).sum())

    def mortality(drift: float, step: float, noise: float) -> float:
        level = (index - index[0] + drift * years)[None]
        one, flat = np.ones(1), np.zeros_like(level)
        return filter_arrays(level, flat + noise**2, 0 * one, DIFFUSE * one, one, flat + step**2)[0]

    def births(mean: float, rho: float, sigma: float) -> float:
        z = (ratio[1:] - mean - ar1_step(ratio[:-1] - mean, rho, 0.0)) / sigma
        return float(-0.5 * (z**2).sum() - len(z) * np.log(sigma))

    names = ("mean", "persistence", "innovation", "cycle")
    return {
        tuple(f"national_{name}" for name in names): nation,
        ("mortality_drift", "mortality_innovation", "mortality_noise"): mortality,
        ("child_mean", "child_persistence", "child_innovation"): births,
    }


def _falling(
    density: Callable[..., float], specs: list[PriorSpec]
) -> Callable[[np.ndarray], float]:
    def negative_log_density(point: np.ndarray) -> float:
        values = [float(bounded(s, p)) for s, p in zip(specs, point, strict=True)]
        prior = sum(log_prior(s, np.array([p]))[0] for s, p in zip(specs, point, strict=True))
        return -(density(*values) + prior)

    return negative_log_density

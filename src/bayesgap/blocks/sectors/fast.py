"""The sector block for areas in seconds: G1-G4 at their mode, area and national growth drawn.

The nation (G1, G2) and the deviations of areas without a driver of their own (G3, G4) share no
parameter, so each has its own mode and normal draws there. Mean growth of sectors is integrated
out exactly, growth of areas on a grid of its prior; both are then drawn given the parameters.
Residence, workplace and base (G5, G6, G8) are not part of it: what an area begins with is counted.
"""

import numpy as np
import xarray as xr
from scipy.special import logsumexp
from scipy.stats import norm

from bayesgap.inference.laplace import STEP, bounded, log_prior, mode_draws
from bayesgap.study.priors import BlockPriors

TAIL = 4.0  # degrees of freedom of deviations, as in `sectors`
NODES = norm.ppf((np.arange(41) + 0.5) / 41)  # equally likely values of a standard normal
NATION = ("growth_mean", "growth_scale", "persistence", "elasticity", "innovation", "cycle_load")
AREAS = ("area_scale", "deviation_scale", "size_noise")
BY_SECTOR = ("elasticity", "innovation", "cycle_load", "area_scale", "deviation_scale")
Values = dict[str, np.ndarray]


class Coordinates:
    """Parameters side by side where they are unbounded: single ones, or one a sector."""

    def __init__(self, priors: BlockPriors, names: tuple[str, ...], sectors: int) -> None:
        """Give each name its place."""
        ends = np.cumsum([0, *(sectors if n in BY_SECTOR else 1 for n in names)])
        self.priors = {name: priors[name] for name in names}
        self.places = {n: slice(a, b) for n, a, b in zip(names, ends, ends[1:], strict=False)}
        self.size = int(ends[-1])

    def values(self, points: np.ndarray) -> Values:
        """Parameters (..., sector or 1) at unbounded points (..., coordinate)."""
        return {n: bounded(self.priors[n], points[..., at]) for n, at in self.places.items()}

    def start(self) -> np.ndarray:
        """Middle of the priors."""
        point = np.zeros(self.size)
        for name, at in self.places.items():
            p = self.priors[name].params()
            if self.priors[name].dist == "half_normal":
                point[at] = np.log(p["sigma"] / 2)
            elif self.priors[name].dist != "beta":
                point[at] = p["mu"]
        return point

    def log_prior(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Log density of the priors at a point, and its gradient."""
        total, slope = 0.0, np.empty(self.size)
        for name, at in self.places.items():
            value, slope[at] = log_prior(self.priors[name], point[at])
            total += value
        return total, slope


class Nation:
    """Density of the nation's parameters (G1, G2), mean growth of sectors integrated out."""

    def __init__(self, panel: xr.Dataset, priors: BlockPriors) -> None:
        """Keep growth and driver (year, sector), and which years follow the one before."""
        self.growth = panel["national_growth"].values
        self.driver = panel["national_driver"].values
        self.linked = np.flatnonzero(np.diff(panel["growth_year"].values) == 1) + 1
        self.at = Coordinates(priors, NATION, self.growth.shape[1])

    def negative_log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log density and its gradient: likelihood by central differences."""
        steps = STEP * np.eye(self.at.size)
        around = self.likelihood(np.concatenate([point + steps, point - steps, point[None]]))
        up, down = around[: self.at.size], around[self.at.size : -1]
        prior, slope = self.at.log_prior(point)
        return -(around[-1] + prior), -((up - down) / (2 * STEP) + slope)

    def likelihood(self, points: np.ndarray) -> np.ndarray:
        """Log likelihood (point), without its constant."""
        mean, precision, shock, inverse, v = self._moments(points)
        years = len(self.linked)
        volume = np.linalg.slogdet(inverse)[1] * years / 2
        scale = v["growth_scale"]
        own = (shock * (shock @ inverse)).sum((1, 2))
        centre = v["growth_mean"] + 0 * mean
        pull = (mean * np.einsum("pij,pj->pi", precision, mean)).sum(1)
        start = (centre**2).sum(1) / scale[:, 0] ** 2
        wide = np.linalg.slogdet(precision)[1] / 2 + mean.shape[1] * np.log(scale[:, 0])
        return volume - 0.5 * (own + start - pull) - wide

    def growth_draws(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Mean growth of sectors (point, sector), given the other parameters."""
        mean, precision, *_ = self._moments(points)
        root = np.linalg.cholesky(np.linalg.inv(precision))
        return mean + np.einsum("pij,pj->pi", root, rng.standard_normal(mean.shape))

    def _moments(self, points: np.ndarray) -> tuple[np.ndarray, ...]:
        """Mean and precision of growth given the rest; shocks, their inverse covariance."""
        v = self.at.values(points)
        rho, load = v["persistence"][:, None], v["cycle_load"]
        rest = self.growth - v["elasticity"][:, None] * self.driver
        shock = rest[:, self.linked] - rho * rest[:, self.linked - 1]
        own = 1 / v["innovation"] ** 2
        lifted = own * load
        part = 1 + (lifted * load).sum(1)
        inverse = own[:, :, None] * np.eye(own.shape[1])
        inverse = inverse - lifted[:, :, None] * lifted[:, None] / part[:, None, None]
        loose = 1 - v["persistence"]
        eye = np.eye(own.shape[1]) / v["growth_scale"][..., None] ** 2
        precision = len(self.linked) * loose[..., None] ** 2 * inverse + eye
        told = loose * np.einsum("pij,pj->pi", inverse, shock.sum(1))
        told = told + v["growth_mean"] / v["growth_scale"] ** 2
        return np.linalg.solve(precision, told[..., None])[..., 0], precision, shock, inverse, v


class Areas:
    """Density of the deviations' parameters (G3, G4), growth of areas integrated out."""

    def __init__(self, panel: xr.Dataset, priors: BlockPriors) -> None:
        """Deviations, sizes and rounding as (sector, area, year), NaN where there is no cell."""
        self.deviation = panel["area_deviation"].transpose("sector", "area", "year").values
        self.size = panel["area_persons"].transpose("sector", "area", "year").values
        self.rounding = panel["area_rounding"].transpose("sector", "area", "year").values
        self.at = Coordinates(priors, AREAS, len(self.deviation))

    def negative_log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log density and its gradient; a sector's scales move that sector alone."""
        prior, slope = self.at.log_prior(point)
        total = self._by_sector(point).sum()
        for name, at in self.at.places.items():
            step = np.zeros(self.at.size)
            step[at] = STEP
            rise = (self._by_sector(point + step) - self._by_sector(point - step)) / (2 * STEP)
            slope[at] += rise if name in BY_SECTOR else rise.sum()
        return -(total + prior), -slope

    def _by_sector(self, point: np.ndarray) -> np.ndarray:
        v = self.at.values(point)
        return logsumexp(self._at_nodes(v), axis=-1).sum(-1)

    def _at_nodes(self, v: Values) -> np.ndarray:
        """Log likelihood (sector, area, node) at each node of an area's growth."""
        spread, noise = v["deviation_scale"][:, None, None], v["size_noise"]
        scale = np.sqrt(spread**2 + noise**2 / self.size + self.rounding)
        growth = v["area_scale"][:, None] * NODES
        z = (self.deviation[..., None] - growth[:, None, None]) / scale[..., None]
        each = -(TAIL + 1) / 2 * np.log1p(z**2 / TAIL) - np.log(scale)[..., None]
        return np.nansum(each, axis=2)

    def growth_draws(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Growth of areas (point, area, sector): a node by its weight."""
        out = []
        for point in points:
            v = self.at.values(point)
            logs = self._at_nodes(v)
            weight = np.cumsum(np.exp(logs - logs.max(-1, keepdims=True)), axis=-1)
            place = (weight < rng.random(logs.shape[:2])[..., None] * weight[..., -1:]).sum(-1)
            out.append((v["area_scale"][:, None] * NODES[place]).T)
        return np.stack(out)


def fit_areas(panel: xr.Dataset, priors: BlockPriors, draws: int, seed: int) -> xr.Dataset:
    """Posterior (chain = 1, draw, ...) as `sectors.forecast` reads it; areas are its targets.

    Parameters
    ----------
    panel : national_growth, national_driver (growth_year, sector) [log change]; area_deviation
        [log change over the nation's], area_persons [person], area_rounding [variance] (sector,
        area, year); area_base (area, sector) [person]
    """
    rng = np.random.default_rng(seed)
    out: dict[str, tuple] = {}
    nation, areas = Nation(panel, priors), Areas(panel, priors)
    for part in (nation, areas):
        points = mode_draws(part.negative_log_density, part.at.start(), draws, rng)
        for name, values in part.at.values(points).items():
            wide = name in BY_SECTOR
            out[name] = (("draw", "sector"), values) if wide else ("draw", values[:, 0])
        drawn = part.growth_draws(points, rng)
        if drawn.ndim == 3:
            out["target_growth"] = ("draw", "target", "sector"), drawn
        else:
            out["growth"] = ("draw", "sector"), drawn
    common = abs(rng.standard_normal(draws)) * priors["common_scale"].params()["sigma"]
    base = np.log(panel["area_base"].transpose("area", "sector").values)
    out["common_scale"] = "draw", common  # told by totals at the workplace alone: its prior
    out["base_log"] = ("draw", "target", "sector"), np.broadcast_to(base, (draws, *base.shape))
    return xr.Dataset(out, coords={"draw": range(draws)}).expand_dims(chain=[0])

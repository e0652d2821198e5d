"""The education block for many regions in seconds: E1-E5, E7 linearised, E8 as it is, by Gibbs.

Expected logits of stocks are the block's own function (`education_stocks`); a linear form of it at
their centre makes every location parameter normal given the scales, and scales are drawn given
these. E8 is linear given its decay and a weight a step (a Student t is a normal of such a weight).
Regions with six levels are not fitted: splits of regions and fields are as their priors say.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education import stocks
from bayesgap.blocks.education.cells import SERIES, SOURCES, build_cells, build_observations
from bayesgap.blocks.education.model import LEAST_MISFIT
from bayesgap.blocks.education.panel import last_stock
from bayesgap.inference.pooled_gibbs import Grid, Rows, coefficients, places_of
from bayesgap.study.priors import BlockPriors

# Coefficients of a region: (parameter, its mean, its spread), each by choice.
OWN = (
    ("region_level_deviation", "region_offset", "region_level_spread"),
    ("region_tilt_deviation", "tilt_offset", "region_tilt_spread"),
    ("immigrant_level_region", "immigrant_level", "immigrant_level_spread"),
    ("immigrant_trend_region", "immigrant_trend", "immigrant_trend_spread"),
)
ROUNDS, WARM, THIN = 5, 40, 4  # linearisations, steps before each and before the draws, thinning
THIN_SHARE = 8  # of the chain of E8: growth and its decay move slowly
STEP = 1e-4
FLAT = (0.5, 100.0)  # the part of higher vocational has its prior on a grid
Values = dict[str, np.ndarray]


class Stocks:
    """Location parameters as vectors: x of all stocks (means of regions last), u of regions."""

    def __init__(self, panel: xr.Dataset, priors: BlockPriors) -> None:
        """Keep cells and observations; `nation_told` of the panel replaces what its years say."""
        self.seen, self.assumed = build_observations(panel), stocks.build_assumed(panel)
        self.cells = build_cells(panel)
        if "nation_told" in panel:
            self.cells.told[: panel.sizes["nation_year"]] = panel["nation_told"].values
        self.layout = stocks.shared_layout(panel) | {"vocational_counted": ()}
        self.choices, self.regions = panel.sizes["choice"], panel.sizes["region"]
        self.unsplit = np.zeros((panel.sizes["resident_region"], panel.sizes["split"]))
        self.centre, self.spread = self._prior(priors)
        self.late, self.region = self._late(), self._region()
        self.part = (
            len(self.centre) - self.choices * len(OWN) - 1,
            Grid(priors["vocational_counted"]),
        )

    def _prior(self, priors: BlockPriors) -> tuple[np.ndarray, np.ndarray]:
        centre, spread = [], []
        for name, shape in self.layout.items():
            told = priors[name].params() if name in priors else {"mu": 0.0, "sigma": 1.0}
            pair = FLAT if name == "vocational_counted" else (told["mu"], told["sigma"])
            centre.append(np.full(shape, pair[0]).ravel())
            spread.append(np.full(shape, pair[1]).ravel())
        for _, mean, _ in OWN:
            centre.append(np.full(self.choices, priors[mean].params()["mu"]))
            spread.append(np.full(self.choices, priors[mean].params()["sigma"]))
        return np.concatenate(centre), np.concatenate(spread)

    def _late(self) -> np.ndarray:
        """Places (logit, late_knot) of the steps of late cohorts in x: scaled by `iota`."""
        numbers = np.arange(len(self.centre), dtype=float)
        return stocks.unpacked(numbers, self.layout)["cohort_step"].astype(int)

    def named(self, x: np.ndarray, u: np.ndarray) -> Values:
        """Parameters by name; steps of late cohorts are whole ones, so their scale is one."""
        p = stocks.unpacked(x, self.layout)
        apart = np.split(u + x[-u.shape[1] :], len(OWN), axis=1)
        p |= {name: values for (name, *_), values in zip(OWN, apart, strict=True)}
        ones = np.ones(len(self.late))
        return p | {"cohort_innovation": ones, "resident_split": self.unsplit}

    def mean(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Expected value (observation), by the block's own function (E1-E7)."""
        return stocks.stock_means(self.cells, self.assumed, self.seen, self.named(x, u))

    def linear(self, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, Rows]:
        """Observations less what does not depend on parameters, and rows of what does.

        A parameter of regions moves that region's stocks only, so all regions move at once.
        """
        here, width = self.mean(x, u), u.shape[1]
        moves = STEP * np.eye(len(x) - width, len(x))
        shared = [(self.mean(x + move, u) - here) / STEP for move in moves]
        own = [(self.mean(x, u + move) - here) / STEP for move in STEP * np.eye(width)]
        b = np.stack(own, axis=1)
        a = np.concatenate([np.stack(shared, axis=1), b], axis=1)
        rows = Rows(a, b, places_of(self.region, self.regions))
        return self.seen.value - here + self.reached(rows, x, u), rows

    def reached(self, rows: Rows, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """What rows say of every observation at these parameters."""
        own = u[np.maximum(self.region, 0)]  # the nation's rows of B are zero
        return rows.shared @ x + (rows.own * own).sum(1)

    def _region(self) -> np.ndarray:
        """Region of each observation, that of the first cell of its stock; -1 of the nation's."""
        numbers = [np.full(number, each) for number, each in self.cells.blocks]
        first = np.cumsum(np.concatenate([[0], *numbers]))[:-1]
        line = self.cells.line[first][self.seen.cell % len(first)]
        return np.where(line > self.regions, line - self.regions, line) - 1


class Misfit:
    """Scales of misfit by series and its persistence by source (E7), drawn given misfits."""

    def __init__(self, problem: Stocks, priors: BlockPriors) -> None:
        """Begin at the middle of the priors."""
        self.seen = problem.seen
        self.scales, self.persistences = Grid(priors["misfit"]), Grid(priors["persistence"])
        self.scale = np.full(len(SERIES), np.exp(priors["misfit"].params()["mu"]))
        p = priors["persistence"].params()
        self.rho = np.full(len(SOURCES), p["alpha"] / (p["alpha"] + p["beta"]))
        self.rows = [self._gaps(series) for series in range(len(SERIES))]

    def _gaps(self, series: int) -> dict[int, np.ndarray]:
        """Observations of a series by the years to the one before, 0 where there is none."""
        mine = self.seen.series == series
        gaps = self.seen.years.astype(int)
        return {int(g): np.flatnonzero(mine & (gaps == g)) for g in np.unique(gaps[mine])}

    def whitened(self, values: np.ndarray) -> np.ndarray:
        """What is new in each row, per standard deviation of it."""
        kept = self.seen.later * self.rho[self.seen.source] ** self.seen.years
        spread = self.scale[self.seen.series] * np.sqrt(1 - kept**2)
        column = (-1, *[1] * (values.ndim - 1))
        fresh = values - kept.reshape(column) * values[self.seen.previous]
        return fresh / spread.reshape(column)

    def draw(self, off: np.ndarray, rng: np.random.Generator) -> None:
        """Draw persistence given the scales of changes, then scales, given all misfits.

        The data tell the scale of changes: with that of levels held, persistence would hardly move.
        """
        for source, name in enumerate(SOURCES):
            mine = [k for k, series in enumerate(SERIES) if series.startswith(f"{name}:")]
            log = np.zeros(len(self.persistences.values))
            for series in (k for k in mine if self.rows[k]):
                log += self._log(off, series, self.rho[source])
            old, self.rho[source] = self.rho[source], self.persistences.draw(rng, log)[0]
            self.scale[mine] *= np.sqrt((1 - old**2) / (1 - self.rho[source] ** 2))
        fresh = self.whitened(off) * self.scale[self.seen.series]
        for series in range(len(SERIES)):
            mine = fresh[self.seen.series == series]
            self.scale[series] = self.scales.scale(rng, mine, LEAST_MISFIT)

    def _log(self, off: np.ndarray, series: int, now: float) -> np.ndarray:
        """Log density of each persistence on the grid, from one series whose changes keep scale."""
        kept = self.persistences.values
        scale = self.scale[series] * np.sqrt((1 - now**2) / (1 - kept**2))
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = np.log(np.maximum(scale - LEAST_MISFIT, 0.0))
        at = np.log(self.scales.values)
        total = np.interp(beyond, at, self.scales.log - at, left=-np.inf, right=-np.inf)
        total = total - 0.5 * np.log(1 - kept**2)
        for years, rows in self.rows[series].items():
            held = kept**years if years else np.zeros(len(kept))
            last, before = off[rows], off[self.seen.previous[rows]]
            square = last @ last - 2 * held * (last @ before) + held**2 * (before @ before)
            part = scale**2 * (1 - held**2)
            total = total - 0.5 * (square / part + len(rows) * np.log(part))
        return total


def fit_stocks(panel: xr.Dataset, priors: BlockPriors, draws: int, seed: int) -> xr.Dataset:
    """Posterior (chain = 1, draw, ...) as the functions of `education_forecast` read it.

    Parameters
    ----------
    panel : of `build_education_panel`, without residents of six levels; `nation_told`
        (nation_year), where given: 1 where higher vocational counts as tertiary
    priors : of the education block
    draws : kept, every fourth of the chain
    """
    rng = np.random.default_rng(seed)
    kept = [*_stock_draws(Stocks(panel, priors), priors, draws, rng)]
    kept_share = [*_share_draws(panel, priors, draws, rng)]
    found = {
        name: np.stack([one[name] for one in rows])
        for rows in (kept, kept_share)
        for name in rows[0]
    }
    found |= _told_by_priors(panel, priors, draws, rng)
    found["immigrant_split_offset"] = (
        panel["split_mean"].values + panel["split_sd"].values * found["immigrant_split"]
    )
    return xr.Dataset(
        {name: (("draw", *_dims(name, v.ndim - 1)), v) for name, v in found.items()},
        coords={"draw": range(draws)},
    ).expand_dims(chain=[0])


def _dims(name: str, number: int) -> tuple[str, ...]:
    """Names of the dimensions of a parameter after the draw."""
    return tuple(f"{name}_{place}" for place in range(number))


def _stock_draws(
    problem: Stocks, priors: BlockPriors, draws: int, rng: np.random.Generator
) -> Iterator[Values]:
    """Parameters of stocks, draw by draw: rounds that find the centre, then a chain there."""
    grids = [Grid(priors[spread]) for *_, spread in OWN for _ in range(problem.choices)]
    grown = Grid(priors["cohort_innovation"])
    misfit = Misfit(problem, priors)
    x, u = problem.centre.copy(), np.zeros((problem.regions, len(grids)))
    scale, iota = np.full(len(grids), 0.2), np.full(len(problem.late), 0.2)

    def step(value: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        spread = problem.spread.copy()
        spread[problem.late] = iota[:, None]
        white = Rows(misfit.whitened(rows.shared), misfit.whitened(rows.own), rows.places)
        prior = problem.centre, 1 / spread**2
        x, u = coefficients(white, misfit.whitened(value), prior, scale, rng, problem.part)
        scale[:] = [grid.scale(rng, u[:, k]) for k, grid in enumerate(grids)]
        iota[:] = [grown.scale(rng, x[at]) for at in problem.late]
        misfit.draw(value - problem.reached(rows, x, u), rng)
        return x, u

    for _ in range(ROUNDS):
        value, rows = problem.linear(x, u)
        found = [step(value, rows) for _ in range(WARM)][WARM // 2 :]
        x, u = (np.mean(part, axis=0) for part in zip(*found, strict=True))
    value, rows = problem.linear(x, u)
    for count in range(WARM + THIN * draws):
        x, u = step(value, rows)
        if count >= WARM and (count - WARM) % THIN == 0:
            yield _kept(problem, x, u, iota, misfit)


def _kept(
    problem: Stocks, x: np.ndarray, u: np.ndarray, iota: np.ndarray, misfit: Misfit
) -> Values:
    """Parameters of one draw, by the names of the block."""
    p = problem.named(x, u)
    shape = stocks.national_shape(problem.assumed, p)
    p["cohort_step"] = p["cohort_step"] / iota[:, None]
    del p["resident_split"]
    more = {"shape": shape, "misfit": misfit.scale.copy(), "persistence": misfit.rho.copy()}
    return p | more | {"cohort_innovation": iota.copy()}


def _share_draws(
    panel: xr.Dataset, priors: BlockPriors, draws: int, rng: np.random.Generator
) -> Iterator[Values]:
    """Parameters of the immigrants' share (E8), draw by draw."""
    observed = panel["immigrant_share_logit"].transpose("share_year", "region").values
    change = np.diff(observed, axis=0)
    time = law.share_time(panel["share_year"].values[1:].astype(float), last_stock(panel))
    grid = {name: Grid(priors[f"share_{name}"]) for name in ("growth_spread", "shock", "noise")}
    decays = Grid(priors["share_decay"])
    mean = priors["share_growth"].params()
    steps, regions = change.shape
    places = np.arange(change.size).reshape(steps, regions).T
    scale = {"growth_spread": 0.01, "shock": 0.01, "noise": 0.02}
    weight, decay = np.ones_like(change), 0.05
    for count in range(WARM + THIN_SHARE * draws):
        fade = np.repeat(law.share_growth(1.0, decay, time), regions)
        root = np.sqrt(weight).ravel() / scale["noise"]
        year = np.repeat(np.eye(steps), regions, axis=0)
        own = (root * fade)[:, None]
        rows = Rows(np.concatenate([own, root[:, None] * year], axis=1), own, places)
        precision = np.append(1 / mean["sigma"] ** 2, np.full(steps, 1 / scale["shock"] ** 2))
        prior = np.append(mean["mu"], np.zeros(steps)), precision
        spread = np.array([scale["growth_spread"]])
        x, u = coefficients(rows, root * change.ravel(), prior, spread, rng)
        growth, shock = x[0] + u[:, 0], x[1:]
        decay = _decay(
            decays, growth, change - shock[:, None], time, weight / scale["noise"] ** 2, rng
        )
        off = change - law.share_growth(growth, decay, time[:, None]) - shock[:, None]
        tail = law.TAIL / 2
        weight = rng.gamma(tail + 0.5, 1 / (tail + 0.5 * (off / scale["noise"]) ** 2))
        scale["noise"] = grid["noise"].scale(rng, np.sqrt(weight) * off)
        scale["growth_spread"] = grid["growth_spread"].scale(rng, u)
        scale["shock"] = grid["shock"].scale(rng, shock)
        if count >= WARM and (count - WARM) % THIN_SHARE == 0:
            out = {"share_growth": x[0], "share_growth_region": growth, "share_decay": decay}
            yield {k: np.asarray(v) for k, v in out.items()} | {
                f"share_{name}": np.asarray(value) for name, value in scale.items()
            }


def _decay(
    grid: Grid,
    growth: np.ndarray,
    change: np.ndarray,
    time: np.ndarray,
    weight: np.ndarray,
    rng: np.random.Generator,
) -> float:
    """One draw of the decay given growth of regions: a sum of squares of each on the grid."""
    fade = law.share_growth(1.0, grid.values[:, None], time)
    cross = (weight * change) @ growth
    square = weight @ growth**2
    return float(grid.draw(rng, fade @ cross - 0.5 * fade**2 @ square)[0])


def _told_by_priors(
    panel: xr.Dataset, priors: BlockPriors, draws: int, rng: np.random.Generator
) -> Mapping[str, np.ndarray]:
    """What no stock of three levels tells: its prior."""
    knots, splits, targets = (panel.sizes[d] for d in ("age_knot", "split", "target"))
    sizes = {
        "region_drift": (), "region_cohort": (), "immigrant_drift": (),
        "immigrant_age_error": (knots,), "split_slope": (splits,), "split_spread": (splits,),
    }  # fmt: skip
    out = {
        name: Grid(priors[name]).draw(rng, size=draws * int(np.prod(shape))).reshape(draws, *shape)
        for name, shape in sizes.items()
    }
    return out | {"split_error": rng.standard_normal((draws, targets, splits))}

"""What one region's or one year's stocks alone say of the parameters of education, draw by draw.

Equations
---------
I5  regions: log p(y_g | shared) with the region's own parameters u integrated out, where expected
    logits are linear about the draw's own u:  residuals of y_g and of the priors of u, each per
    standard deviation, are r - J du;  - 0.5 (min |r - J du|^2 + log |J'J|) - sum of log scales
I6  years of stocks: the AR(1) of misfit (E7) with the year, less that which steps over it
I7  the immigrants' share (E8): growth of a region, or the shock of a year, integrated out (I4)

The sources of a region (stocks, immigrants, residents) are left out together. Of the share a year
is its change from the year before: the share itself stays, since the next change begins from it.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education import stocks
from bayesgap.blocks.education.cells import SOURCES, Observations, build_cells, build_observations
from bayesgap.blocks.education.fast import OWN as REGIONAL
from bayesgap.blocks.education.left_out_steps import build_steps
from bayesgap.blocks.education.panel import last_stock
from bayesgap.inference.left_out_laws import LeftOut, effects_out
from bayesgap.inference.parts import Draws

STEP = 1e-4  # of a parameter, for the slope of expected logits
OWN = {name: (mean, spread) for name, mean, spread in REGIONAL}  # of a region, each by choice
SPLIT = "resident_split"
SHARED = (
    "cohort_shape", "cohort_step", "cohort_innovation", "completion", *stocks.LATE,
    "immigrant_split", "unknown_step", "survey_offset", "vocational_counted",
)  # fmt: skip
PRIORS = (*(name for pair in OWN.values() for name in pair), "split_slope", "split_spread")
BATCH = 50  # draws whose slopes are held at once


def left_out(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
    """Regions, and years, of stocks and of the immigrants' share."""
    p = Draws(posterior)
    found = StocksOut(p, panel)
    grown, shocked = shares_out(p, panel)
    for name, log, share in zip(panel["region"].values, found.regions(), grown.T, strict=True):
        yield LeftOut("region", str(name), log + share)
    steps = dict(zip(panel["share_year"].values[1:], shocked.T, strict=True))
    stocked = found.years()
    for year in sorted({*steps, *stocked}):
        yield LeftOut("year", str(year), stocked.get(year, 0.0) + steps.get(year, 0.0))


class StocksOut:
    """Misfit of every observation in every draw, and where observations belong."""

    def __init__(self, p: Draws, panel: xr.Dataset) -> None:
        """Keep the draws one by one, and their misfits (sample, observation)."""
        self.p, self.seen = p, build_observations(panel)
        self.cells, self.assumed = build_cells(panel), stocks.build_assumed(panel)
        names = list(panel["region"].values)
        self.known = [names.index(region) for region in panel["resident_region"].values]
        self.region, self.year = _places(panel, self.seen, self.known)
        self.learned = {name: p[name] for name in (*SHARED, *OWN, SPLIT, *PRIORS)}
        self.draws = [{name: v[s] for name, v in self.learned.items()} for s in range(p.size)]
        tables = {name: self.draws[0][name] for name in (*OWN, SPLIT)}
        self.steps = build_steps(self.cells, self.seen, tables, STEP)
        self.here = np.array([self.mean(one) for one in self.draws])
        self.away = self.seen.value - self.here
        self.kept = p["persistence"][:, self.seen.source]
        self.scale = p["misfit"][:, self.seen.series]

    def mean(self, one: Mapping[str, np.ndarray]) -> np.ndarray:
        """Expected value of every observation (E1-E7)."""
        return stocks.stock_means(self.cells, self.assumed, self.seen, one)

    def regions(self) -> np.ndarray:
        """I5 (region, sample)."""
        parts = (slice(first, first + BATCH) for first in range(0, self.p.size, BATCH))
        return np.concatenate([self._own(part) for part in parts], axis=1)

    def _own(self, part: slice) -> np.ndarray:
        """I5 (region, sample) of some draws; own parameters move their region's stocks only."""
        seen, away = self.seen, self.away[part]
        kept = seen.later * self.kept[part] ** seen.years
        scale = self.scale[part] * np.sqrt(1.0 - kept**2)
        slopes = self._slopes(part)
        fresh = (away - kept * away[:, seen.previous]) / scale
        slopes = (slopes - kept[..., None] * slopes[:, seen.previous]) / scale[..., None]
        own, pull, spread = self._priors(part)
        logs = []
        for region in range(own.shape[1]):
            mine = self.region == region
            slope, off, rest = slopes[:, mine], fresh[:, None, mine], own[:, None, region]
            square = slope.swapaxes(1, 2) @ slope + pull.swapaxes(1, 2) @ pull
            along = (off @ slope + rest @ pull)[:, 0]
            gained = (along * np.linalg.solve(square, along[..., None])[..., 0]).sum(1)
            squares = (off**2).sum((1, 2)) + (rest**2).sum((1, 2))
            scales = np.log(scale[:, mine]).sum(1) + np.log(spread).sum(1)
            logs.append(-0.5 * (squares - gained + np.linalg.slogdet(square)[1]) - scales)
        return np.array(logs)

    def _slopes(self, part: slice) -> np.ndarray:
        """Slopes (sample, observation, own) of expected values, by a step of each parameter."""
        steps = self.steps
        observed, number = steps.observed, steps.number
        out = np.zeros((len(self.draws[part]), self.seen.value.size, number.max() + 1))
        for slopes, one, here in zip(out, self.draws[part], self.here[part], strict=True):
            moved = stocks.stock_means(steps.cells, self.assumed, steps.seen, steps.taken(one))
            slopes[observed, number] = (moved - here[observed]) / STEP
        return out

    def _priors(self, part: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Own parameters less their means per spread (sample, region, own), slopes, spreads.

        Splits of a region without residents by six levels are as their law says.
        """
        p = {name: values[part] for name, values in self.learned.items()}
        rest = [(p[name] - p[mean][:, None]) / p[by][:, None] for name, (mean, by) in OWN.items()]
        slope, wide = p["split_slope"], p["split_spread"]
        level = p["region_level_deviation"][..., 1]
        split = np.zeros((*level.shape, slope.shape[1]))
        expected = level[:, self.known, None] * slope[:, None]
        split[:, self.known] = (p[SPLIT] - expected) / wide[:, None]
        spread = np.concatenate([*(p[by] for _, by in OWN.values()), wide], axis=1)
        pull = np.eye(spread.shape[1]) / spread[:, None]
        pull[:, -slope.shape[1] :, 1] = -slope / wide
        return np.concatenate([*rest, split], axis=2), -pull, spread

    def years(self) -> dict[int, np.ndarray]:
        """I6 (sample) by year."""
        whole = self._chain(np.zeros(self.year.size, dtype=bool))
        return {int(t): whole - self._chain(self.year == t) for t in np.unique(self.year)}

    def _chain(self, out: np.ndarray) -> np.ndarray:
        """Log density (sample) of all observations but those `out`."""
        previous, later, years = _stepping_over(self.seen, out)
        kept = later * self.kept**years
        scale = self.scale * np.sqrt(1.0 - kept**2)
        fresh = (self.away - kept * self.away[:, previous]) / scale
        return (-0.5 * fresh**2 - np.log(scale))[:, ~out].sum(1)


def _places(panel: xr.Dataset, seen: Observations, known: list[int]) -> tuple[np.ndarray, ...]:
    """Region (the nation's: -1) and year of each observation."""
    every = {"nation": [-1], "resident": known, "survey": [-1] * panel.sizes["survey_band"]}
    regions, years = [], []
    for source in SOURCES:
        own = panel[f"{source}_year"].values
        places = every.get(source, list(range(panel.sizes["region"])))
        regions.append(np.repeat(places, own.size))
        years.append(np.tile(own, len(places)))
    region, year = np.concatenate(regions), np.concatenate(years)
    stock = seen.cell % region.size
    return region[stock], year[stock]


def _stepping_over(seen: Observations, out: np.ndarray) -> tuple[np.ndarray, ...]:
    """`previous`, `later` and `years` of observations as if those `out` had not been seen."""
    previous, later, years = seen.previous.copy(), seen.later.copy(), seen.years.copy()
    for i in range(previous.size):  # an observation's predecessor comes before it
        before = previous[i]
        if later[i] and out[before]:
            previous[i] = previous[before] if later[before] else i
            later[i], years[i] = later[before], years[i] + years[before]
    return previous, later, years


def shares_out(p: Draws, panel: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """I7 (sample, region) and (sample, share_step)."""
    observed = panel["immigrant_share_logit"].transpose("share_year", "region").values
    years = law.share_time(panel["share_year"].values[1:], last_stock(panel))
    fade = law.share_growth(1.0, p["share_decay"][:, None], years)[..., None]
    noise = p["share_noise"][:, None, None] + 0.0 * fade
    step = np.diff(observed, axis=0)[None]
    growth, shock = p["share_growth_region"][:, None], p["share_shock_year"][..., None]
    grown = ((step - shock) / fade - p["share_growth"][:, None, None]).swapaxes(1, 2)
    regions, years_out = (p.size, grown.shape[1]), (p.size, fade.shape[1])
    spread = np.broadcast_to(p["share_growth_spread"][:, None], regions)
    own = effects_out(grown, spread, np.broadcast_to((noise / fade).swapaxes(1, 2), grown.shape))
    away = step - growth * fade
    wide = np.broadcast_to(p["share_shock"][:, None], years_out)
    shocked = effects_out(away, wide, np.broadcast_to(noise, away.shape))
    return own[0] - np.log(fade).sum((1, 2))[:, None], shocked[0]

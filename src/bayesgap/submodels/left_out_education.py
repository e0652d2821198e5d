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

from collections.abc import Iterator

import numpy as np
import xarray as xr

from bayesgap.data.panel_education import last_stock
from bayesgap.submodels import education_law as law
from bayesgap.submodels import education_stocks as stocks
from bayesgap.submodels.education_cells import (
    SOURCES,
    Observations,
    build_cells,
    build_observations,
)
from bayesgap.submodels.left_out_laws import LeftOut, effects_out
from bayesgap.submodels.parts import Draws
from bayesgap.submodels.stocks_fast import OWN as REGIONAL

STEP = 1e-4  # of a parameter, for the slope of expected logits
OWN = {name: (mean, spread) for name, mean, spread in REGIONAL}  # of a region, each by choice
SPLIT = "resident_split"
SHARED = (
    "cohort_shape", "cohort_step", "cohort_innovation", "completion", *stocks.LATE,
    "immigrant_split", "unknown_step", "vocational_counted",
)  # fmt: skip
Values = dict[str, np.ndarray]


def education(posterior: xr.Dataset, panel: xr.Dataset) -> Iterator[LeftOut]:
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
        self.belongs = (np.arange(len(names))[:, None] == self.region).astype(float)
        every = {name: p[name] for name in (*SHARED, *OWN, SPLIT)}
        self.draws = [{name: value[s] for name, value in every.items()} for s in range(p.size)]
        self.here = np.array([self.mean(one) for one in self.draws])
        self.away = self.seen.value - self.here
        self.kept = p["persistence"][:, self.seen.source]
        self.scale = p["misfit"][:, self.seen.series]

    def mean(self, one: Values) -> np.ndarray:
        """Expected value of every observation (E1-E7)."""
        return stocks.stock_means(self.cells, self.assumed, self.seen, one)

    def regions(self) -> np.ndarray:
        """I5 (region, sample)."""
        return np.array([self._own(sample) for sample in range(self.p.size)]).T

    def _own(self, sample: int) -> np.ndarray:
        """I5 (region) of one draw; a parameter of regions moves each region's own stocks only."""
        one, seen, here = self.draws[sample], self.seen, self.here[sample]
        kept = seen.later * self.kept[sample] ** seen.years
        scale = self.scale[sample] * np.sqrt(1.0 - kept**2)
        slopes = np.array([self.mean(moved) - here for moved in _moves(one)]).T / STEP
        fresh = (self.away[sample] - kept * self.away[sample][seen.previous]) / scale
        slopes = (slopes - kept[:, None] * slopes[seen.previous]) / scale[:, None]
        own, pull, spread = self._priors(sample)
        outer = (slopes[:, :, None] * slopes[:, None, :]).reshape(len(slopes), -1)
        square = (self.belongs @ outer).reshape(-1, *pull.shape) + pull.T @ pull
        slope = self.belongs @ (slopes * fresh[:, None]) + own @ pull
        gained = (slope * np.linalg.solve(square, slope[..., None])[..., 0]).sum(1)
        squares = self.belongs @ fresh**2 + (own**2).sum(1)
        logs = self.belongs @ np.log(scale) + np.log(spread).sum()
        return -0.5 * (squares - gained + np.linalg.slogdet(square)[1]) - logs

    def _priors(self, sample: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Own parameters less their means per spread (region, own), slopes of that, spreads.

        Splits of a region without residents by six levels are as their law says.
        """
        one, p = self.draws[sample], self.p
        rest = [(one[name] - p[mean][sample]) / p[by][sample] for name, (mean, by) in OWN.items()]
        spread = [p[by][sample] for _, by in OWN.values()]
        slope, wide = p["split_slope"][sample], p["split_spread"][sample]
        level = one["region_level_deviation"][:, 1]
        split = np.zeros((len(level), slope.size))
        split[self.known] = (one[SPLIT] - level[self.known, None] * slope) / wide
        spreads = np.concatenate([*spread, wide])
        pull = np.diag(1.0 / spreads)
        pull[-slope.size :, 1] = -slope / wide
        return np.concatenate([*rest, split], axis=1), -pull, spreads

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
    every = {"nation": [-1], "resident": known}
    regions, years = [], []
    for source in SOURCES:
        own = panel[f"{source}_year"].values
        places = every.get(source, list(range(panel.sizes["region"])))
        regions.append(np.repeat(places, own.size))
        years.append(np.tile(own, len(places)))
    region, year = np.concatenate(regions), np.concatenate(years)
    stock = seen.cell % region.size
    return region[stock], year[stock]


def _moves(one: Values) -> Iterator[Values]:
    """A draw with each own parameter of regions a step further, in all regions at once."""
    for name in (*OWN, SPLIT):
        for place in range(one[name].shape[1]):
            moved = one[name].copy()
            moved[:, place] += STEP
            yield one | {name: moved}


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

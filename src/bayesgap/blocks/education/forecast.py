"""Drawn education shares of the targets: the laws of the education block, run forwards.

Vectorised over draws; regions and years are looped over, so that memory stays near the result's.
Arrays over ages are (age, sample): what varies over ages or samples alone then meets them in long
loops over samples.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from bayesgap.blocks.education import laws as law
from bayesgap.blocks.education.ages import Floats, basis, logit
from bayesgap.blocks.education.fields_forecast import field_shares
from bayesgap.blocks.education.panel import (
    LOGITS,
    last_cohort,
    last_stock,
)
from bayesgap.inference.parts import ar1_step
from bayesgap.schema import EDUCATION, LEVELS, WORKING_AGES


class Draws:
    """Posterior as arrays with one leading sample axis."""

    def __init__(self, posterior: xr.Dataset) -> None:
        """Keep the posterior and its numbers of chains and draws."""
        self._posterior = posterior
        self._known: dict[str, Floats] = {}
        self.shape = (posterior.sizes["chain"], posterior.sizes["draw"])
        self.size = self.shape[0] * self.shape[1]

    def __getitem__(self, name: str) -> Floats:
        """Values (sample, ...) of a variable, in single precision since its first use."""
        if name not in self._known:
            values = self._posterior[name].transpose("chain", "draw", ...).to_numpy()
            values = values.astype(np.float32, copy=False)
            self._known[name] = values.reshape(self.size, *values.shape[2:])
        return self._known[name]

    def unstack(self, values: Floats) -> Floats:
        """(sample, ...) to (chain, draw, ...), in single precision."""
        return values.reshape(*self.shape, *values.shape[1:]).astype(np.float32, copy=False)


def forecast(
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
    wanted: Sequence[int] | None = None,
) -> xr.Dataset:
    """Drawn shares of levels by age, and of fields within levels, for the targets.

    Years up to the last stock by background give the fitted shares, without innovations.

    Parameters
    ----------
    posterior : Dataset (chain, draw, ...)
    panel : Dataset of `build_education_panel`
    years : consecutive years; a share of year t belongs to the residents of 1 January t+1
    rng : source of the future innovations
    wanted : those of `years` that are returned, all if not named; their shares do not change

    Returns
    -------
    Dataset with level_share (chain, draw, region, year, age, level) [share of residents of that
    age], field_share (chain, draw, region, year, education) [share of the level],
    immigrant_share (chain, draw, region, year) [share of residents aged 30-66]
    """
    p = Draws(posterior)
    kept = list(years if wanted is None else wanted)
    last = last_stock(panel)
    path = np.arange(last, max(*years, last + 1) + 1)
    odds = immigrant_odds(p, panel, path, rng)
    sizes = (panel.sizes["target"], len(kept), len(LEVELS), len(WORKING_AGES), p.size)
    level = np.empty(sizes, np.float32).transpose(4, 0, 1, 3, 2)
    parts = completion(p, panel)
    for number in range(panel.sizes["target"]):
        place = target_place(p, panel, number, region_walks(p, panel, path, rng))
        tilted = age_offset(p, panel, number)
        for step, year in enumerate(kept):
            share = law.expit(_at(odds, year, panel)[:, number] + tilted)
            level[:, number, step] = level_shares(p, panel, place, year, share, parts)
    share = law.expit(np.stack([_at(odds, year, panel) for year in years], axis=-1))
    at = [list(years).index(year) for year in kept]
    counted = immigrants_counted(odds, panel, int(path[-1]))
    fields = field_shares(p, panel, share, counted, years, rng)[:, :, at]
    sample = ("chain", "draw", "region", "year")
    return xr.Dataset(
        {
            "level_share": ((*sample, "age", "level"), p.unstack(level)),
            "field_share": ((*sample, "education"), p.unstack(fields)),
            "immigrant_share": (sample, p.unstack(share[..., at])),
        },
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "region": panel["target"].values,
            "year": kept,
            "age": list(WORKING_AGES),
            "level": list(LEVELS),
            "education": list(EDUCATION),
        },
    )


def _places(panel: xr.Dataset) -> list[int]:
    names = list(panel["region"].values)
    return [names.index(target) for target in panel["target"].values]


def immigrant_odds(p: Draws, panel: xr.Dataset, path: Floats, rng: np.random.Generator) -> Floats:
    """Log-odds of the immigrants' share of ages 30-66 (sample, target, path year): E8.

    `path` begins with the year of the last stock.
    """
    places = _places(panel)
    start = panel["immigrant_share_logit"].transpose("region", "share_year").values[places, -1]
    growth, decay = p["share_growth_region"][:, places], p["share_decay"][:, None]
    out = np.empty((p.size, len(places), path.size), np.float32)
    out[..., 0] = start
    for step, year in enumerate(path[1:], start=1):
        common = p["share_shock"] * rng.standard_t(law.TAIL, p.size)
        own = p["share_noise"][:, None] * rng.standard_t(law.TAIL, growth.shape)
        mean = law.share_growth(growth, decay, float(law.share_time(year, int(path[0]))))
        out[..., step] = out[..., step - 1] + mean + common[:, None] + own
    return out


def _at(odds: Floats, year: int, panel: xr.Dataset) -> Floats:
    """Log-odds (sample, target) in a year: observed until the last stock, then drawn."""
    if year > last_stock(panel):
        return odds[..., year - last_stock(panel)]
    observed = panel["immigrant_share_logit"].transpose("region", "share_year")
    value = observed.sel(share_year=year).values[_places(panel)]
    return np.broadcast_to(value, odds.shape[:2])


def immigrants_counted(odds: Floats, panel: xr.Dataset, end: int) -> Floats:
    """Immigrants' part (sample, target) of those whose fields were counted in the register's year.

    A region's own register counts its own; the others' fields are the nation's, whose part is known
    in the year of the last stock, and moves as the targets' do on average.
    """
    register = min(int(panel["field_year"]), end)
    now = _at(odds, register, panel)
    moved = (now - _at(odds, last_stock(panel), panel)).mean(-1, keepdims=True)
    nation = logit(np.float64(law.MEAN_IMMIGRANTS)) + moved
    own = np.isfinite(panel["field_own"].values).any(-1)
    return law.expit(np.where(own, now, nation))


class Walks:
    """Departures of one region from its fitted law, zero until the last stock."""

    def __init__(self, year: Floats, arrived: Floats, cohort: Floats) -> None:
        """Keep walks over years (sample, logit, year) twice, and over cohorts not seen."""
        self.year, self.arrived, self.cohort = year, arrived, cohort


def region_walks(p: Draws, panel: xr.Dataset, path: Floats, rng: np.random.Generator) -> Walks:
    """Draw random walks of one region: later selection, later arrivals, cohorts unseen."""
    born = int(path[-1]) - WORKING_AGES[0] - last_cohort(panel)
    return Walks(
        random_walk(p["region_drift"], (len(LOGITS), path.size - 1), rng),
        random_walk(p["immigrant_drift"], (2, path.size - 1), rng),
        random_walk(p["region_cohort"] / np.sqrt(10.0), (len(LOGITS), max(born, 1)), rng),
    )


def random_walk(scale: Floats, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Walks (sample, *size) from zero along the last axis; the first value is zero."""
    out = np.zeros((scale.size, size[0], size[1] + 1), dtype=np.float32)
    for step in range(size[1]):
        z = scale[:, None] * rng.standard_normal((scale.size, size[0]))
        out[..., step + 1] = ar1_step(out[..., step], 1.0, z)
    return out


class Place(NamedTuple):
    """A region: its row in the panel, its splits (sample, split) against the nation, its walks."""

    region: int
    split: Floats
    walks: Walks


def target_place(p: Draws, panel: xr.Dataset, number: int, walks: Walks) -> Place:
    """A target by its number: E6 gives its splits."""
    region = _places(panel)[number]
    own = p["region_level_deviation"][:, region, 1, None]
    split = own * p["split_slope"] + p["split_spread"] * p["split_error"][:, number]
    return Place(region, split, walks)


def level_shares(
    p: Draws,
    panel: xr.Dataset,
    place: Place,
    year: int,
    share: Floats,
    parts: list[Floats],
    ages: Sequence[int] = WORKING_AGES,
) -> Floats:
    """Shares of levels (sample, age, level) of one region in one year: E2-E6 at single `ages`.

    `share` of immigrants and the completed `parts` are (age, sample).
    """
    region, split, walks = place
    cohort, last = year - np.array(ages), last_cohort(panel)
    nation = national_logits(p, panel, cohort)
    ahead = max(year - last_stock(panel), 0)
    time = float(law.trend_time(year, last_stock(panel)))
    unseen = np.clip(cohort - last, 0, walks.cohort.shape[-1] - 1)
    departure = [
        walks.year[:, k, ahead] + np.ascontiguousarray(walks.cohort[:, k].T)[unseen]
        for k in range(len(LOGITS))
    ]
    decades = law.tilt(cohort, last).astype(np.float32)[:, None]
    offset = p["immigrant_split_offset"].T
    gains = p["late_upper_secondary"], p["late_tertiary"]
    later = law.late(ages).astype(np.float32)[:, None]
    native, arrived = [], []
    for k in range(2):
        level, slope = (p[f"region_{n}_deviation"][:, region, k] for n in ("level", "tilt"))
        own = law.regional(nation[k], level, slope, decades, gains[k], later)
        native.append(own + departure[k])
        start, trend = (p[f"immigrant_{n}_region"][:, region, k] for n in ("level", "trend"))
        arrived.append(start + trend * time + walks.arrived[:, k, ahead])
    for k in (0, 1):
        both = nation[k + 2] + split[:, k] + departure[k + 2]
        native.append(both - law.MEAN_IMMIGRANTS * offset[k])
        arrived.append(both + (1.0 - law.MEAN_IMMIGRANTS) * offset[k])
    total = law.mixed(share, law.reached(arrived, parts), law.reached(native, parts))
    levels = [
        1.0 - total.finished,
        total.finished - total.tertiary,
        total.vocational,
        total.academic - total.long,
        total.long,
    ]
    return np.stack(levels).transpose(2, 1, 0)


def national_logits(p: Draws, panel: xr.Dataset, cohort: Floats) -> list[Floats]:
    """Logits (age, sample) of the nation's cohorts: E1 between its knots."""
    shape = p["shape"] @ basis(cohort, panel["knot"].values).T.astype(np.float32)
    return [np.ascontiguousarray(shape[:, k].T) for k in range(len(LOGITS))]


def completion(p: Draws, panel: xr.Dataset) -> list[Floats]:
    """Completed parts (age, sample) of each logit: E2."""
    level, spread = (
        panel[name].values.astype(np.float32)[..., None]
        for name in ("completion_level", "completion_sd")
    )
    error = p["completion"]
    return [law.completed(level[k], spread[k], error[:, k]) for k in range(len(LOGITS))]


def age_offset(p: Draws, panel: xr.Dataset, place: int) -> Floats:
    """Log-odds (age, sample) of the immigrants' share relative to that of ages 30-66."""
    spread = panel["immigrant_age_sd"].values
    knots = panel["immigrant_age"].values + spread * p["immigrant_age_error"]
    offset = knots @ basis(WORKING_AGES, panel["age_knot"].values).T
    weight = panel["age_weight"].transpose("target", "stock_age").values[place]
    first = int(panel["stock_age"].values[0]) - WORKING_AGES[0]
    centre = offset[:, first : first + weight.size] @ weight
    return np.ascontiguousarray((offset - centre[:, None]).astype(np.float32).T)

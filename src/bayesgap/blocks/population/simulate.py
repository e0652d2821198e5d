"""Population: scores with waves, the nation, mortality, births and gross flows (P2-P10)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.inference.truths import NONE, Simulated, Swings, Truth, swing, truth_of
from bayesgap.study.priors import BlockPriors

TAIL = 4
BY_COMPONENT = (
    "score_mean",
    "score_region",
    "score_innovation",
    "score_persistence",
    "score_excess",
    "score_transitory",
    "score_shock",
    "score_common",
)


def simulate(
    priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator, swings: Swings = NONE
) -> Simulated:
    """Truth, and every observed series of the block."""
    sizes = dict.fromkeys(BY_COMPONENT, panel.sizes["component"])
    sizes |= {"out_inner": panel.sizes["flow_region"]}
    truth = truth_of(priors, rng, sizes)
    freedom = panel["cell_freedom"].item()
    rate, cycle, known = _nation(truth, panel, rng, swings)
    data = {
        "score": _scores(truth, panel, rng),
        "cell_square_sum_data": np.array(truth["cell_dispersion"] * rng.chisquare(freedom)),
        "national_rate": rate,
        "cycle": cycle,
        "cycle_known": known,
        "mortality_index": _mortality(truth, panel, rng),
        "national_log_child_ratio": _births(truth, panel, rng),
        "out_count_data": _flows(truth, panel, rng),
    }
    return Simulated(truth, data)


def _scores(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Scores (component, region, transition): loops over years, one component at a time."""
    spread = panel["score_variance"].transpose("component", "region", "transition").values
    size, shock = panel["size"].values, panel["shock"].values
    side = panel["side"].values
    narrow = np.exp(-truth["score_size"] * size)  # how steady regions are
    widening = 1.0 + shock * (truth["score_widening"] - 1.0)
    out, waves = np.empty(spread.shape), np.empty((len(spread), shock.size))
    for k, each in enumerate(spread):
        rho, sigma, common = (
            truth[f"score_{n}"][k] for n in ("persistence", "innovation", "common")
        )
        steady = 1.0 / np.sqrt(1.0 - rho**2)
        lasting = rng.normal(0.0, truth["score_region"][k], size.size)
        own = steady * sigma * narrow * rng.standard_normal(size.size)
        wave = steady * common * rng.standard_normal()
        for t in range(shock.size):
            if t:
                own = rho * own + widening[t] * sigma * narrow * rng.standard_normal(size.size)
                wave = rho * wave + widening[t] * common * rng.standard_normal()
            passing = truth["score_transitory"][k] ** 2
            passing += shock[t] * truth["score_shock"][k] ** 2
            counted = (truth["cell_dispersion"] + truth["score_excess"][k]) * each[:, t]
            error = np.sqrt(counted + passing * narrow**2) * rng.standard_normal(size.size)
            out[k, :, t] = lasting + own + error
            waves[k, t] = wave
        out[k] += side[:, None] * (truth["score_mean"][k] + waves[k] - waves[k].mean())
    truth["wave"] = waves
    return out


def _nation(
    truth: Truth, panel: xr.Dataset, rng: np.random.Generator, swings: Swings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """National rate (nation_year), and the cycle of the years but the first, where known."""
    years = panel["nation_year"].values[1:]
    known = np.isin(years, panel["cycle_year"].values)
    part, rho = truth["national_cycle"], truth["national_persistence"]
    # The law is given the first year: it is as observed, whatever the truth.
    away, cycle = [panel["national_rate"].values[0] - truth["national_mean"]], []
    for year, seen in zip(years, known, strict=True):
        jobs = swing(swings, int(year), rng) if seen else 0.0
        own = np.sqrt(1.0 - seen * part**2) * rng.standard_t(TAIL)
        away.append(rho * away[-1] + truth["national_innovation"] * (part * jobs + own))
        cycle.append(jobs)
    return truth["national_mean"] + np.array(away), np.array(cycle), known.astype(float)


def _mortality(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Index (nation_year): it falls by the drift a year, with steps that last and noise."""
    years = panel.sizes["nation_year"]
    steps = rng.normal(-truth["mortality_drift"], truth["mortality_innovation"], years - 1)
    level = np.concatenate([[0.0], np.cumsum(steps)])
    return level + rng.normal(0.0, truth["mortality_noise"], years)


def _births(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Log child ratio (nation_year) of the nation."""
    away = [panel["national_log_child_ratio"].values[0] - truth["child_mean"]]
    for _ in range(panel.sizes["nation_year"] - 1):
        away.append(
            truth["child_persistence"] * away[-1] + rng.normal(0.0, truth["child_innovation"])
        )
    return truth["child_mean"] + np.array(away)


def _flows(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Counts (flow_cell) of moves out of groups of municipalities."""
    level = truth["out_level"] + panel["several"].values * truth["out_inner"]
    truth["out_gross"] = rng.normal(level, truth["out_region"])
    shape = rng.normal(0.0, truth["out_age"], panel.sizes["flow_age"])
    truth["out_shape_age"] = shape - shape.mean()
    region, age = (panel[name].values.astype(int) for name in ("out_region", "out_age"))
    rate = np.exp(truth["out_gross"][region] + truth["out_shape_age"][age])
    mean = panel["out_exposure"].values * rate
    gamma = rng.gamma(truth["out_shape"], 1.0 / truth["out_shape"], mean.size)
    return rng.poisson(mean * gamma)


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up data wherever a forecast begins from them."""
    series = ("national_rate", "mortality_index", "national_log_child_ratio")
    new = {name: ("nation_year", data[name]) for name in series}
    return panel.assign({**new, "score": (("component", "region", "transition"), data["score"])})

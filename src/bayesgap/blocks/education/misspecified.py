"""Education: log-odds of the immigrants' share in regions; stocks have no paths of their own."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.world import Drawn, Law, Paths, SimulatedPaths
from bayesgap.inference.truths import Truth, draw
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

SHARED = ("share_growth", "share_growth_spread", "share_decay", "share_shock", "share_noise")


def education(
    panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator
) -> SimulatedPaths:
    """Log-odds that begin as observed; common shocks ahead are those that the block forecasts."""
    from bayesgap.blocks.education import laws as law

    known = panel["immigrant_share_logit"].transpose("region", "share_year")
    years = panel["share_year"].values
    seen, last = years.size, int(years[-1])
    truth = _truth(panel, study, rng)
    step = np.arange(int(years[0]) + 1, last + ahead + 1)
    time = law.share_time(step, last)
    growth = law.share_growth(truth["share_growth_region"][:, None], truth["share_decay"], time)
    later = truth["share_shock"] * rng.standard_t(law.TAIL, ahead)
    own = truth["share_noise"] * rng.standard_t(law.TAIL, growth.shape)
    steps = growth + np.append(truth["share_shock_year"], later) + own
    paths = np.cumsum(np.column_stack([known.values[:, 0], steps]), axis=1)
    faded = law.share_growth(1.0, truth["share_decay"], time)
    spread = truth["share_growth_spread"] * np.append(0.0, np.cumsum(faded))
    sd = truth["share_noise"] * np.sqrt(law.TAIL / (law.TAIL - 2.0))

    def told(broken: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        path = broken["share"][:, :seen]
        given = {"share_step_observed": np.diff(path, axis=1).T}
        return given, panel.assign(immigrant_share_logit=known.copy(data=path))

    places = list(panel["region"].values)
    laws = {"share": Law(np.full(len(places), sd), 1.0, spread)}  # a jump stays
    nothing = np.zeros(seen + ahead)
    return SimulatedPaths(truth, places, seen, {"share": paths}, laws, nothing, told, forecast)


def _truth(panel: xr.Dataset, study: Study, rng: np.random.Generator) -> Truth:
    """Parameters of the immigrants' share (E8), from the priors."""
    priors = block_priors(study, "education")
    shared = {name: draw(priors[name], rng) for name in SHARED}
    regions, steps = panel.sizes["region"], panel.sizes["share_year"] - 1
    growth = rng.normal(shared["share_growth"], shared["share_growth_spread"], regions)
    shock = rng.normal(0.0, shared["share_shock"], steps)
    return shared | {"share_growth_region": growth, "share_shock_year": shock}


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, horizons: Sequence[int], rng: np.random.Generator
) -> dict[str, Drawn]:
    """Drawn log-odds of the targets."""
    from bayesgap.blocks.education import forecast as block

    last = int(panel["share_year"].values[-1])
    path = np.arange(last, last + max(horizons) + 1, dtype=float)
    odds = block.immigrant_odds(block.Draws(posterior), panel, path, rng)
    asked = odds[..., list(horizons)].transpose(1, 2, 0)
    return {"share": dict(zip(map(str, panel["target"].values), asked, strict=True))}

"""Population: scores of regions by component of migration and births; the nation's law holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from bayesgap.blocks.population.simulate import retell, simulate
from bayesgap.blocks.world import Drawn, Law, Paths, SimulatedPaths, in_cycle
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

SCORES = ("component", "region", "transition")


def population(
    panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator
) -> SimulatedPaths:
    """Scores as they are seen, with their sampling noise."""
    from bayesgap.blocks.population.forecast import future_shocks

    seen = panel.sizes["transition"]
    swings = {int(year): float(rng.standard_normal()) for year in panel["cycle_year"].values}
    variance = panel["score_variance"].transpose(*SCORES).values
    usual = np.median(variance, axis=2, keepdims=True)
    variance = np.concatenate([variance, *[usual] * ahead], axis=2)
    coming = future_shocks(panel, 1, ahead, rng)
    shock = np.append(panel["shock"].values, coming)
    long = panel.drop_dims("transition").assign(
        shock=("transition", shock), score_variance=(SCORES, variance)
    )
    truth, data = simulate(block_priors(study, "population"), long, rng, swings)
    # The law's mean score is that of the years seen, where the simulator takes all it is given.
    wave, side = truth["wave"], panel["side"].values
    moved = wave.mean(axis=1) - wave[:, :seen].mean(axis=1)
    scores = data["score"] + (moved[:, None] * side)[..., None]
    components = [str(name) for name in panel["component"].values]
    laws = dict(zip(components, _laws(truth, panel["size"].values, usual[..., 0]), strict=True))

    def told(paths: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        given = data | {"score": np.stack([paths[name][:, :seen] for name in components])}
        return given, retell(in_cycle(panel, swings), given)

    paths = dict(zip(components, scores, strict=True))
    places = list(panel["region"].values)
    known = truth | {"wave": wave[:, :seen]}
    return SimulatedPaths(known, places, seen, paths, laws, np.zeros(seen + ahead), told, forecast)


def _laws(truth: Mapping[str, Any], size: np.ndarray, usual: np.ndarray) -> Iterator[Law]:
    """Law of each component; its yearly deviations are mostly what passes within a year."""
    from bayesgap.blocks.population import laws as law

    rho, tau, sigma, omega, excess = (
        truth[f"score_{own}"]
        for own in ("persistence", "region", "innovation", "transitory", "excess")
    )
    weight = law.size_weight(size, truth["score_size"])
    for k, variance in enumerate(usual):
        passing = law.transitory(
            truth["cell_dispersion"], excess[k], variance, omega[k], 0.0, 0.0, weight
        )
        yield Law(np.sqrt(sigma[k] ** 2 * weight + passing), rho[k], tau[k])


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, horizons: Sequence[int], rng: np.random.Generator
) -> dict[str, Drawn]:
    """Drawn scores of the targets with the sampling noise that forecasts leave to single ages."""
    from bayesgap.blocks.population.forecast import future_scores
    from bayesgap.inference.parts import Draws

    chosen = panel.sel(region=panel["target"].values)
    draws = Draws(posterior)
    scores = future_scores(draws, chosen, max(horizons), rng, condition=True)
    usual = chosen["score_variance"].median("transition") * (chosen["axis"] != 0).any("age")
    left = usual.transpose("component", "region").values
    sd = np.sqrt(draws["cell_dispersion"][:, None, None] * left)
    seen = scores + sd * rng.standard_normal(scores.shape)
    asked = seen[[h - 1 for h in horizons]]  # (horizon, sample, component, region)
    regions = [str(name) for name in chosen["region"].values]
    return {
        str(name): {region: asked[:, :, k, r] for r, region in enumerate(regions)}
        for k, name in enumerate(chosen["component"].values)
    }

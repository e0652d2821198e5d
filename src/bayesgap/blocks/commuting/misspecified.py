"""Commuting: log-odds out of each region and logs into it, about pooled means."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.commuting.simulate import retell, simulate
from bayesgap.blocks.world import Drawn, Law, Paths, SimulatedPaths, by_place
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

DIRECTIONS = ("out", "in")


def commuting(
    panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator
) -> SimulatedPaths:
    """Log-odds out and logs in."""
    seen, size = panel.sizes["stock_year"], panel["size"]
    kept = [*(name for name in panel if str(name).startswith("printed")), "size"]
    long = panel[kept].assign_coords(
        stock_year=np.arange(seen + ahead), target=panel["target"], level=panel["level"]
    )
    truth, data = simulate(block_priors(study, "commuting"), long, rng)
    laws = {
        name: Law(
            truth["innovation"][d] * np.exp(-truth["size"][d] * size.values),
            truth["persistence"][d],
            truth[f"{name}_region"],
        )
        for d, name in enumerate(DIRECTIONS)
    }

    def told(paths: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        given = data | {f"{name}_observed": path[:, :seen] for name, path in paths.items()}
        return given, retell(panel, given)

    paths = {name: data[f"{name}_observed"] for name in DIRECTIONS}
    places = list(panel["region"].values)
    return SimulatedPaths(truth, places, seen, paths, laws, np.zeros(seen + ahead), told, forecast)


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, horizons: Sequence[int], rng: np.random.Generator
) -> dict[str, Drawn]:
    """Drawn log-odds (out) and logs (in) over all levels."""
    from bayesgap.blocks.commuting import model as block

    years = [int(panel["stock_year"].values[-1]) + h for h in horizons]
    found = block.forecast(posterior, panel, years, rng)
    return {name: by_place(_total(found, panel, name), "region") for name in DIRECTIONS}


def _total(found: xr.Dataset, panel: xr.Dataset, direction: str) -> xr.DataArray:
    name = "out_commuting_share" if direction == "out" else "in_commuting_ratio"
    weight = panel["level_weight"].sel(region=found["region"].values)
    total = (found[name] * weight).sum("level")
    odds = total / (1 - total) if direction == "out" else total
    return odds.copy(data=np.log(odds.values))

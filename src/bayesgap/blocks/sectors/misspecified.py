"""Sectors: logs of the nation's employed by sector, whose growth is pooled about one mean."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.sectors.panel import BANDS
from bayesgap.blocks.sectors.simulate import retell, simulate
from bayesgap.blocks.world import Drawn, Law, Paths, SimulatedPaths, by_place
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

DRIVERS = ("growth_year", "national_driver", "national_growth")
REGIONAL = ("target_growth", "deviation_scale", "size_noise", "common_scale")


def sectors(
    panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator
) -> SimulatedPaths:
    """Logs of employed since the first year; a change of level never comes back by itself."""
    seen, first = panel.sizes["growth_year"], panel["growth_year"].values
    longer = panel[list(DRIVERS)].pad(growth_year=(0, ahead), constant_values=0.0)
    longer["growth_year"] = np.append(first, first[-1] + 1 + np.arange(ahead))
    long = panel.drop_dims("growth_year").merge(longer)
    truth, data = simulate(block_priors(study, "sectors"), long, rng)
    years = np.arange(1, seen + ahead + 1)
    law = Law(truth["innovation"], 1.0, truth["growth_scale"] * years)

    def told(paths: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        path = paths["nation"][:, :seen]
        given = data | {"national_growth": np.diff(path, axis=1, prepend=0.0).T}
        now = retell(panel, given)
        return given, now.assign(log_employed=("sector", path[:, -1]))

    path = np.cumsum(data["national_growth"], axis=0).T
    places = [str(name) for name in panel["sector"].values]
    besides = np.zeros(seen + ahead)
    return SimulatedPaths(
        truth, places, seen, {"nation": path}, {"nation": law}, besides, told, forecast
    )


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, horizons: Sequence[int], rng: np.random.Generator
) -> dict[str, Drawn]:
    """Drawn logs of the nation's employed: the block's forecast of a region with no own growth."""
    from bayesgap.blocks.sectors import model as block

    years = list(range(1, max(horizons) + 1))
    shape = tuple(posterior.sizes[d] for d in SAMPLE_DIMS)
    base = np.zeros((*shape, panel.sizes["target"], panel.sizes["sector"]))
    none = {name: posterior[name] * 0.0 for name in REGIONAL}
    whole = posterior.assign(none).assign(base_log=((*SAMPLE_DIMS, "target", "sector"), base))
    cycle = xr.DataArray(
        rng.standard_normal((*shape, len(years))), {"year": years}, (*SAMPLE_DIMS, "year")
    )
    growth = block.forecast(whole, panel, years, rng, still(whole, panel, years), cycle)
    drawn = growth["employment_growth"].isel(region=0).cumsum("year") + panel["log_employed"]
    return {"nation": by_place(drawn.sel(year=list(horizons)), "sector")}


def still(posterior: xr.Dataset, panel: xr.Dataset, years: Sequence[int]) -> xr.Dataset:
    """Drivers of demand that stand still, as they do in the made-up years ahead."""
    coords = {
        "region": panel["target"].values,
        "year": [*years, years[-1] + 1],
        "driver": list(BANDS),
    }
    shape = [*(posterior.sizes[d] for d in SAMPLE_DIMS), *map(len, coords.values())]
    return xr.Dataset({"log_driver": ((*SAMPLE_DIMS, *coords), np.zeros(shape))}, coords)

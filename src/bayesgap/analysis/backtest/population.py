"""Population at an origin: the block's own law fitted to what was known, and drawn forwards.

Every region of the panel is a target, so that all are forecast by the same draws. The fit is the
fast form (`submodels/population_fast.py`).
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.analysis.blocks import block_priors, block_seed, submodel
from bayesgap.data.panel_population import LEFT_OUT, build_population_panel
from bayesgap.project.population import project_population
from bayesgap.spec.study import Study, Window

AGE_GROUPS = {
    "20-66": (20, 66),
    "20-25": (20, 25),
    "26-40": (26, 40),
    "41-65": (41, 65),
    "65+": (65, 89),
}
CHUNK = 100  # draws projected at a time: memory
BLOCK = "population"


def origin_study(study: Study, regions: Iterable[str], origin: int, horizon: int) -> Study:
    """`study` as it would have been at `origin`: these regions, no year later than the origin."""
    names = tuple(regions)
    window = Window(first=study.window.first, last=origin)
    change = {"targets": names, "pooling": (), "window": window, "base_year": origin}
    return study.model_copy(update={**change, "horizon": origin + horizon})


def origin_panel(
    tables: Mapping[str, pd.DataFrame],
    study: Study,
    unusable: Iterable[tuple[str, int]] = (),
) -> xr.Dataset:
    """Panel of the block at the origin; transitions named `unusable` get no weight.

    The business cycle is left out: its years begin in 2008, too late to be told apart early on.
    """
    panel = build_population_panel(tables, study).isel(cycle_year=slice(0))
    for region, year in unusable:
        if region in study.regions and year in panel["transition"].values:
            panel["score_variance"].loc[{"region": region, "transition": year}] = LEFT_OUT
    return panel


def fit_origin(panel: xr.Dataset, study: Study, draws: int) -> xr.Dataset:
    """Posterior (chain, draw, ...) of the population block, by the fast form."""
    seed = int(block_seed(study.seed, BLOCK, study.base_year).generate_state(1)[0])
    return submodel("population_fast").fit_fast(panel, block_priors(study, BLOCK), draws, seed)


def forecast_groups(
    posterior: xr.Dataset, panel: xr.Dataset, study: Study, horizons: Iterable[int]
) -> xr.DataArray:
    """Drawn residents (sample, group, region, horizon) of the age groups."""
    origin, ahead = study.base_year, max(horizons)
    years = range(origin, origin + ahead)
    stock = panel["population"].sel(region=panel["target"].values, year=origin, drop=True)
    parts = []
    for chunk, start in enumerate(range(0, posterior.sizes["draw"], CHUNK)):
        part = posterior.isel(draw=slice(start, start + CHUNK))
        rng = np.random.default_rng(block_seed(study.seed, BLOCK, 1000 * origin + chunk))
        rates = submodel("population_forecast").forecast(part, panel, years, rng)
        people = project_population(stock, rates).sel(year=[origin + h for h in horizons])
        parts.append(age_sums(people).assign_coords(year=list(horizons)))
    drawn = xr.concat(parts, "draw").rename(year="horizon")
    return drawn.stack(sample=("chain", "draw")).transpose("sample", "group", "region", "horizon")


def age_sums(people: xr.DataArray) -> xr.DataArray:
    """Residents by age group: `age` becomes `group`."""
    sums = [people.sel(age=slice(*ages)).sum("age") for ages in AGE_GROUPS.values()]
    return xr.concat(sums, pd.Index(list(AGE_GROUPS), name="group"))

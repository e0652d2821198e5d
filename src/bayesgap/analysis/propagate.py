"""Posterior draws to supply, demand and gap, chunk by chunk so that memory stays small."""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from bayesgap.analysis.blocks import block_seed, submodel
from bayesgap.project.outlook import Rates, project
from bayesgap.project.population import drivers, project_population
from bayesgap.spec.study import Study

CHUNK = 250  # draws per chain; fixed, because the seeds of future shocks go by chunk


def forecast_rates(
    posterior: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study, chunk: int
) -> Rates:
    """Future rates of every block for one chunk of draws (already cut out of `posterior`)."""

    def drawn(block: str, first: int, **given: object) -> xr.Dataset:
        rng = np.random.default_rng(block_seed(study.seed + 1, block, chunk))
        return submodel(block).forecast(
            posterior[block],
            panel[block].to_dataset(),
            list(range(first, study.horizon + 1)),
            rng,
            **given,
        )

    stock = (
        panel["population"]
        .to_dataset()["population"]
        .sel(region=list(study.targets), year=study.base_year, drop=True)
    )
    cycle = business_cycle(posterior["sectors"], study, chunk)
    people = project_population(stock, drawn("population", study.base_year))
    return Rates(
        population=people,
        education=drawn("education", study.base_year),
        participation=drawn("participation", study.base_year, cycle=cycle),
        commuting=drawn("commuting", study.base_year),
        sectors=drawn("sectors", study.base_year + 1, drivers=drivers(people), cycle=cycle),
        skill_mix=drawn("skill_mix", study.base_year, options=study.options),
        imbalance=drawn("imbalance", study.base_year),
    )


def business_cycle(posterior: xr.Dataset, study: Study, chunk: int) -> xr.DataArray:
    """Standard normal cycle (chain, draw, year) that jobs and participation share."""
    rng = np.random.default_rng(block_seed(study.seed + 1, "cycle", chunk))
    years = list(range(study.base_year, study.horizon + 1))
    coords = {"chain": posterior["chain"], "draw": posterior["draw"], "year": years}
    shape = (posterior.sizes["chain"], posterior.sizes["draw"], len(years))
    return xr.DataArray(rng.standard_normal(shape), coords, tuple(coords))


def propagate(
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> xr.Dataset:
    """Outlook (chain, draw, region, year, ...) of all draws; `advance(done, total)` per chunk."""
    draws = study.sampling.draws
    years = range(study.base_year, study.horizon + 1)
    starts = range(0, draws, CHUNK)
    parts: list[xr.Dataset] = []
    for chunk, start in enumerate(starts):
        cut = {
            block: values.isel(draw=slice(start, start + CHUNK))
            for block, values in posterior.items()
        }
        parts.append(project(forecast_rates(cut, panel, study, chunk), years, study.total))
        advance(chunk + 1, len(starts))
    return xr.concat(parts, "draw")

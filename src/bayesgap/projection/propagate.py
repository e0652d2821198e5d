"""Posterior draws to supply, demand and gap, chunk by chunk so that memory stays small."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from bayesgap.accounting.outlook import Rates, project
from bayesgap.accounting.population import drivers, project_population
from bayesgap.inference.threads import side_by_side
from bayesgap.projection.laws import law_of
from bayesgap.study.blocks import block_seed
from bayesgap.study.study import Study

CHUNK = 250  # draws per chain; fixed, because the seeds of future shocks go by chunk


class Forecast(NamedTuple):
    """Future rates of one chunk of draws, and what scenarios need besides them.

    `movement` are the population block's rates; `grow` gives the sectors that follow from another
    population with the same innovations.
    """

    rates: Rates
    movement: xr.Dataset
    grow: Callable[[xr.DataArray], xr.Dataset]


def forecast_rates(
    posterior: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study, chunk: int
) -> Forecast:
    """Future rates of every block for one chunk of draws (already cut out of `posterior`)."""

    def drawn(block: str, first: int, **given: object) -> xr.Dataset:
        rng = np.random.default_rng(block_seed(study.seed + 1, block, chunk))
        return law_of(block).forecast(
            posterior[block],
            panel[block].to_dataset(),
            list(range(first, study.horizon + 1)),
            rng,
            **given,
        )

    def grow(population: xr.DataArray) -> xr.Dataset:
        of = drivers(population)
        return drawn("sectors", study.base_year + 1, drivers=of, cycle=cycle)

    stock = (
        panel["population"]
        .to_dataset()["population"]
        .sel(region=list(study.targets), year=study.base_year, drop=True)
    )
    cycle = business_cycle(posterior["sectors"], study, chunk)
    movement = drawn("population", study.base_year, cycle=cycle)
    people = project_population(stock, movement)
    rates = Rates(
        population=people,
        education=drawn("education", study.base_year),
        participation=drawn("participation", study.base_year, cycle=cycle),
        commuting=drawn("commuting", study.base_year),
        sectors=grow(people),
        skill_mix=drawn("skill_mix", study.base_year, options=study.options),
        imbalance=drawn("imbalance", study.base_year),
    )
    return Forecast(rates, movement, grow)


def business_cycle(posterior: xr.Dataset, study: Study, chunk: int) -> xr.DataArray:
    """Standard normal cycle (chain, draw, year) that jobs, participation and migration share."""
    rng = np.random.default_rng(block_seed(study.seed + 1, "cycle", chunk))
    years = list(range(study.base_year, study.horizon + 1))
    coords = {"chain": posterior["chain"], "draw": posterior["draw"], "year": years}
    shape = (posterior.sizes["chain"], posterior.sizes["draw"], len(years))
    return xr.DataArray(rng.standard_normal(shape), coords, tuple(coords))


def chunks(
    posterior: Mapping[str, xr.Dataset], draws: int
) -> Iterator[tuple[int, dict[str, xr.Dataset]]]:
    """Number and draws of each chunk."""
    for chunk, start in enumerate(range(0, draws, CHUNK)):
        part = slice(start, start + CHUNK)
        yield chunk, {block: values.isel(draw=part) for block, values in posterior.items()}


def propagate(
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> xr.Dataset:
    """Outlook (chain, draw, region, year, ...) of all draws; `advance(done, total)` per chunk."""
    years = range(study.base_year, study.horizon + 1)
    draws = posterior["sectors"]["draw"].isel(draw=slice(study.sampling.draws))
    whole = xr.Dataset()

    def outlook(chunk: int, cut: Mapping[str, xr.Dataset]) -> xr.Dataset:
        return project(forecast_rates(cut, panel, study, chunk).rates, years, study.total)

    parts = side_by_side(lambda one: outlook(*one), chunks(posterior, draws.size))
    for done, part in enumerate(parts):
        whole = whole or room_for(part, draws)
        for name, values in part.data_vars.items():
            whole[name][{"draw": slice(done * CHUNK, (done + 1) * CHUNK)}] = values
        advance(done + 1, -(-draws.size // CHUNK))
    return whole


def room_for(part: xr.Dataset, draws: xr.DataArray) -> xr.Dataset:
    """Arrays as those of `part`, for all `draws`: to be filled, so that no part is kept twice."""
    sizes = {**part.sizes, "draw": draws.size}
    empty = {
        name: (values.dims, np.empty([sizes[dim] for dim in values.dims], values.dtype))
        for name, values in part.data_vars.items()
    }
    return xr.Dataset(empty, {**part.drop_vars("draw").coords, "draw": draws})

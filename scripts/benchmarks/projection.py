"""A projection's cells a second, and quantiles, beside the least that must be done.

Cells are those of the arrays that a projection writes. A plain copy moves the same bytes: all
arrays that a projection reads and writes, each copied once into memory that is there already. The
draws are the first chunk (4 chains of 250) of a run. One thread, processor seconds.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from bayesgap.accounting.outlook import project
from bayesgap.accounting.population import project_population
from bayesgap.present.summary import published, summarise
from bayesgap.projection.propagate import chunks, forecast_rates
from bayesgap.runs.run import open_run
from bayesgap.schema import QUANTILES
from bayesgap.study.study import Study
from benchmarks.rows import OURS, Row, seconds_of

SECTION, QUANTILE_SECTION = "projection", "quantiles"
COPY = "plain copy of the same bytes"
REPEATS = 7


def rows(run: Path) -> Iterator[Row]:
    """Rows of a projection and of quantiles, from the first chunk of draws of a run."""
    study, panel, draws = opened(run)
    _, cut = next(chunks(draws, study.sampling.draws))
    years = range(study.base_year, study.horizon + 1)
    with threadpool_limits(1):
        forecast = forecast_rates(cut, panel, study, 0)
        stock = base_stock(panel, study)
        people = project_population(stock, forecast.movement)
        names = ("net_migration_rate", "death_probability", "child_ratio")
        read = [forecast.movement[name] for name in names]
        yield from of_cells(
            "population", lambda: project_population(stock, forecast.movement), read, [people]
        )
        outlook = project(forecast.rates, years, study.total)
        yield from of_cells(
            "supply, demand, gap",
            lambda: project(forecast.rates, years, study.total),
            arrays_of(forecast.rates),
            arrays_of([outlook]),
        )
        yield from of_quantiles(outlook, study)


def opened(folder: Path) -> tuple[Study, xr.DataTree, dict[str, xr.Dataset]]:
    """Study, panel and posterior draws of a run."""
    run = open_run(folder)
    blocks = run.blocks
    draws = {name: tree["posterior"].to_dataset() for name, tree in blocks.items()}
    return run.study, run.panel, draws


def base_stock(panel: xr.DataTree, study: Study) -> xr.DataArray:
    """Residents (region, age) [person] of the base year."""
    people = panel["population"].to_dataset()["population"]
    return people.sel(region=list(study.targets), year=study.base_year, drop=True)


def arrays_of(parts: Sequence[xr.Dataset | xr.DataArray]) -> list[xr.DataArray]:
    """Arrays of labelled values."""
    each = [p.data_vars.values() if isinstance(p, xr.Dataset) else [p] for p in parts]
    return [array for group in each for array in group]


def of_cells(
    item: str, what: Any, read: Sequence[xr.DataArray], written: Sequence[xr.DataArray]
) -> Iterator[Row]:
    """Cells a second of `what`, and of a copy of what it reads and writes."""
    number = sum(array.size for array in written)
    sources = [array.to_numpy() for array in (*read, *written)]
    targets = [np.empty_like(source) for source in sources]

    def copy() -> None:
        for source, target in zip(sources, targets, strict=True):
            np.copyto(target, source)

    note = f"{sum(s.nbytes for s in sources) / 1e6:.0f} MB"
    for way, call in ((OURS, what), (COPY, copy)):
        rate = number / seconds_of(call, REPEATS) / 1e6
        yield Row(SECTION, item, "cells", way, rate, "million/s", note)


def of_quantiles(outlook: xr.Dataset, study: Study) -> Iterator[Row]:
    """Seconds of quantiles of the gap by ours and by NumPy, and of the whole summary of it."""
    draws, _ = published(outlook, "gap")
    flat = draws.to_numpy().reshape(-1, draws.sizes["chain"] * draws.sizes["draw"])
    note = f"{len(flat)} cells of {flat.shape[1]} draws"
    cases = {
        OURS: lambda: quantiles(flat),
        "np.quantile": lambda: np.quantile(flat, QUANTILES, axis=1),
    }
    for way, call in cases.items():
        yield Row(QUANTILE_SECTION, "gap", "quantiles", way, seconds_of(call, 3), "s", note)
    spent = seconds_of(lambda: summarise(outlook[["gap"]], study, "bench"), 3)
    yield Row(QUANTILE_SECTION, "gap", "whole summary", OURS, spent, "s", note)


def quantiles(flat: np.ndarray) -> np.ndarray:
    """Quantiles (probability, cell) of rows sorted once, where a version has that."""
    try:
        order = import_module("bayesgap.inference.order")
    except ModuleNotFoundError:
        return np.quantile(flat, QUANTILES, axis=1)
    return order.quantiles_of_sorted(np.sort(flat, axis=1), QUANTILES)

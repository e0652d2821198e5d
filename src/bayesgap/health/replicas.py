"""Posterior predictive checks: data that the fitted blocks make, beside the data that they saw.

Equations
---------
R1  parameters ~ posterior;  replica ~ law(parameters), with regions, years and cells made anew
R2  distance = |T(seen) - median T(replicas)| / sd T(replicas), for each trait T of each table

Traits are of series (rows over time; single cells where a table has no time): how far series spread
about their means, how far means spread, how large steps from year to year are, how far the furthest
cell lies out. They were fixed before anything was run.

References
----------
Gelman, Meng & Stern (1996), Posterior predictive assessment of model fitness. The law that makes
replicas is that of calibration (`blocks/*/simulate.py`), a second statement of each block's law.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from bayesgap.blocks.block import Observed
from bayesgap.blocks.population.panel import LEFT_OUT
from bayesgap.blocks.registry import block_of
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.study import Study

REPLICAS = 100


class Held(NamedTuple):
    """A prior that has one value: what simulators draw from it is a parameter of the posterior."""

    value: Any
    dist: str = "normal"

    def params(self) -> dict[str, Any]:
        """Mean and standard deviation."""
        return {"mu": self.value, "sigma": 0.0}


def block_distances(
    block: str, tree: xr.DataTree, panel: xr.Dataset, study: Study
) -> list[dict[str, Any]]:
    """One row a table and trait: seen, low, median and high (95 %) of replicas, distance."""
    return list(_block_rows(block, tree["posterior"].to_dataset(), panel, study))


def _block_rows(
    block: str, posterior: xr.Dataset, panel: xr.Dataset, study: Study
) -> Iterator[dict[str, Any]]:
    observed = [table for table in block_of(block).observed if table.seen(panel).size]
    replicas = list(replicated(block, posterior, panel, study)) if observed else []
    for table in observed:
        seen = table.seen(panel)
        kept = np.zeros(seen.shape, dtype=bool)
        if table.variance is not None:
            kept = panel[table.variance].values >= LEFT_OUT
        made = [traits(np.where(kept, seen, data[table.name]), table) for data in replicas]
        for trait, value in traits(seen, table).items():
            values = np.array([one[trait] for one in made])
            if not (np.isfinite(value) and values.std() > 0):
                continue  # a table of one value, or one that the law is given
            low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
            yield {
                "block": block,
                "table": table.name,
                "trait": trait,
                "seen": value,
                "low": low,
                "median": middle,
                "high": high,
                "distance": abs(value - middle) / values.std(),
            }


def replicated(
    block: str, posterior: xr.Dataset, panel: xr.Dataset, study: Study
) -> Iterator[Mapping[str, Any]]:
    """R1: data by name, from `REPLICAS` draws of the posterior, or all if there are fewer."""
    rng = np.random.default_rng(block_seed(study.seed + 4, block))
    size = posterior.sizes["chain"] * posterior.sizes["draw"]
    places = rng.choice(size, min(REPLICAS, size), replace=False)
    draws = {
        str(name): _chosen(values, places)
        for name, values in posterior.data_vars.items()
        if set(SAMPLE_DIMS) <= set(values.dims)
    }
    of = block_of(block)
    truths = (
        {name: values[place] for name, values in draws.items()} for place in range(len(places))
    )
    if of.replay is not None:
        made = of.replay(panel)
        yield from (made(truth, rng) for truth in truths)
    elif of.simulate is not None:
        names, looked_up = block_priors(study, block), LookedUp(panel)
        for truth in truths:
            held = {name: Held(truth[name]) for name in names if name in truth}
            yield of.simulate(held, looked_up, rng).data


def _chosen(values: xr.DataArray, places: np.ndarray) -> np.ndarray:
    """Draws at `places` among those of all chains, one after the other."""
    ordered = values.transpose(*SAMPLE_DIMS, ...)
    chain, draw = np.unravel_index(places, ordered.shape[:2])
    return ordered.to_numpy()[chain, draw]


class LookedUp:
    """A panel that makes each of its arrays once: simulators ask for them again in each replica."""

    def __init__(self, panel: xr.Dataset) -> None:
        """Keep the panel."""
        self._panel, self.sizes = panel, panel.sizes
        self._arrays: dict[str, xr.DataArray] = {}

    def __getitem__(self, name: str) -> xr.DataArray:
        """Variable or coordinate by name."""
        if name not in self._arrays:
            self._arrays[name] = self._panel[name]
        return self._arrays[name]


def traits(values: np.ndarray, table: Observed) -> dict[str, float]:
    """T of a table, on the log scale; if members have scales of their own, the mean of theirs.

    Of fewer than two cells or years there are none; of what does not vary they are not numbers.
    """
    if values.size < 2 or (table.time is not None and values.shape[table.time] < 2):
        return {}
    if table.time is None:
        away = np.abs(values.ravel() - np.median(values))
        return {"spread": _log(values.std()), "furthest": _log(away.max()) - _log(values.std())}
    series = np.moveaxis(values, table.time, -1)
    if table.apart is None:
        return _of_series(series.reshape(-1, series.shape[-1]))
    place = table.apart - (table.apart > table.time)
    every = [_of_series(one.reshape(-1, one.shape[-1])) for one in np.moveaxis(series, place, 0)]
    return {name: float(np.mean([one[name] for one in every])) for name in every[0]}


def _of_series(series: np.ndarray) -> dict[str, float]:
    """Traits of series (series, year) of one scale."""
    about = series - series.mean(1, keepdims=True)
    out = {
        "spread": _log(about.std()),
        "steps": _log(np.diff(series, axis=1).std()),
        "furthest": _log(np.abs(about).max()) - _log(about.std()),
    }
    if len(series) > 1:
        out["between"] = _log(series.mean(1).std())
    return out


def _log(value: float) -> float:
    return float(np.log(value)) if value > 0 else np.nan

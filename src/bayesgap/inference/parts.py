"""Pieces that every block uses: priors with data hyperparameters, and backend-neutral laws.

The laws use operators only, so the same function serves PyTensor variables in `build` and
NumPy arrays in `forecast`: each law is written once (docs/adr/0002).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.errors import StudyError
from bayesgap.study.priors import BlockPriors, PriorSpec

_DISTRIBUTIONS = {
    "normal": pm.Normal,
    "half_normal": pm.HalfNormal,
    "log_normal": pm.LogNormal,
    "beta": pm.Beta,
    "gamma": pm.Gamma,
}


def prior(name: str, spec: PriorSpec, dims: str | Sequence[str] | None = None) -> Any:
    """Random variable `name` with prior `spec`; hyperparameters are `pm.Data` named `name__param`.

    They are data, so that a compiled model is refitted under another prior without a new compile.
    """
    return _DISTRIBUTIONS[spec.dist](name, **_data(name, spec), dims=dims)


def _data(name: str, spec: PriorSpec) -> dict[str, Any]:
    return {key: pm.Data(f"{name}__{key}", float(value)) for key, value in spec.params().items()}


def prior_data(name: str, spec: PriorSpec, dist: str) -> dict[str, Any]:
    """Hyperparameters of prior `name` as `pm.Data`; StudyError unless its distribution is `dist`.

    For parameters that the sampler meets in other coordinates, which hold for one distribution.
    """
    if spec.dist != dist:
        raise StudyError(
            f'The prior {name} must have dist = "{dist}", since it is sampled in coordinates made '
            f'for that; found "{spec.dist}". Change its parameters instead.'
        )
    return _data(name, spec)


def non_centred_normal(
    name: str, scale: Any, dims: str | Sequence[str] | None = None, centre: Any = 0.0
) -> Any:
    """Normal(centre, scale) as centre + scale z: for effects that their own data hardly tell."""
    z = pm.Normal(f"z_{name}", 0.0, 1.0, dims=dims)
    return pm.Deterministic(name, centre + scale * z, dims=dims)


def require_priors(block: str, priors: Mapping[str, PriorSpec], names: Sequence[str]) -> None:
    """Raise StudyError unless `priors` names exactly `names`."""
    missing = sorted(set(names) - set(priors))
    unknown = sorted(set(priors) - set(names))
    if missing or unknown:
        raise StudyError(
            f"[priors.{block}] must name exactly {sorted(names)}; "
            f"missing: {missing or 'none'}; unknown: {unknown or 'none'}."
        )


def hyperdata(priors: BlockPriors) -> dict[str, float]:
    """Hyperparameters of a block as `pm.Data` names and values, for a refit with new data."""
    return {
        f"{name}__{key}": float(value)
        for name, spec in priors.items()
        for key, value in spec.params().items()
    }


def ar1_step(previous: Any, rho: Any, innovation: Any) -> Any:
    """One step of a zero-mean AR(1): rho * previous + innovation."""
    return rho * previous + innovation


def stationary_scale(rho: Any, sigma: Any) -> Any:
    """Marginal standard deviation of an AR(1) with innovation scale sigma."""
    return sigma / (1.0 - rho**2) ** 0.5


def size_weight(size: Any, exponent: Any) -> Any:
    """Variance relative to a region whose `size`, the log of a ratio of persons, is 0."""
    return np.e ** (-2.0 * exponent * size)


def cycle_of(panel: xr.Dataset, years: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Observed business cycle in `years` (0 where it is not known), and where it is known."""
    value = panel["cycle"].reindex(cycle_year=list(years)).values
    known = np.isfinite(value)
    return np.where(known, value, 0.0), known.astype(float)


def cycle_data(panel: xr.Dataset, years: Sequence[int]) -> tuple[Any, Any]:
    """`cycle_of` as `pm.Data`, so that a compiled model is refitted with another cycle."""
    value, known = cycle_of(panel, years)
    return pm.Data("cycle", value), pm.Data("cycle_known", known)


def future_cycle(
    panel: xr.Dataset, cycle: xr.DataArray | None, year: int
) -> tuple[np.ndarray | float, float]:
    """Cycle of `year` and whether it is known: as observed, else as drawn for the jobs, else 0."""
    value, known = cycle_of(panel, [year])
    if known[0]:
        return float(value[0]), 1.0
    if cycle is not None and year in cycle["year"].values:
        return Draws(cycle.sel(year=year).to_dataset(name="cycle"))["cycle"], 1.0
    return 0.0, 0.0


class Draws:
    """Posterior as arrays with one leading sample axis."""

    def __init__(self, posterior: xr.Dataset) -> None:
        """Keep the posterior and its numbers of chains and draws."""
        self._posterior = posterior
        self.shape = (posterior.sizes["chain"], posterior.sizes["draw"])
        self.size = self.shape[0] * self.shape[1]

    def __getitem__(self, name: str) -> np.ndarray:
        """Values (sample, ...) of a variable."""
        values = self._posterior[name].transpose("chain", "draw", ...).to_numpy()
        return values.reshape(self.size, *values.shape[2:])

    def unstack(self, values: np.ndarray) -> np.ndarray:
        """(sample, ...) to (chain, draw, ...), in single precision."""
        return values.reshape(*self.shape, *values.shape[1:]).astype(np.float32)

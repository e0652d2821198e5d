"""Log densities of named priors at posterior draws, and draws as they would be under others.

Every top-level prior is a variable of its block's posterior, so its density needs no model. Scaling
the standard normals behind region effects would raise false alarms: they are no priors of a study.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from pydantic import TypeAdapter
from scipy import stats

from bayesgap import schema
from bayesgap.blocks.registry import block_of
from bayesgap.errors import StudyError
from bayesgap.study.priors import Beta, BlockPriors, Gamma, HalfNormal, LogNormal, Normal, PriorSpec


def frozen(spec: PriorSpec) -> Any:
    """SciPy's distribution of a prior."""
    match spec:
        case Normal():
            return stats.norm(spec.mu, spec.sigma)
        case HalfNormal():
            return stats.halfnorm(scale=spec.sigma)
        case LogNormal():
            return stats.lognorm(s=spec.sigma, scale=np.exp(spec.mu))
        case Beta():
            return stats.beta(spec.alpha, spec.beta)
        case Gamma():
            return stats.gamma(spec.alpha, scale=1 / spec.beta)


def density(family: str, values: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """`curve` of a prior that is given by its family and numbers."""
    given = {"dist": family, **values, "why": "Stated on the command line."}
    return curve(TypeAdapter(PriorSpec).validate_python(given))


def curve(spec: PriorSpec) -> tuple[np.ndarray, np.ndarray]:
    """Points and the density of a prior there, over all but a thousandth at either end."""
    law = frozen(spec)
    grid = np.linspace(law.ppf(0.001), law.ppf(0.999), 400)
    return grid, law.pdf(grid)


def values_of(block: str, name: str, posterior: xr.Dataset) -> xr.DataArray:
    """Draws of what the prior `name` is about (less its least value, if it has one)."""
    if name not in posterior:
        raise StudyError(
            f"The posterior of {block} must hold the parameter {name} of [priors.{block}.{name}]; "
            "the run is of another version. Run the study again."
        )
    least = block_of(block).least()
    return posterior[name] - least[name] if name in least else posterior[name]


def summed(log: np.ndarray, like: xr.DataArray) -> xr.DataArray:
    """Log densities (as `like`) summed to (chain, draw)."""
    whole = like.copy(data=log)
    return whole.sum([d for d in whole.dims if d not in schema.SAMPLE_DIMS])


def log_prior(block: str, name: str, spec: PriorSpec, posterior: xr.Dataset) -> xr.DataArray:
    """Log density (chain, draw) of prior `spec` at the draws of parameter `name`."""
    values = values_of(block, name, posterior)
    smallest = np.finfo(float).tiny  # a half-normal draw may be stored as zero
    held = values if isinstance(spec, Normal) else values.clip(min=smallest)
    if isinstance(spec, Beta):
        held = held.clip(max=1 - np.finfo(float).epsneg)
    return summed(np.asarray(frozen(spec).logpdf(held.to_numpy())), values)


def table_law(block: str, name: str, panel: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Centre and spread of an assumed table of the block."""
    centre, spread = (
        panel[part] if isinstance(part, str) else xr.DataArray(part)
        for part in block_of(block).assumed[name]
    )
    return centre, spread


def log_table(block: str, name: str, panel: xr.Dataset, posterior: xr.Dataset) -> xr.DataArray:
    """Log density (chain, draw) of an assumed table of the block at its drawn errors."""
    centre, spread = table_law(block, name, panel)
    values = posterior[name].transpose(*schema.SAMPLE_DIMS, ...)
    away = (values.to_numpy() - centre.to_numpy()) / spread.to_numpy()
    return summed(-0.5 * away**2, values)


def log_ratio(
    block: str, old: BlockPriors, new: Mapping[str, PriorSpec], posterior: xr.Dataset
) -> xr.DataArray:
    """Log weight (chain, draw) of each draw when the priors `new` replace those of `old`."""
    terms = [
        log_prior(block, name, spec, posterior) - log_prior(block, name, old[name], posterior)
        for name, spec in new.items()
    ]
    return sum(terms[1:], terms[0])

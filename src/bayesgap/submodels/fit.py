"""Compile once, sample, refit with new data; the convergence figures of a posterior."""

from collections.abc import Callable, Mapping
from typing import Any

import nutpie
import pymc as pm
import xarray as xr

from bayesgap.spec.study import Sampling


def compile_model(model: pm.Model) -> Any:
    """Compile `model` for nutpie; its `pm.Data` stay exchangeable through `with_data`."""
    return nutpie.compile_pymc_model(model)


def sample_compiled(
    compiled: Any,
    sampling: Sampling,
    seed: int,
    data: Mapping[str, Any] | None = None,
    cores: int | None = None,
) -> xr.DataTree:
    """Sample a compiled model, after exchanging `data` (names of `pm.Data`) if given."""
    if data:
        compiled = compiled.with_data(**data)
    return nutpie.sample(
        compiled,
        draws=sampling.draws,
        tune=sampling.tune,
        chains=sampling.chains,
        cores=cores or 2,
        seed=seed,
        target_accept=sampling.target_accept,
        progress_bar=False,
        save_warmup=False,
    )


def fit(
    model: pm.Model, sampling: Sampling, seed: int, cores: int | None = None
) -> xr.DataTree:
    """Posterior of `model`: a DataTree with groups `posterior` and `sample_stats`."""
    if sampling.sampler == "nutpie":
        return sample_compiled(compile_model(model), sampling, seed, cores=cores)
    with model:
        return pm.sample(
            draws=sampling.draws,
            tune=sampling.tune,
            chains=sampling.chains,
            cores=cores or 2,
            random_seed=seed,
            target_accept=sampling.target_accept,
            progressbar=False,
        )


Builder = Callable[[xr.Dataset, Mapping[str, Any]], pm.Model]

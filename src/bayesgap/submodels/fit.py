"""Compile once, sample, refit with new data; draws from the prior alone."""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

import nutpie
import pymc as pm
import xarray as xr

from bayesgap.spec.study import Sampling
from bayesgap.submodels.compiled import compile_model

logging.getLogger("pymc.sampling.forward").setLevel(logging.WARNING)  # it lists every variable


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


def fit(model: pm.Model, sampling: Sampling, seed: int, cores: int | None = None) -> xr.DataTree:
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


def prior_draws(model: pm.Model, draws: int, seed: int) -> xr.DataTree:
    """Draws (chain = 1, draw) of every variable from the prior alone, likelihood left out."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Pp]otential.*", category=UserWarning)
        tree = pm.sample_prior_predictive(
            draws,
            model=model,
            random_seed=seed,
            var_names=[v.name for v in model.free_RVs + model.deterministics],
            compile_kwargs={"mode": "FAST_COMPILE"},
        )
    return xr.DataTree(tree["prior"].to_dataset())

"""A fitted block as ArviZ reads it: data, replicas and log densities beside prior and posterior."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.health.replicas import replicated
from bayesgap.runs.run import Run
from bayesgap.sensitivity.densities import log_prior
from bayesgap.study.blocks import block_priors


def arviz_groups(run: Run, block: str, likelihood: bool) -> xr.DataTree:
    """Groups of a block: posterior, prior, sample_stats, and those that its fit did not keep.

    Parameters
    ----------
    likelihood : whether `log_likelihood` is worked out too; the model is built for it, which takes
        up to a minute

    Returns
    -------
    DataTree with `observed_data` and `posterior_predictive` (chain = 1, draw) of the tables that
    health compares, `log_prior` (chain, draw) by prior, and, if asked, `log_likelihood` as one
    variable `data` (chain, draw)
    """
    of, study, tree = block_of(block), run.study, run.blocks[block]
    panel, posterior = run.panel[block].to_dataset(), tree["posterior"].to_dataset()
    priors = block_priors(study, block)
    groups: dict[str, xr.Dataset] = {}
    if of.observed:
        groups["observed_data"] = _dataset({one.name: one.seen(panel) for one in of.observed})
        replicas = list(replicated(block, posterior, panel, study))
        stacked = {one.name: np.array([made[one.name] for made in replicas]) for one in of.observed}
        groups["posterior_predictive"] = _dataset(stacked, ("draw",)).expand_dims("chain")
    groups["log_prior"] = xr.Dataset(
        {name: log_prior(block, name, spec, posterior) for name, spec in priors.items()}
    )
    if likelihood:
        from bayesgap.inference.refit import log_likelihood

        model = of.law().build(panel, priors, study.options)
        groups["log_likelihood"] = log_likelihood(model, posterior).to_dataset(name="data")
    known = {str(name): child.to_dataset() for name, child in tree.children.items()}
    return xr.DataTree.from_dict(known | groups)


def _dataset(arrays: Mapping[str, np.ndarray], first: tuple[str, ...] = ()) -> xr.Dataset:
    """Arrays with the dims `first` and then dims named by their variable."""
    return xr.Dataset(
        {
            name: (
                (*first, *(f"{name}_dim_{i}" for i in range(values.ndim - len(first)))),
                np.asarray(values, dtype=float),
            )
            for name, values in arrays.items()
        }
    )

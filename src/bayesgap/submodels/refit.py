"""Blocks fitted again under other priors: compiled once, new hyperparameters as data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr
from pymc.model.transform.conditioning import remove_value_transforms

from bayesgap.spec.priors import BlockPriors
from bayesgap.spec.study import Sampling
from bayesgap.submodels.compiled import compile_model
from bayesgap.submodels.fit import forward_draws, sample_compiled, unseen, without
from bayesgap.submodels.parts import hyperdata


class Refitter:
    """One block's model, compiled when first sampled; its data are those of the panel."""

    def __init__(self, model: pm.Model) -> None:
        """Keep the model and the names of what no data inform."""
        self._model = model
        self.unseen = unseen(model)
        self._compiled: Any = None

    def compile(self) -> None:
        """Compile the part of the model that data inform, once."""
        if self._compiled is None:
            self._compiled = compile_model(without(self._model, self.unseen))

    def refit(self, priors: BlockPriors, sampling: Sampling, seed: int) -> xr.DataTree:
        """Posterior under `priors` of what data inform: groups `posterior` and `sample_stats`.

        Parameters
        ----------
        priors : every prior of the block, of the same distributions as the compiled ones
        """
        self.compile()
        known = self._compiled._shared_data
        data = {k: np.array(value) for k, value in hyperdata(priors).items() if k in known}
        return sample_compiled(self._compiled, sampling, seed, data=data)

    def redrawn(self, priors: BlockPriors, chains: int, draws: int, seed: int) -> xr.Dataset:
        """Draws (chain, draw) under `priors` of what no data inform; the seed pairs calls."""
        if not self.unseen:
            return xr.Dataset()
        held = {v.name for v in self._model.data_vars}
        new = {name: value for name, value in hyperdata(priors).items() if name in held}
        with self._model:
            pm.set_data(new)
        sampling = Sampling(chains=chains, draws=draws)
        return forward_draws(self._model, self.unseen, sampling, seed)


class Told(Refitter):
    """A block that is told some of its variables: value ~ Normal(variable, scale), cell by cell.

    What no data informed is informed by being told, and sampled.
    """

    def __init__(self, model: pm.Model, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Add the observations; `shapes` are those of the variables told, by name."""
        with model:
            for name, shape in shapes.items():
                value = pm.Data(f"{name}__told", np.zeros(shape))
                scale = pm.Data(f"{name}__told_scale", np.ones(shape))
                pm.Potential(f"{name}_told", -0.5 * (((model[name] - value) / scale) ** 2).sum())
        super().__init__(model)

    def told(
        self,
        values: Mapping[str, np.ndarray],
        scales: Mapping[str, np.ndarray],
        sampling: Sampling,
        seed: int,
    ) -> xr.DataTree:
        """Posterior with `values` observed, errors of `scales`."""
        self.compile()
        data = {f"{name}__told": value for name, value in values.items()}
        data |= {f"{name}__told_scale": scale for name, scale in scales.items()}
        return sample_compiled(self._compiled, sampling, seed, data=data)


def log_likelihood(model: pm.Model, posterior: xr.Dataset) -> xr.DataArray:
    """Log density (chain, draw) of everything observed in `model` at kept draws.

    Potentials count as likelihood, since the blocks integrate states out by hand; the laws between
    top-level priors and region effects do not.
    """
    plain = remove_value_transforms(without(model, unseen(model)))
    values = [plain.rvs_to_values[v] for v in plain.free_RVs]
    seen = plain.logp(vars=[*plain.observed_RVs, *plain.potentials], sum=True)
    function = pm.compile(values, seen, mode="FAST_COMPILE", on_unused_input="ignore")
    names: Sequence[str] = [v.name for v in plain.free_RVs]
    draws = posterior.stack(sample=("chain", "draw"))
    points = [draws[name].transpose("sample", ...).to_numpy() for name in names]
    log = [float(function(*(of[i] for of in points))) for i in range(draws.sizes["sample"])]
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    coords: Mapping[str, Any] = {"chain": posterior["chain"], "draw": posterior["draw"]}
    return xr.DataArray(np.reshape(log, shape), coords, ("chain", "draw"))

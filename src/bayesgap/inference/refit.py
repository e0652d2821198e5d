"""Blocks fitted again under other priors: compiled once, new hyperparameters as data.

A refit knows the run's posterior. It begins at its draws, and the sampler moves in coordinates in
which that posterior is nearly standard, so that little tuning and short paths do.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from pymc.model.transform.conditioning import remove_value_transforms

from bayesgap.inference.compiled import Compiled, compile_model
from bayesgap.inference.coordinates import in_coordinates
from bayesgap.inference.fit import forward_draws, sample_compiled
from bayesgap.inference.parts import hyperdata
from bayesgap.inference.separate import drop_variables, prior_only_variables
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Sampling


class Refitter:
    """One block's model, compiled when first sampled; its data are those of the panel."""

    def __init__(self, model: pm.Model, posterior: xr.Dataset | None = None) -> None:
        """Keep the model, the names of what no data inform, and draws of a fit near by."""
        self._model, self._near = model, posterior
        self.prior_only_variables = prior_only_variables(model)

    @cached_property
    def compiled(self) -> Compiled:
        """What data inform of the model, compiled; near the draws, if there are some."""
        seen = in_coordinates(drop_variables(self._model, self.prior_only_variables))
        compiled = compile_model(seen)
        return compiled if self._near is None else compiled.near(unconstrained(seen, self._near))

    def compile(self) -> None:
        """Compile now rather than when first sampled."""
        self.compiled.log_density()(self.compiled.middle)

    @property
    def size(self) -> int:
        """Number of parameters that are sampled."""
        return self.compiled.size

    def refit(self, priors: BlockPriors, sampling: Sampling, seed: int) -> xr.DataTree:
        """Posterior under `priors` of what data inform: groups `posterior` and `sample_stats`.

        Parameters
        ----------
        priors : every prior of the block, of the same distributions as the compiled ones
        """
        known = self.compiled.data
        data = {name: value for name, value in hyperdata(priors).items() if name in known}
        return self.sampled(data, sampling, seed)

    def sampled(self, data: Mapping[str, Any], sampling: Sampling, seed: int) -> xr.DataTree:
        """Posterior with `data` (values of `pm.Data` by name) in place of the model's own."""
        return sample_compiled(self.compiled, sampling, seed, data=data)

    def redrawn(self, priors: BlockPriors, chains: int, draws: int, seed: int) -> xr.Dataset:
        """Draws (chain, draw) under `priors` of what no data inform; the seed pairs calls."""
        if not self.prior_only_variables:
            return xr.Dataset()
        held = {v.name for v in self._model.data_vars}
        new = {name: value for name, value in hyperdata(priors).items() if name in held}
        with self._model:
            pm.set_data(new)
        sampling = Sampling(chains=chains, draws=draws)
        return forward_draws(self._model, self.prior_only_variables, sampling, seed)


def unconstrained(model: pm.Model, posterior: xr.Dataset) -> np.ndarray:
    """Kept draws (sample, dimension) in the sampler's coordinates, in the order of `compile_model`.

    What was stored as zero on the edge of its range is put well inside, where it can be left.
    """
    draws = posterior.stack(sample=("chain", "draw"))
    columns = []
    for variable in model.free_RVs:
        values = draws[variable.name].transpose("sample", ...).to_numpy().astype(float)
        transform = model.rvs_to_transforms[variable]
        if transform is not None:
            values = transform.forward(pt.as_tensor(values), *variable.owner.inputs).eval()
        columns.append(values.reshape(len(values), -1))
    return np.nan_to_num(np.concatenate(columns, axis=1), neginf=-30.0, posinf=30.0)


class ConditionedModel(Refitter):
    """A block that is told some of its variables: value ~ Normal(variable, scale), cell by cell.

    What no data informed is informed by being told, and sampled.
    """

    def __init__(
        self,
        model: pm.Model,
        shapes: Mapping[str, tuple[int, ...]],
        posterior: xr.Dataset | None = None,
    ) -> None:
        """Add the observations; `shapes` are those of the variables told, by name."""
        with model:
            for name, shape in shapes.items():
                value = pm.Data(f"{name}__told", np.zeros(shape))
                scale = pm.Data(f"{name}__told_scale", np.full(shape, np.inf))  # nothing yet
                pm.Potential(f"{name}_told", -0.5 * (((model[name] - value) / scale) ** 2).sum())
        super().__init__(model, posterior)

    def conditioned(
        self,
        values: Mapping[str, np.ndarray],
        scales: Mapping[str, np.ndarray],
        sampling: Sampling,
        seed: int,
    ) -> xr.DataTree:
        """Posterior with `values` observed, errors of `scales`."""
        data = {f"{name}__told": value for name, value in values.items()}
        data |= {f"{name}__told_scale": scale for name, scale in scales.items()}
        return self.sampled(data, sampling, seed)


class PowerScaledModel(Refitter):
    """A block whose likelihood stands to a power: log density + (power - 1) log likelihood.

    The power is data of the compiled model, so that one compile serves every power. The likelihood
    is that of `log_likelihood`. Priors to a power need no such thing: `study.prior_sets.powered`.
    """

    def __init__(self, model: pm.Model, posterior: xr.Dataset | None = None) -> None:
        """Add the power, 1 at first."""
        seen = [pm.logp(v, model.rvs_to_values[v], warn_rvs=False) for v in model.observed_RVs]
        with model:
            power = pm.Data("likelihood__power", 1.0)
            whole = sum(term.sum() for term in (*seen, *model.potentials))
            pm.Potential("likelihood_raised", (power - 1.0) * whole)
        super().__init__(model, posterior)

    def power_scaled(self, power: float, sampling: Sampling, seed: int) -> xr.DataTree:
        """Posterior with the likelihood to `power`, of what data inform."""
        return self.sampled({"likelihood__power": np.array(power)}, sampling, seed)


def log_likelihood(model: pm.Model, posterior: xr.Dataset) -> xr.DataArray:
    """Log density (chain, draw) of everything observed in `model` at kept draws.

    Potentials count as likelihood, since the blocks integrate states out by hand; the laws between
    top-level priors and region effects do not.
    """
    plain = remove_value_transforms(drop_variables(model, prior_only_variables(model)))
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

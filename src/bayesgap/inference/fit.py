"""Compile once, sample, refit with new data; draws from the prior alone."""

import ctypes
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import nutpie
import pandas as pd
import pymc as pm
import xarray as xr
from nutpie.compiled_pyfunc import from_pyfunc

from bayesgap.inference.compiled import Compiled, Density, compile_model
from bayesgap.inference.coordinates import Floats
from bayesgap.inference.diagnostics import Verdict, converged
from bayesgap.inference.separate import drop_variables, prior_only_variables, separated
from bayesgap.inference.telling import COMPILING, SAMPLING, is_heard, listener, part, tell
from bayesgap.study.study import Sampling

FEWEST = 20  # draws a chain that coordinates are learnt from, however short the tuning
BOLD, SHORT, LONG = 0.8, 4, 10  # acceptance and doublings of a path while they are learnt; after
STEADIER = 0.97, 0.99  # target acceptance of later attempts, which are tuned twice as long
CHEAP, MORE, CALM = 40, 2, 0.9  # up to so many dimensions: more draws, and steps as small as this
PILOT = 0.2  # share of the time of a part's sampling, for the time left only
Attempt = Callable[[Sampling], xr.DataTree]
FIXED = 20  # a part costs as much as its dimensions and so many more, for the time left only
logging.getLogger("pymc.sampling.forward").setLevel(logging.WARNING)  # it lists every variable


def sample_compiled(
    compiled: Compiled,
    sampling: Sampling,
    seed: int,
    data: Mapping[str, Any] | None = None,
    cores: int = 1,
) -> xr.DataTree:
    """Sample a compiled model, after exchanging `data` (names of `pm.Data`) if given.

    Returns
    -------
    DataTree with groups `posterior` (one draw of every `thin`) and `sample_stats` (of every draw).
    """
    given = compiled.with_data(data or {})
    points, stats = sampled_points(given, sampling, seed, cores)
    kept = points[:, sampling.thin - 1 :: sampling.thin]
    posterior = given.variables(kept)
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def sample_standardised(
    compiled: Compiled, sampling: Sampling, seed: int, cores: int = 1
) -> xr.DataTree:
    """`sample_compiled` in coordinates that standardise the first draws of the tuning.

    The sampler's own tuning knows spreads only. A quarter of it goes by, correlations are learnt
    from the next quarter, and the rest tunes the sampler in the new coordinates. Short paths do
    until then: steps are as many as the worst direction asks for. Points of few dimensions cost
    next to nothing: `MORE` times the draws are made there, and thinned.
    """
    quarter = max(FEWEST, sampling.tune // 4)
    first = {"draws": quarter, "tune": quarter, "thin": 1, "target_accept": BOLD}
    pilot = sampling.model_copy(update=first)
    with part(PILOT, 1 - PILOT):
        points, _ = sampled_points(compiled, pilot, seed, cores, depth=SHORT)
    near = compiled.near(points.reshape(-1, compiled.size))
    with part(1 - PILOT):
        return _sample_near(near, sampling, seed, cores)


def _sample_near(near: Compiled, sampling: Sampling, seed: int, cores: int) -> xr.DataTree:
    """`sample_standardised` after its first half of the tuning."""
    rest = sampling.model_copy(update={"tune": max(1, sampling.tune // 2)})
    if near.size > CHEAP:
        return sample_compiled(near, rest, seed, cores=cores)
    calm = {"thin": MORE * rest.thin, "target_accept": max(CALM, rest.target_accept)}
    tree = sample_compiled(near, rest.model_copy(update=calm), seed, cores=cores)
    stats = _shortened(tree["sample_stats"].to_dataset(), MORE)
    return tree.assign({"sample_stats": xr.DataTree(stats)})


def _shortened(stats: xr.Dataset, more: int) -> xr.Dataset:
    """Statistics of one draw in `more`: a draw diverges if one of those before it did.

    The others are of the last draws in a row, since BFMI compares neighbours.
    """
    number = stats.sizes["draw"] // more
    flags = stats["diverging"].coarsen(draw=more).any()
    last = stats.isel(draw=slice(-number, None)).assign_coords(draw=range(number))
    return last.assign(diverging=flags.assign_coords(draw=range(number)))


def sampled_points(
    compiled: Compiled, sampling: Sampling, seed: int, cores: int = 1, depth: int = LONG
) -> tuple[Floats, xr.Dataset]:
    """Points (chain, draw, dimension) in the sampler's coordinates, and its statistics."""
    law = from_pyfunc(
        ndim=compiled.size,
        make_logp_fn=partial(density_of_thread, compiled),
        make_expand_fn=lambda *_: lambda point: {"point": point},
        make_initial_point_fn=compiled.start,
        expanded_names=["point"],
        expanded_shapes=[(compiled.size,)],
        expanded_dtypes=[np.dtype(float)],
    )
    tree = nutpie.sample(
        law,
        draws=sampling.draws * sampling.thin,
        tune=sampling.tune,
        chains=sampling.chains,
        cores=cores,
        seed=seed,
        target_accept=sampling.target_accept,
        maxdepth=depth,
        progress_bar=False,
        progress_callback=_teller() if is_heard() else None,
        progress_rate=500,
        save_warmup=False,
    )
    return tree["posterior"]["point"].to_numpy(), tree["sample_stats"].to_dataset()


def density_of_thread(compiled: Compiled) -> Density:
    """Log density for the calling thread, which Python knows from now on until it ends.

    Python would make a state for a thread of the sampler anew at every call, which takes several
    times as long as a call of few dimensions.
    """
    ctypes.pythonapi.PyGILState_Ensure()
    return compiled.log_density()


def _teller() -> Callable[[Sequence[Any]], None]:
    """What nutpie calls twice a second, from a thread of its own, with how far its chains are."""
    hear = listener()

    def count(chains: Sequence[Any]) -> None:
        done = sum(chain.finished_draws for chain in chains)
        hear(SAMPLING, 1 - done / max(1, sum(chain.total_draws for chain in chains)))

    return count


def fit(
    model: pm.Model, sampling: Sampling, seed: int, cores: int = 1, bar: Verdict | None = None
) -> xr.DataTree:
    """Posterior of `model`: a DataTree with groups `posterior` and `sample_stats`.

    Variables that no data inform keep their prior: they are drawn from it, not sampled. Parts
    that share no parameter are sampled apart, each in steps of its own, and again where draws
    diverge or, if a `bar` is named, chains do not reach it (`fit_with_retry`). Statistics of
    several parts have a first dim `part`.
    """
    tell(COMPILING)
    names = prior_only_variables(model)
    seen = drop_variables(model, names)
    pieces = separated(seen) if sampling.sampler == "nutpie" else [seen]
    seeds = np.random.SeedSequence(seed).generate_state(len(pieces))
    attempts = [
        _attempts(piece, sampling.sampler, int(own), cores)
        for piece, own in zip(pieces, seeds, strict=True)
    ]
    tell(SAMPLING)
    fits, costs = [], [FIXED + size for size, _ in attempts]
    for i, (_, attempt) in enumerate(attempts):
        with part(costs[i] / sum(costs), sum(costs[i + 1 :]) / sum(costs)):
            fits.append(fit_with_retry(attempt, sampling, bar))
    drawn = [forward_draws(model, names, sampling, seed)] if names else []
    posterior = xr.merge([*(one["posterior"].to_dataset() for one in fits), *drawn])
    stats = [one["sample_stats"].to_dataset() for one in fits]
    whole = stats[0] if len(stats) == 1 else xr.concat(stats, "part")
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": whole})


def fit_with_retry(attempt: Attempt, sampling: Sampling, bar: Verdict | None = None) -> xr.DataTree:
    """An attempt without a divergence, sampled once more where its chains do not reach `bar`.

    Then with twice the tuning and draws, of which every second is kept.
    """
    found = _undiverged(attempt, sampling)
    if bar is None or converged(found["posterior"].to_dataset(), bar):
        return found
    longer = {"tune": 2 * sampling.tune, "thin": 2 * sampling.thin}
    with part(2.0):
        again = _undiverged(attempt, sampling.model_copy(update=longer))
    if diverged(again) > diverged(found):
        return found
    stats = _shortened(again["sample_stats"].to_dataset(), 2)
    return again.assign({"sample_stats": xr.DataTree(stats)})


def _undiverged(attempt: Attempt, sampling: Sampling) -> xr.DataTree:
    """First attempt without a divergence, in ever smaller steps; if none is, that of fewest."""
    made = [attempt(sampling)]
    for accept in STEADIER:
        if diverged(made[-1]) and accept > sampling.target_accept:
            smaller = {"target_accept": accept, "tune": 2 * sampling.tune}
            made.append(attempt(sampling.model_copy(update=smaller)))
    return min(made, key=diverged)


def diverged(tree: xr.DataTree) -> int:
    """Draws of a fit that diverged, those that thinning left out too."""
    return int(tree["sample_stats"]["diverging"].sum())


def _attempts(model: pm.Model, sampler: str, seed: int, cores: int) -> tuple[int, Attempt]:
    """Dimensions of `model`, and what samples it, compiled once, as often as it is called.

    Numba makes the code at its first call, which belongs to the compiling.
    """
    if sampler == "nutpie":
        compiled = compile_model(model)
        compiled.log_density()(compiled.middle)
        size = compiled.size
        return size, lambda sampling: sample_standardised(compiled, sampling, seed, cores=cores)
    return 0, lambda sampling: _by_pymc(model, sampling, seed, cores)


def _by_pymc(model: pm.Model, sampling: Sampling, seed: int, cores: int) -> xr.DataTree:
    with model:
        tree = pm.sample(
            draws=sampling.draws * sampling.thin,
            tune=sampling.tune,
            chains=sampling.chains,
            cores=cores,
            random_seed=seed,
            target_accept=sampling.target_accept,
            progressbar=False,
        )
    return thinned(tree, sampling.thin)


def thinned(tree: xr.DataTree, thin: int) -> xr.DataTree:
    """Posterior with one draw of every `thin`; statistics of the sampler stay whole."""
    posterior = tree["posterior"].to_dataset()
    names = [name for name in posterior.data_vars if str(name).endswith("__")]
    kept = posterior.drop_vars(names).isel(draw=slice(thin - 1, None, thin))
    kept = kept.assign_coords(draw=range(kept.sizes["draw"]))
    return xr.DataTree(
        children={"posterior": xr.DataTree(kept), "sample_stats": tree["sample_stats"].copy()}
    )


def forward_draws(
    model: pm.Model, names: Sequence[str], sampling: Sampling, seed: int
) -> xr.Dataset:
    """Draws (chain, draw) of unseen variables, as many as of the others."""
    number = sampling.chains * sampling.draws
    drawn = prior_draws(model, number, seed, names).to_dataset().isel(chain=0, drop=True)
    folded = pd.MultiIndex.from_product(
        [range(sampling.chains), range(sampling.draws)], names=["chain", "draw"]
    )
    index = xr.Coordinates.from_pandas_multiindex(folded, "sample")
    return drawn.rename(draw="sample").drop_vars("sample").assign_coords(index).unstack("sample")


def prior_draws(
    model: pm.Model, draws: int, seed: int, names: Sequence[str] | None = None
) -> xr.DataTree:
    """Draws (chain = 1, draw) of every variable from the prior alone, likelihood left out."""
    every = [v.name for v in model.free_RVs + model.deterministics]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Pp]otential.*", category=UserWarning)
        tree = pm.sample_prior_predictive(
            draws,
            model=model,
            random_seed=seed,
            var_names=every if names is None else list(names),
            compile_kwargs={"mode": "FAST_COMPILE"},
        )
    return xr.DataTree(tree["prior"].to_dataset())

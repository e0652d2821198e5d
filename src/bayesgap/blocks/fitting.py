"""The blocks of the model: their panels, their posteriors, fitted side by side in processes.

Blocks share no parameters, so they are fitted apart (docs/adr/0003).
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from bayesgap.blocks.block import PanelBuilder
from bayesgap.blocks.registry import BLOCKS, block_of
from bayesgap.inference.diagnostics import Verdict
from bayesgap.inference.following import followed
from bayesgap.inference.processes import Workers, say, workers
from bayesgap.inference.telling import COMPILING, ENDING, LOADING, heard_by, tell
from bayesgap.inference.time_left import DONE, Said, TimeLeft, TimeReport
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options, Sampling, Study

ENOUGH = 2000  # draws; chains of fewer may miss the bars of PASS without being at odds
PRIOR_DRAWS = 1000  # one chain; a variance within 5 % is enough for contraction


def build_panel(
    tables: Mapping[str, pd.DataFrame],
    study: Study,
    builders: Mapping[str, PanelBuilder] | None = None,
) -> xr.DataTree:
    """Validated observations of every block, one child a block; `builders` in place of theirs."""
    usual = {name: block.panel for name, block in BLOCKS.items()}
    whole = usual | dict(builders or {})
    return xr.DataTree.from_dict({name: build(tables, study) for name, build in whole.items()})


def fit_block(
    block: str,
    panel: xr.Dataset,
    priors: BlockPriors,
    options: Options,
    sampling: Sampling,
    seed: int,
    cores: int = 1,
) -> xr.DataTree:
    """Posterior of one block; a function of its arguments only, so it runs in any process.

    Parts whose chains disagree (R-hat) or say too little (effective draws) are sampled once more;
    of a few draws no more is asked than that health does not say FAIL. One thread of linear
    algebra: how many there are changes the last digit of a sum, and a chain that starts a digit
    apart ends elsewhere.
    """
    tell(LOADING)
    from bayesgap.inference import fit as sampler

    entropy, prior_entropy = map(int, block_seed(seed, block).generate_state(2))
    steps = {"target_accept": max(sampling.target_accept, block_of(block).accept)}
    sampling = sampling.model_copy(update=steps)
    with threadpool_limits(1):
        law = block_of(block).law()
        tell(COMPILING)
        model = law.build(panel, priors, options)
        bar: Verdict = "PASS" if sampling.chains * sampling.draws >= ENOUGH else "REVIEW"
        posterior = sampler.fit(model, sampling, seed=entropy, cores=cores, bar=bar)
        tell(ENDING, 0.0)
        posterior["prior"] = sampler.prior_draws(model, PRIOR_DRAWS, seed=prior_entropy)
    return posterior


def residuals_of(
    posterior: Mapping[str, xr.DataTree], panel: xr.DataTree
) -> dict[str, xr.DataArray]:
    """Yearly national residuals (chain, draw, year) of every block that has such."""
    found: dict[str, xr.DataArray] = {}
    for name, tree in posterior.items():
        residuals = block_of(name).readers().residuals
        if residuals is not None:
            found |= residuals(tree["posterior"].to_dataset(), panel[name].to_dataset())
    return {name: series.transpose("chain", "draw", "year") for name, series in found.items()}


def _fit_saved(block: str, panels: Path, study: Study) -> xr.DataTree:
    panel = xr.load_dataset(panels, group=block, engine="h5netcdf")
    priors = block_priors(study, block)
    arguments = panel, priors, study.options, study.sampling, study.seed

    def hear(step: str, left: float) -> None:
        say(*Said(time.monotonic(), block, step, left))

    with heard_by(hear):
        tree = fit_block(block, *arguments)
        tell(DONE, 0.0)
    return tree


@contextmanager
def fitters(folder: Path | None = None, processes: int = 2) -> Iterator[Workers]:
    """Processes that fit blocks, loading what they need from now on; they write into `folder`."""
    with workers(processes, folder) as pool:
        for _ in range(processes):
            pool.submit(_load)
        yield pool


def _load() -> None:
    """Load what fits blocks, and let no later search for garbage look at it again."""
    from bayesgap.inference import fit  # noqa: F401 # pyright: ignore[reportUnusedImport]

    for block in BLOCKS.values():
        block.law()
    gc.collect()
    gc.freeze()


def fit_blocks(
    panel: xr.DataTree,
    study: Study,
    blocks: Sequence[str],
    keep: Callable[[str, xr.DataTree], None],
    pool: Workers,
    follow: Callable[[TimeReport], None] | None = None,
) -> None:
    """Fit `blocks` in the processes of `pool` and hand each posterior to `keep` as it is ready.

    The longest comes first. Workers read the panel from a file and leave Ctrl-C to this process:
    pipes that are still full when a run is stopped end in tracebacks. They go when all is done.
    `follow` hears twice a second what is done and how long the rest will take.
    """
    costs = {block: block_of(block).cost for block in blocks}
    ordered = sorted(blocks, key=lambda block: -costs[block].sampling)
    with TemporaryDirectory(dir=pool.folder) as folder:
        panels = Path(folder) / "panel.nc"
        panel.to_netcdf(panels, engine="h5netcdf")
        wanted = TimeLeft(ordered, costs, pool.number, time.monotonic(), study.sampling)
        with followed(pool.said, wanted, follow):
            waiting = {pool.submit(_fit_saved, block, panels, study): block for block in ordered}
            for future in as_completed(waiting):
                keep(waiting[future], future.result())
    pool.shutdown()

"""Components to a power for which weights failed: drawn or fitted again.

R1  a prior to a power is a prior of the same family (`prior_sets.powered`), so that its block is
    drawn or fitted again as under any other prior (V2, V3); all priors of a block at once likewise
R2  an assumed table's errors are normal and informed by no data: to a power they lie nearer to
    their centre by its square root, draw by draw
R3  a likelihood to a power: the block is fitted again with the power as data of its model
"""

import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import as_completed
from pathlib import Path

import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.runs.kept import Kept
from bayesgap.runs.run import SENSITIVITY, Run
from bayesgap.sensitivity.densities import table_law
from bayesgap.sensitivity.powerscale import DOUBLED, EVERY, LIKELIHOOD
from bayesgap.sensitivity.prior_shifts import (
    LARGE,
    MISSED,
    WHOLE,
    Fresh,
    Setting,
    move_rows,
    paired_error,
    setting,
)
from bayesgap.sensitivity.sweep import enough, workers
from bayesgap.sensitivity.variance import flat
from bayesgap.sensitivity.variants import SAMPLING, Variant
from bayesgap.study.blocks import block_seed
from bayesgap.study.prior_sets import powered


def key(block: str, name: str) -> str:
    """Name of the file that keeps the result of a component: what it depends on besides the run."""
    text = repr((block, name, DOUBLED, SAMPLING))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def by_new_draws(
    run: Run, components: Sequence[tuple[str, str]], large: bool, processes: int
) -> dict[tuple[str, str], pd.DataFrame]:
    """Rows of components (block, name) by new draws where weights fail; those done are kept."""
    kept = Kept(run.path / SENSITIVITY / "power", run)
    found: dict[tuple[str, str], pd.DataFrame] = {}
    tasks: dict[str, list[str]] = {}
    for block, name in components:
        rows = kept.read(key(block, name))
        if rows is not None and enough(rows, large):
            found[block, name] = rows
        else:
            tasks.setdefault(block, []).append(name)
    if tasks:
        with workers(list(tasks), processes) as pool:
            waiting = [
                pool.submit(power_scaled_many, run.path, block, task, large)
                for block, task in tasks.items()
            ]
            for future in as_completed(waiting):
                for part, rows in future.result():
                    kept.write(key(*part), rows)
                    found[part] = rows
    return found


def power_scaled_many(
    folder: Path, block: str, names: Sequence[str], large: bool
) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of components of one block: a task for one process, which compiles few models."""
    return [((block, name), power_scaled(folder, block, name, large)) for name in names]


def power_scaled(folder: Path, block: str, name: str, large: bool) -> pd.DataFrame:
    """How the gap moves with component `name` of `block` doubled, by R1-R3.

    Parameters
    ----------
    folder : run folder
    large : whether large blocks may be fitted again

    Returns
    -------
    One row a quantity, as `moves.move_rows`, with method, reached, error, rhat, refit_seconds,
    seconds
    """
    held = setting(folder)
    start = time.perf_counter()
    fresh = _fresh(held, block, name, large)
    base = gap = held.base
    if fresh.draws is not None:
        if name == EVERY or name in held.priors[block]:
            base = held.base_of([block])
        gap = flat(held.game.with_blocks({block: fresh.draws}).gap(WHOLE))
    variant = Variant(f"{block}.{name}", None, {})
    return move_rows(variant, held.names, base, gap, None).assign(
        method=fresh.method,
        reached=fresh.answers,
        error=paired_error(base, gap),
        rhat=fresh.rhat,
        refit_seconds=fresh.seconds,
        seconds=time.perf_counter() - start,
    )


def _fresh(held: Setting, block: str, name: str, large: bool) -> Fresh:
    if name in block_of(block).assumed:
        return Fresh(_nearer(held, block, name), "drawn again", 0.0)
    if name == LIKELIHOOD:
        return _likelihood(held, block) if large or block not in LARGE else MISSED
    priors = held.priors[block]
    new = {other: powered(priors[other], DOUBLED) for other in priors if name in (EVERY, other)}
    proper = {other: spec for other, spec in new.items() if spec is not None}
    if len(proper) < len(new):
        return Fresh(None, "not a density to that power", 0.0)
    return held.fresh(block, proper, large)


def _likelihood(held: Setting, block: str) -> Fresh:
    model = held.power_scaled(block)
    model.compile()
    seed = int(block_seed(held.study.seed + 6, block).generate_state(1)[0])
    apart = held.posterior[block][model.prior_only_variables]
    return held.refitted(block, lambda sampling: model.power_scaled(DOUBLED, sampling, seed), apart)


def _nearer(held: Setting, block: str, name: str) -> xr.Dataset:
    draws = held.posterior[block]
    centre, _ = table_law(block, name, held.panel[block].to_dataset())
    values = draws[name].transpose("chain", "draw", ...)
    nearer = centre.to_numpy() + (values - centre.to_numpy()) * DOUBLED**-0.5
    return draws.assign({name: nearer})

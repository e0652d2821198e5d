"""Many variants of the priors at once, on this machine's processes or on a cluster's.

Each answer is kept as soon as it is there, so that a sweep that was stopped goes on.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import AbstractContextManager, contextmanager
from itertools import batched

import pandas as pd

from bayesgap.errors import StudyError
from bayesgap.inference.processes import workers as local_workers
from bayesgap.runs.kept import Kept, write_table
from bayesgap.runs.run import SENSITIVITY, Run
from bayesgap.schema import BLOCKS
from bayesgap.sensitivity.prior_shifts import moved_many, weighed, weighed_rows
from bayesgap.sensitivity.tables import measured
from bayesgap.sensitivity.variance import last_gap
from bayesgap.sensitivity.variants import Variant, variants_of
from bayesgap.study.blocks import block_priors

TOGETHER = 4  # variants a task: what a killed sweep loses at most, per process
Keep = Callable[[str, pd.DataFrame], None]


def sweep(
    run: Run, wanted: Sequence[str], large: bool, processes: int, scheduler: str | None
) -> pd.DataFrame:
    """Rows of every variant asked for, by weights or by refits; those done before are kept.

    Parameters
    ----------
    wanted : words of `--priors`
    large : whether large blocks may be fitted again
    scheduler : address of a Dask scheduler; processes of this machine if None
    """
    priors = {block: block_priors(run.study, block) for block in BLOCKS}
    kept, found = Kept(run.path / SENSITIVITY / "moves", run), {}
    every = variants_of(priors, wanted)
    for variant in every:
        rows = kept.read(variant.key)
        if rows is not None and enough(rows, large):
            found[variant.key] = rows

    def keep(key: str, rows: pd.DataFrame) -> None:
        kept.write(key, rows)
        found[key] = rows

    rest = by_weights([variant for variant in every if variant.key not in found], run, keep)
    if rest:
        with workers(rest, processes, scheduler) as pool:
            by_refits(rest, run, large, pool, keep)
    rows = measured(pd.concat([found[variant.key] for variant in every], ignore_index=True))
    write_table(run, "moves.csv", rows)
    return rows


def enough(rows: pd.DataFrame, large: bool) -> bool:
    """Whether kept rows will do: all were answered, or no more may be fitted than before."""
    return bool(rows["reached"].all()) or not large


def by_weights(variants: Sequence[Variant], run: Run, keep: Keep) -> list[Variant]:
    """Answer by weights what can be, and give back the rest."""
    if not variants:
        return []
    priors = {block: block_priors(run.study, block) for block in BLOCKS}
    gap, names = last_gap(run)
    rest = []
    for variant in variants:
        start = time.perf_counter()
        weights = weighed(variant, run.draws, priors)
        if weights.good:
            spent = time.perf_counter() - start
            keep(variant.key, weighed_rows(variant, names, gap, weights, spent))
        else:
            rest.append(variant)
    return rest


def tasks(variants: Sequence[Variant]) -> Iterator[list[Variant]]:
    """Variants of the same blocks together, so that a process compiles few models."""
    apart: dict[tuple[str, ...], list[Variant]] = {}
    for variant in variants:
        apart.setdefault(tuple(variant.changed), []).append(variant)
    for same in apart.values():
        for group in batched(same, TOGETHER):
            yield list(group)


def by_refits(
    variants: Sequence[Variant], run: Run, large: bool, pool: Executor, keep: Keep
) -> None:
    """Answer variants by new draws in the processes of `pool`, each kept as it is ready."""
    waiting = [pool.submit(moved_many, run.path, task, large) for task in tasks(variants)]
    for future in as_completed(waiting):
        for key, rows in future.result():
            keep(key, rows)


def workers(
    todo: Sequence[object], processes: int, scheduler: str | None = None
) -> AbstractContextManager[Executor]:
    """Processes of this machine, no more than there is to do, or those of a Dask cluster."""
    if scheduler is None:
        return local_workers(max(1, min(processes, len(todo))))
    return on_cluster(scheduler)


@contextmanager
def on_cluster(scheduler: str) -> Iterator[Executor]:
    """Workers of the Dask cluster whose scheduler has this address.

    Raises
    ------
    StudyError
        No Dask here, or no scheduler there.
    """
    try:
        from distributed import Client  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise StudyError(
            "--scheduler must have the extra `cluster`; found no Dask here. Install it with "
            "`pip install 'bayesgap[cluster]'`."
        ) from None
    try:
        client = Client(scheduler)
    except (OSError, ValueError) as failed:
        raise StudyError(
            f"--scheduler must be the address of a Dask scheduler; {scheduler} does not answer: "
            f"{failed}"
        ) from None
    with client, client.get_executor() as pool:
        yield pool

"""Command on what other priors would do to the gap: sensitivity."""

import time
from concurrent.futures import as_completed
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, RunArgument, app, health_of, run_folder
from bayesgap.cli.uncertainty import FOLDER, split_tables, years_of
from bayesgap.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    import numpy as np
    import pandas as pd
    import xarray as xr

    from bayesgap.report.sensitivity_page import Findings
    from bayesgap.store import Run


@app.command()
def sensitivity(
    run: RunArgument = None,
    priors: Annotated[
        str,
        typer.Option(help="`all`, or names with commas: block.prior, prior sets, .toml files."),
    ] = "all",
    region: Annotated[str | None, typer.Option(help="One region; their sum if none.")] = None,
    quantity: Annotated[
        str, typer.Option(help="`all`, a level or an education group, of the gap.")
    ] = "all",
    large: Annotated[
        bool, typer.Option("--large", help="Fit large blocks again too, where weights fail.")
    ] = False,
    processes: Annotated[
        int, typer.Option(min=1, show_default="all cores", help="Processes of this machine.")
    ] = cpu_count() or 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (extra `cluster`).")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write the whole page, with `uncertainty`, here.")
    ] = None,
    chunks: Annotated[
        int | None, typer.Option(min=1, help="Chunks of draws for `uncertainty` on the page.")
    ] = None,
    refits: Annotated[
        int, typer.Option(help="For the page: refits with assumed inputs told, and of each look.")
    ] = 0,
    debug: Debug = False,
) -> None:
    """Tell how other priors would move the gap; a stopped call goes on where it was."""
    from bayesgap.analysis.sensitivity.variance import PARTS
    from bayesgap.report import sensitivity as report
    from bayesgap.report.prior_pictures import moves_picture, save
    from bayesgap.report.sensitivity_page import write_page
    from bayesgap.store import run_study_spec

    start = time.perf_counter()
    folder = run_folder(run)
    study = run_study_spec(folder)
    where = region or study.total
    if where not in (*study.targets, study.total):
        raise StudyError(f"--region must be one of {[*study.targets, study.total]}; found {where}.")
    if quantity not in PARTS:
        raise StudyError(f"--quantity must be one of {', '.join(PARTS)}; found {quantity}.")
    rows = moves(folder, priors.split(","), large, processes, scheduler)
    chosen = report.ranked(rows, where, quantity)
    typer.echo(f"Health: {health_of(folder).verdict}. Run {folder.id}.\n")
    typer.echo(f"Gap of {where}, {quantity}, {study.horizon}: {report.counted(chosen)}.\n")
    typer.echo("\n".join(report.moves_table(chosen)))
    picture = folder.path / FOLDER / "sensitivity.svg"
    save(picture, lambda: moves_picture(chosen, where, study.horizon))
    typer.echo(f"\nPicture: {picture}\nEvery quantity: {folder.path / FOLDER / 'moves.csv'}")
    if page is not None:
        found = findings(folder, rows, where, chunks, large, start)
        if refits:
            rows = found.gains[found.gains["region"] == where]
            looked = told(folder, rows, refits, processes)
            found = found._replace(told=looked, seconds=time.perf_counter() - start)
        write_page(page, found)
        typer.echo(f"Page: {page}")


def moves(
    run: "Run", wanted: "Sequence[str]", large: bool, processes: int, scheduler: str | None
) -> "pd.DataFrame":
    """Rows of every variant asked for, by weights or by refits; refits done before are kept."""
    import pandas as pd

    from bayesgap.analysis.blocks import BLOCKS, block_priors
    from bayesgap.analysis.sensitivity.sweep import by_refits, by_weights
    from bayesgap.analysis.sensitivity.variance import columns
    from bayesgap.analysis.sensitivity.variants import variants_of
    from bayesgap.report.sensitivity import measured
    from bayesgap.store import run_study_spec, write_whole

    study = run_study_spec(run)
    every = variants_of({block: block_priors(study, block) for block in BLOCKS}, wanted)
    kept = run.path / FOLDER / "moves"
    kept.mkdir(parents=True, exist_ok=True)
    found: dict[str, pd.DataFrame] = {}

    def keep(key: str, rows: pd.DataFrame) -> None:
        write_whole(kept / f"{key}.parquet", lambda path: rows.to_parquet(path, index=False))
        found[key] = rows

    for variant in every:
        path = kept / f"{variant.key}.parquet"
        rows = pd.read_parquet(path) if path.exists() else None
        if rows is not None and (rows["reached"].all() or not large):
            found[variant.key] = rows
    missing = [variant for variant in every if variant.key not in found]
    if missing:
        posterior, gap = draws_of(run, "posterior"), gap_of(run)
        names = columns([*study.targets, study.total], [study.horizon])
        clock = time.perf_counter
        rest = by_weights(missing, posterior, gap, names, study, clock, keep)
        if rest:
            with workers(rest, processes, scheduler) as pool:
                by_refits(rest, run.path, study, large, pool, keep)
    rows = measured(pd.concat([found[variant.key] for variant in every], ignore_index=True))
    write_whole(run.path / FOLDER / "moves.csv", lambda path: rows.to_csv(path, index=False))
    return rows


def draws_of(run: "Run", group: str) -> "dict[str, xr.Dataset]":
    """Draws of every block: of its `posterior` or its `prior`."""
    from bayesgap.store import read_blocks

    return {name: tree[group].to_dataset() for name, tree in read_blocks(run).items()}


def gap_of(run: "Run") -> "np.ndarray":
    """The gap (draw, quantity) of the last year."""
    from bayesgap.analysis.sensitivity.variance import flat
    from bayesgap.store import read_outlook, run_study_spec

    study = run_study_spec(run)
    return flat(read_outlook(run)["gap"].sel(region=list(study.targets), year=[study.horizon]))


def workers(
    rest: "Sequence[object]", processes: int, scheduler: str | None
) -> "AbstractContextManager[Executor]":
    """Processes of this machine, or those of a Dask cluster."""
    from bayesgap.analysis.processes import workers as local

    if scheduler is None:
        return local(max(1, min(processes, len(rest))))
    try:
        from distributed import Client  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise StudyError(
            "--scheduler must have the extra `cluster`; found no Dask here. Install it with "
            "`pip install 'bayesgap[cluster]'`."
        ) from None
    return Client(scheduler).get_executor()


def findings(
    run: "Run", rows: "pd.DataFrame", region: str, chunks: int | None, large: bool, start: float
) -> "Findings":
    """Everything that the page says."""
    from bayesgap.analysis.blocks import BLOCKS, block_priors
    from bayesgap.analysis.sensitivity import value
    from bayesgap.analysis.sensitivity.variance import columns
    from bayesgap.report.sensitivity_page import Findings
    from bayesgap.store import run_study_spec

    study = run_study_spec(run)
    inputs, origins, draws = split_tables(run, years_of(run, None), chunks)
    posterior, prior, gap = draws_of(run, "posterior"), draws_of(run, "prior"), gap_of(run)
    named = {block: block_priors(study, block) for block in BLOCKS}
    names = columns([*study.targets, study.total], [study.horizon])
    whole = names.get_locs([slice(None), slice(None), "all"])
    power = powered(run, posterior, gap, region, large)
    sources = value.sources(posterior, named)
    summed = power[(power["region"] == region) & (power["part"] == "all")]
    agreement, times = checked(run, rows, summed, large)
    return Findings(
        run=run.id,
        verdict=str(health_of(run).verdict),
        study=study,
        region=region,
        draws=draws,
        inputs=inputs,
        origins=origins,
        moves=rows,
        power=power,
        assumed=names.to_frame(index=False).assign(share=value.assumed_share(sources, gap)),
        gains=value.measure_next(sources, gap[:, whole], names[whole], prior, posterior),
        twice=value.data_twice(posterior, prior, gap[:, whole], names[whole]),
        agreement=agreement,
        times=times,
        seconds=time.perf_counter() - start,
    )


def powered(
    run: "Run",
    posterior: "Mapping[str, xr.Dataset]",
    gap: "np.ndarray",
    region: str,
    large: bool,
) -> "pd.DataFrame":
    """Power-scaling of priors, tables and likelihoods for every region and each part of one."""
    import numpy as np
    import pandas as pd

    from bayesgap.analysis.blocks import BLOCKS, block_priors
    from bayesgap.analysis.sensitivity import checks, moves, powerscale
    from bayesgap.analysis.sensitivity.variance import columns
    from bayesgap.store import read_tree, run_study_spec, write_whole

    study = run_study_spec(run)
    text = study.model_dump_json()
    names = columns([*study.targets, study.total], [study.horizon])
    named = {block: block_priors(study, block) for block in BLOCKS}
    parts = powerscale.components(posterior, read_tree(run, "panel.nc"), named)
    whole = names.get_locs([slice(None), slice(None), "all"])
    wanted = np.union1d(whole, names.get_locs([region]))
    scaled = [powerscale.scaled(part, gap[:, wanted], names[wanted]) for part in parts]
    held = moves.setting(run.path, text)
    for block in BLOCKS:
        if block in moves.LARGE and not large:
            continue
        log = checks.likelihood_log(run.path, text, block)
        part = powerscale.Component(block, "data", "likelihood", log)
        scaled.append(powerscale.scaled(part, held.base[:, wanted], held.names[wanted]))
    rows = pd.concat(scaled, ignore_index=True)
    write_whole(run.path / FOLDER / "power.csv", lambda path: rows.to_csv(path, index=False))
    return rows


def told(run: "Run", gains: "pd.DataFrame", refits: int, processes: int) -> "pd.DataFrame":
    """What is gone from the variance when inputs are told, by refits; those done are kept."""
    import numpy as np
    import pandas as pd

    from bayesgap.analysis.propagate import CHUNK
    from bayesgap.analysis.sensitivity import told as law
    from bayesgap.store import run_study_spec, write_whole

    study = run_study_spec(run)
    kept = run.path / FOLDER / "told"
    kept.mkdir(parents=True, exist_ok=True)
    places = np.linspace(0, study.sampling.chains * CHUNK - 1, refits).astype(int).tolist()
    tasks = [(look, place) for look in law.looks_of(study, gains) for place in places]
    paths = [kept / f"{look.key}-{place}.parquet" for look, place in tasks]
    missing = [(*task, path) for task, path in zip(tasks, paths, strict=True) if not path.exists()]
    if missing:
        text = study.model_dump_json()
        with workers(missing, processes, None) as pool:
            waiting = {pool.submit(law.left, run.path, text, *m[:2]): m[2] for m in missing}
            for future in as_completed(waiting):
                rows, path = future.result(), waiting[future]
                write_whole(path, lambda p, rows=rows: rows.to_parquet(p, index=False))
    return law.share_gone(pd.concat(map(pd.read_parquet, paths), ignore_index=True))


def checked(run: "Run", rows: "pd.DataFrame", power: "pd.DataFrame", large: bool) -> tuple:
    """Weights against refits, and `pm.sample` against ours: large blocks only if `large`."""
    import pandas as pd

    from bayesgap.analysis.blocks import BLOCKS
    from bayesgap.analysis.sensitivity import checks
    from bayesgap.analysis.sensitivity.moves import LARGE
    from bayesgap.report.sensitivity import measured
    from bayesgap.store import run_study_spec

    text = run_study_spec(run).model_dump_json()
    blocks = [block for block in BLOCKS if large or block not in LARGE]
    both = checks.agreement(run.path, text, power, blocks)
    times = checks.refit_times(run.path, text, rows, blocks)
    return measured(pd.concat(both, ignore_index=True)), times

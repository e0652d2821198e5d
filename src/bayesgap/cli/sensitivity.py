"""Command on what other priors would do to the gap: sensitivity."""

import time
from concurrent.futures import as_completed
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap import schema
from bayesgap.cli.common import Debug, RunArgument, app, health_of, run_folder, study_of
from bayesgap.cli.uncertainty import FOLDER, split_tables, years_of
from bayesgap.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    import numpy as np
    import pandas as pd
    import xarray as xr

    from bayesgap.runs.store import Run
    from bayesgap.sensitivity.page import Findings
    from bayesgap.study.study import Study


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
    only: Annotated[
        str | None,
        typer.Option(
            help="Make only these sections of a page anew: power, checks, or power,checks."
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Tell how other priors would move the gap; a stopped call goes on where it was."""
    start = time.perf_counter()
    folder = run_folder(run)
    study = study_of(folder)
    where = region_of(study, region, quantity)
    require_words(study, priors.split(","), only)

    from bayesgap.sensitivity import tables as report
    from bayesgap.sensitivity.figures import moves_picture, save
    from bayesgap.sensitivity.page import write_page

    rows = moves(folder, priors.split(","), large, processes, scheduler)
    typer.echo(f"Health: {health_of(folder).verdict}. Run {folder.id}.\n")
    if only is not None:
        remade(folder, rows, where, only.split(","), page, large, processes)
        return
    chosen = report.ranked(rows, where, quantity)
    typer.echo(f"Gap of {where}, {quantity}, {study.horizon}: {report.counted(chosen)}.\n")
    typer.echo("\n".join(report.moves_table(chosen)))
    picture = folder.path / FOLDER / "sensitivity.svg"
    save(picture, lambda: moves_picture(chosen, where, study.horizon))
    typer.echo(f"\nPicture: {picture}\nEvery quantity: {folder.path / FOLDER / 'moves.csv'}")
    if page is not None:
        write_page(page, findings(folder, rows, where, chunks, large, refits, processes, start))
        typer.echo(f"Page: {page}")


def region_of(study: "Study", region: str | None, quantity: str) -> str:
    """Region asked for, or the sum of all; StudyError for an unknown region or quantity."""
    where = region or study.total
    if where not in (*study.targets, study.total):
        raise StudyError(f"--region must be one of {[*study.targets, study.total]}; found {where}.")
    if quantity not in schema.GAP_PARTS:
        known = ", ".join(schema.GAP_PARTS)
        raise StudyError(f"--quantity must be one of {known}; found {quantity}.")
    return where


def require_words(study: "Study", priors: "Sequence[str]", only: str | None) -> None:
    """StudyError for an unknown prior, prior set or section, before anything is loaded."""
    from bayesgap.sensitivity.variants import variants_of

    variants_of(study.priors, priors)
    unknown = sorted({*(only or "power").split(",")} - {"power", "checks"})
    if unknown:
        raise StudyError(f"--only must name power, checks or both; found {', '.join(unknown)}.")


def moves(
    run: "Run", wanted: "Sequence[str]", large: bool, processes: int, scheduler: str | None
) -> "pd.DataFrame":
    """Rows of every variant asked for, by weights or by refits; refits done before are kept."""
    import pandas as pd

    from bayesgap.runs.store import run_study_spec, write_whole
    from bayesgap.schema import BLOCKS
    from bayesgap.sensitivity.sweep import by_refits, by_weights
    from bayesgap.sensitivity.tables import measured
    from bayesgap.sensitivity.variance import columns
    from bayesgap.sensitivity.variants import variants_of
    from bayesgap.study.blocks import block_priors

    study = run_study_spec(run)
    every = variants_of({block: block_priors(study, block) for block in BLOCKS}, wanted)
    kept = run.path / FOLDER / "moves"
    kept.mkdir(parents=True, exist_ok=True)
    found: dict[str, pd.DataFrame] = {}

    def keep(key: str, rows: pd.DataFrame) -> None:
        write_whole(kept / f"{key}.parquet", lambda path: rows.to_parquet(path, index=False))
        found[key] = rows

    for variant in every:
        rows = kept_rows(kept / f"{variant.key}.parquet", large)
        if rows is not None:
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


def kept_rows(path: Path, large: bool) -> "pd.DataFrame | None":
    """Rows that an earlier call has kept, unless they say that nothing answered and `large` may."""
    import pandas as pd

    rows = pd.read_parquet(path) if path.exists() else None
    return rows if rows is not None and (rows["reached"].all() or not large) else None


def draws_of(run: "Run", group: str) -> "dict[str, xr.Dataset]":
    """Draws of every block: of its `posterior` or its `prior`."""
    from bayesgap.runs.store import read_blocks

    return {name: tree[group].to_dataset() for name, tree in read_blocks(run).items()}


def gap_of(run: "Run") -> "np.ndarray":
    """The gap (draw, quantity) of the last year."""
    from bayesgap.runs.store import read_outlook, run_study_spec
    from bayesgap.sensitivity.variance import flat

    study = run_study_spec(run)
    return flat(read_outlook(run)["gap"].sel(region=list(study.targets), year=[study.horizon]))


def workers(
    rest: "Sequence[object]", processes: int, scheduler: str | None
) -> "AbstractContextManager[Executor]":
    """Processes of this machine, or those of a Dask cluster."""
    from bayesgap.inference.processes import workers as local

    if scheduler is None:
        return local(max(1, min(processes, len(rest))))
    return on_cluster(scheduler)


@contextmanager
def on_cluster(scheduler: str) -> "Iterator[Executor]":
    """Workers of the Dask cluster whose scheduler has this address."""
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


def findings(
    run: "Run",
    rows: "pd.DataFrame",
    region: str,
    chunks: int | None,
    large: bool,
    refits: int,
    processes: int,
    start: float,
) -> "Findings":
    """Everything that the page says."""
    from bayesgap.runs.store import run_study_spec
    from bayesgap.schema import BLOCKS
    from bayesgap.sensitivity import value
    from bayesgap.sensitivity.page import Findings
    from bayesgap.sensitivity.variance import columns
    from bayesgap.study.blocks import block_priors

    study = run_study_spec(run)
    inputs, origins, draws = split_tables(run, years_of(study, None), chunks)
    posterior, prior, gap = draws_of(run, "posterior"), draws_of(run, "prior"), gap_of(run)
    named = {block: block_priors(study, block) for block in BLOCKS}
    names = columns([*study.targets, study.total], [study.horizon])
    whole = names.get_locs([slice(None), slice(None), "all"])
    power = powered(run, posterior, gap, region, large, processes)
    sources = value.sources(posterior, named)
    gains = value.measure_next(sources, gap[:, whole], names[whole], prior, posterior)
    mine = gains[gains["region"] == region]
    agreement, times = checked(run, rows, power, region, large)
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
        gains=gains,
        twice=value.data_twice(posterior, prior, gap[:, whole], names[whole]),
        agreement=agreement,
        times=times,
        told=told(run, mine, refits, processes) if refits else None,
        seconds=time.perf_counter() - start,
    )


def remade(
    run: "Run",
    rows: "pd.DataFrame",
    region: str,
    sections: "Sequence[str]",
    page: Path | None,
    large: bool,
    processes: int,
) -> None:
    """Sections of the page made anew: printed, and put in the place of those of `page` if given."""
    from bayesgap.sensitivity import page as report

    power = powered(run, draws_of(run, "posterior"), gap_of(run), region, large, processes)
    made = {"power": lambda: report.power_lines(power, region)}
    made["checks"] = lambda: report.check_lines(*checked(run, rows, power, region, large), region)
    for name in sections:
        lines = made[name]()
        typer.echo("\n".join(lines) + "\n")
        if page is not None:
            report.replace_section(page, lines)
            typer.echo(f"Page: {page}")


def powered(
    run: "Run",
    posterior: "Mapping[str, xr.Dataset]",
    gap: "np.ndarray",
    region: str,
    large: bool,
    processes: int,
) -> "pd.DataFrame":
    """Power-scaling of priors, tables and likelihoods for every region and each part of one."""
    import numpy as np
    import pandas as pd

    from bayesgap.runs.store import read_tree, run_study_spec, write_whole
    from bayesgap.schema import BLOCKS
    from bayesgap.sensitivity import checks, moves, powerscale
    from bayesgap.sensitivity.variance import columns
    from bayesgap.study.blocks import block_priors

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
        part = checks.likelihood(run.path, text, block)
        scaled.append(powerscale.scaled(part, held.base[:, wanted], held.names[wanted]))
    failed = [rows.iloc[0] for rows in scaled if not rows["reached"].all()]
    fresh = raised(run, [(row["block"], row["component"]) for row in failed], large, processes)
    rows = pd.concat(powerscale.answered(scaled, fresh), ignore_index=True)
    write_whole(run.path / FOLDER / "power.csv", lambda path: rows.to_csv(path, index=False))
    return rows


def raised(
    run: "Run", components: "Sequence[tuple[str, str]]", large: bool, processes: int
) -> "dict[tuple[str, str], pd.DataFrame]":
    """Rows of components (block, name) by new draws where weights fail; those done are kept."""
    from bayesgap.runs.store import run_study_spec, write_whole
    from bayesgap.sensitivity import raised as law

    kept = run.path / FOLDER / "power"
    kept.mkdir(parents=True, exist_ok=True)
    paths = {part: kept / f"{law.key(*part)}.parquet" for part in components}
    held = {part: kept_rows(path, large) for part, path in paths.items()}
    found = {part: rows for part, rows in held.items() if rows is not None}
    tasks: dict[str, list[str]] = {}
    for block, name in components:
        if (block, name) not in found:
            tasks.setdefault(block, []).append(name)
    if tasks:
        text = run_study_spec(run).model_dump_json()
        with workers(list(tasks), processes, None) as pool:
            waiting = [
                pool.submit(law.raised_many, run.path, text, block, task, large)
                for block, task in tasks.items()
            ]
            for future in as_completed(waiting):
                for part, rows in future.result():
                    write_whole(paths[part], lambda p, rows=rows: rows.to_parquet(p, index=False))
                    found[part] = rows
    return found


def told(run: "Run", gains: "pd.DataFrame", refits: int, processes: int) -> "pd.DataFrame":
    """What is gone from the variance when inputs are told, by refits; those done are kept."""
    import numpy as np
    import pandas as pd

    from bayesgap.projection.propagate import CHUNK
    from bayesgap.runs.store import run_study_spec, write_whole
    from bayesgap.sensitivity import told as law

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


def checked(
    run: "Run", rows: "pd.DataFrame", power: "pd.DataFrame", region: str, large: bool
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Weights against refits, and `pm.sample` against ours: large blocks only if `large`."""
    import pandas as pd

    from bayesgap.runs.store import run_study_spec
    from bayesgap.schema import BLOCKS
    from bayesgap.sensitivity import checks
    from bayesgap.sensitivity.moves import LARGE
    from bayesgap.sensitivity.tables import measured

    text = run_study_spec(run).model_dump_json()
    blocks = [block for block in BLOCKS if large or block not in LARGE]
    summed = power[(power["region"] == region) & (power["part"] == "all")]
    both = checks.agreement(run.path, text, summed, blocks)
    times = checks.refit_times(run.path, text, rows, blocks)
    return measured(pd.concat(both, ignore_index=True)), times

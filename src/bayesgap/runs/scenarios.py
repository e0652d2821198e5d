"""Scenarios in a run folder: effects on draws beside main, appended chunk by chunk, and their rows.

`scenarios/<name>.zarr` holds the difference to main of every draw, on the grid of the outlook, so
that main plus effect is the scenario and what a scenario does not touch takes no room.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from zarr.codecs import BloscCodec

from bayesgap.accounting.effects import added
from bayesgap.runs.run import MAIN, UNFINISHED, Run, read_soundly
from bayesgap.runs.run import SCENARIOS as FOLDER
from bayesgap.runs.store import GRID, is_whole, stamp, write_file, write_summary
from bayesgap.study.scenario_files import Plan

_HASH = "scenario_hash"


def is_done(run: Run, plan: Plan) -> bool:
    """Whether `plan`, as it is now, is in the run with its rows."""
    if not all(is_whole(run, f"{FOLDER}/{plan.name}.{end}") for end in ("zarr", "parquet")):
        return False
    return _attributes(run, plan.name).get(_HASH) == plan.hash


def _attributes(run: Run, name: str) -> dict[str, object]:
    found = run.effect_store(name)
    with read_soundly(found.root), xr.open_zarr(found, consolidated=False, chunks=None) as effect:
        return {str(key): value for key, value in effect.attrs.items()}


def on_grid(effect: xr.Dataset) -> xr.Dataset:
    """Effect rounded to 1/16 person; gap = demand - supply, and contributions add up to it.

    What rounding takes from the sum of contributions, at most a third of a person, goes to the
    first measure.
    """
    rounded = effect.map(lambda values: (np.round(values * GRID) / GRID).astype(np.float32))
    rounded["gap"] = rounded["demand"] - rounded["supply"]
    parts = rounded["contribution"]
    rest = rounded["gap"].isel(year=-1, drop=True) - parts.sum("measure")
    first = (parts["measure"] == parts["measure"][0]).astype(np.float32)
    rounded["contribution"] = (parts + first * rest).transpose(*parts.dims).astype(np.float32)
    return rounded


def append_effect(run: Run, plan: Plan, effect: xr.Dataset) -> None:
    """Add the draws of one chunk to the unfinished effect of `plan`."""
    folder = run.path / FOLDER
    folder.mkdir(exist_ok=True)
    path = _unfinished(run, plan)
    titles = {m.name: m.title for m in plan.measures}
    attributes = {**stamp(run), _HASH: plan.hash, "title": plan.title, "measures": str(titles)}
    whole = on_grid(effect).drop_encoding().assign_attrs(attributes)
    if path.exists():  # appending replaces the attributes, so they are written each time
        whole.to_zarr(path, append_dim="draw", zarr_format=3, consolidated=False)
        return
    codec = BloscCodec(cname="zstd", clevel=3, shuffle="shuffle")
    encoding = {
        str(key): {
            "compressors": [codec],
            "chunks": values.shape,
        }
        for key, values in whole.data_vars.items()
        if values.ndim
    }
    whole.to_zarr(path, zarr_format=3, consolidated=False, encoding=encoding)


def _unfinished(run: Run, plan: Plan) -> Path:
    return run.path / FOLDER / f"{UNFINISHED}{plan.name}.zarr"


def finish_scenario(run: Run, plan: Plan, rows: pd.DataFrame) -> None:
    """Put the effect of `plan` and its summary rows in place."""
    write_file(run, f"{FOLDER}/{plan.name}.parquet", lambda p: rows.to_parquet(p))
    unfinished = _unfinished(run, plan)
    write_file(run, f"{FOLDER}/{plan.name}.zarr", lambda p: unfinished.rename(p))


def unfinished_effect(run: Run, plan: Plan) -> xr.Dataset:
    """Difference to main (chain, draw, region, year, ...) [person] of all chunks so far."""
    return run.effect(f"{UNFINISHED}{plan.name}")


def read_scenario(run: Run, name: str) -> xr.Dataset:
    """Outlook (chain, draw, region, year, ...) of a scenario, or of `main`: main plus effect.

    Raises
    ------
    RunError
        The run does not have it.
    """
    return run.outlook if name == MAIN else added(run.outlook, run.effect(name))


def join_summary(run: Run) -> None:
    """Write main's rows and those of every scenario as the summary of the run."""
    names = run.scenario_names
    rows = [_rows(run.file(f"{FOLDER}/{name}.parquet")) for name in names]
    main = run.rows[run.rows["scenario"] == MAIN]
    write_summary(run, pd.concat([main, *rows], ignore_index=True))


def _rows(path: Path) -> pd.DataFrame:
    with read_soundly(path):
        return pd.read_parquet(path)


def complete_summary(run: Run) -> None:
    """Join the summary anew where it lacks a finished scenario: it was made again without."""
    if not set(run.scenario_names) <= {*run.rows["scenario"].unique()}:
        join_summary(run)

"""Writing a run folder: its name, its stages, each file whole or not at all, with its provenance.

A run is named by what it depends on: study, data and the code that makes numbers. The same run is
therefore resumed, a changed one gets a folder of its own. Every file is written under a hidden
name and renamed when complete, so that an interrupted run leaves finished stages only, and has its
checksum in the run's record, so that a damaged one is made anew. `run.py` reads what is written
here.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from zarr.codecs import BloscCodec

from bayesgap import schema
from bayesgap.code_hash import code_hash
from bayesgap.errors import RunError
from bayesgap.runs import checksums
from bayesgap.runs.joined import join_files
from bayesgap.runs.run import Run, read_tree
from bayesgap.study.study import Study
from bayesgap.study.text import study_text

STAGES: dict[str, tuple[str, ...]] = {
    "study": ("study.toml", "provenance.json"),
    "panel": ("panel.nc",),
    "posterior": ("posterior.nc",),
    "outlook": ("outlook.zarr",),
    "summary": ("summary.parquet", "summary.csv"),
    "health": ("health.json",),
    "figures": ("figures",),
}
PACKAGES = ("bayesgap", "pymc", "nutpie", "arviz", "xarray", "numpy", "pandas", "scipy")
MAKER = ("pipeline",)  # what it imports makes the numbers of a run, but for
TELLERS = (  # what draws and tells them
    *(
        f"blocks.{block}.{part}"
        for block in schema.BLOCKS
        for part in ("calibrated", "misspecified")
    ),
    "code_hash",
    "inference.following",
    "inference.processes",
    "inference.telling",
    "inference.time_left",
    "present.figures",
    "present.history",
    "present.progress",
    "runs.checked_store",
    "runs.checksums",
    "runs.found",
    "runs.joined",
    "runs.run",
)
GRID = 16.0  # draws are kept to 1/16 person: exact in float32 below a million, so gap = D - S
_BLOCKS = ".blocks"
_LOCK = ".lock"
PARTIAL = ".partial-"


def describe_run(study: Study, data_hash: str, out: Path) -> Run:
    """Run of `study` on data of `data_hash`, in a folder below `out`; writes nothing."""
    text = study_text(study)
    study_hash = hashlib.sha256(text.encode()).hexdigest()
    versions = {name: version(name) for name in PACKAGES}
    code = code_hash(MAKER, TELLERS)
    identity = "\n".join([study_hash, data_hash, code, versions["bayesgap"]])
    digest = hashlib.sha256(identity.encode()).hexdigest()
    provenance = {
        "study": study.name,
        "study_hash": study_hash,
        "data_hash": data_hash,
        "code_hash": code,
        "schema_version": schema.SCHEMA_VERSION,
        "seed": study.seed,
        "versions": versions,
    }
    return Run(out / f"{study.name}-{digest[:8]}", provenance)


@contextmanager
def locked(run: Run, study: Study) -> Iterator[Run]:
    """Hold `run`'s folder alone while writing; a folder left without any result goes away.

    Raises
    ------
    RunError
        Another process is writing the same run.
    """
    made = next((p for p in (*reversed(run.path.parents), run.path) if not p.exists()), None)
    run.path.mkdir(parents=True, exist_ok=True)
    with (run.path / _LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{run.path} is being written by another process. Wait, or give another --out."
            ) from None
        try:
            _clear_partial(run.path)
            if not stage_done(run, "study"):
                write_file(
                    run,
                    "study.toml",
                    lambda p: p.write_text(study_text(study), encoding="utf-8"),
                )
                write_json(run, "provenance.json", {})
            yield run
        finally:
            _clear_partial(run.path)
            (run.path / _LOCK).unlink(missing_ok=True)
            if not any(stage_done(run, stage) for stage in STAGES if stage != "study"):
                _remove_fruitless(run.path, made)


def _remove_fruitless(folder: Path, made: Path | None) -> None:
    """Remove a run folder without results, and the empty folders made for it."""
    if (folder / _BLOCKS).exists():
        return
    shutil.rmtree(folder)
    while made is not None and folder != made and folder.parent.exists():
        folder = folder.parent
        if any(folder.iterdir()):
            return
        folder.rmdir()


def _clear_partial(folder: Path) -> None:
    for path in (*folder.glob(f"{PARTIAL}*"), *folder.glob(f"*/{PARTIAL}*")):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a hidden sibling of `path`, then put it in place in one step."""
    partial = path.with_name(f"{PARTIAL}{path.name}")
    _remove(partial)
    try:
        write(partial)
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(partial, path)
    except BaseException:
        _remove(partial)
        raise


def write_file(run: Run, name: str, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file or folder of the run, in one step; the run reads it anew.

    Its checksums are written before it is put in place, beside those of what it replaces: a run
    stopped in between has either, whole.
    """
    if Path(name).is_absolute():  # not of the run
        write_whole(Path(name), write)
        return
    record = {**(checksums.read_record(run.path) or {})}
    states: list[checksums.State] = []

    def write_and_record(partial: Path) -> None:
        write(partial)
        states.append(checksums.state(partial))
        _record(run, {**record, name: [*states, *record.get(name, [])]})

    write_whole(run.path / name, write_and_record)
    _record(run, {**record, name: states})
    run.forget()


def _record(run: Run, record: checksums.Record) -> None:
    text = checksums.record_text(record)
    write_whole(run.path / checksums.NAME, lambda p: p.write_text(text, encoding="utf-8"))


def is_whole(run: Run, name: str) -> bool:
    """Whether a file or folder of the run is there, as it was written."""
    return (run.path / name).exists() and not checksums.faults(run.path, name, run.checksums)


def damage(run: Run) -> list[str]:
    """What is wrong with the files of finished stages, one line each."""
    names = [name for files in STAGES.values() for name in files]
    return [line for name in names for line in checksums.faults(run.path, name, run.checksums)]


def stage_done(run: Run, stage: str) -> bool:
    """Whether every file of `stage` is there, as it was written; else it is made anew."""
    return all(is_whole(run, name) for name in STAGES[stage])


def stamp(run: Run) -> dict[str, Any]:
    """Provenance with the time of writing, as plain text and numbers for file attributes."""
    plain = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in run.provenance.items()}
    return {"run_id": run.id, **plain, "created": datetime.now(UTC).isoformat(timespec="seconds")}


def write_json(run: Run, name: str, content: Mapping[str, Any]) -> None:
    """Write `content` with the run's provenance as JSON."""
    whole = {**content, "provenance": {**stamp(run), "versions": run.provenance["versions"]}}
    text = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_file(run, name, lambda path: path.write_text(text, encoding="utf-8"))


def write_tree(run: Run, name: str, tree: xr.DataTree) -> None:
    """Write a DataTree as one NetCDF file (`panel.nc`); draws hardly get smaller by compression."""
    stamped = tree.copy()
    stamped.attrs = {**tree.attrs, **stamp(run)}
    write_file(run, name, lambda path: stamped.to_netcdf(path, engine="h5netcdf"))


def write_block(run: Run, block: str, posterior: xr.DataTree) -> None:
    """Keep one block's posterior until all are there, so that a stopped run need not refit it."""
    (run.path / _BLOCKS).mkdir(exist_ok=True)
    write_tree(run, f"{_BLOCKS}/{block}.nc", posterior)


def kept_blocks(run: Run) -> dict[str, xr.DataTree]:
    """Posteriors of the blocks fitted so far: from `posterior.nc`, else block by block."""
    if stage_done(run, "posterior"):
        return run.blocks
    paths = sorted((run.path / _BLOCKS).glob("[!.]*.nc"))
    return {p.stem: read_tree(p) for p in paths if is_whole(run, f"{_BLOCKS}/{p.name}")}


def write_posterior(run: Run, blocks: Iterable[str]) -> None:
    """Join the posteriors of `blocks` in one file, a group a block; the single ones go away.

    Raises
    ------
    FileNotFoundError
        A block has not been written, or is gone: a posterior without it would pass for whole.
    """
    parts = {block: run.path / _BLOCKS / f"{block}.nc" for block in blocks}
    write_file(run, "posterior.nc", lambda path: join_files(parts, stamp(run), path))
    shutil.rmtree(run.path / _BLOCKS, ignore_errors=True)
    kept = {k: v for k, v in (run.checksums or {}).items() if not k.startswith(_BLOCKS)}
    _record(run, kept)
    run.forget()


def on_grid(outlook: xr.Dataset) -> xr.Dataset:
    """Draws rounded to 1/16 person, and gap = demand - supply again, exactly.

    A rounding by significant bits would compress as well, and break the identity.
    """
    rounded = outlook.map(
        lambda a: np.round(a * GRID) / GRID if a.name in schema.UNITS else a, keep_attrs=True
    )
    if {"demand", "supply"} <= set(rounded.data_vars):
        rounded["gap"] = rounded["demand"] - rounded["supply"]
    return rounded


def write_outlook(run: Run, outlook: xr.Dataset, name: str = "outlook.zarr") -> None:
    """Write the draws as compressed Zarr (v3), a chunk a region."""
    stamped = on_grid(outlook).assign_attrs(stamp(run))
    codec = BloscCodec(cname="zstd", clevel=3, shuffle="shuffle")
    encoding = {
        str(key): {
            "compressors": [codec],
            "chunks": tuple(1 if d == "region" else n for d, n in value.sizes.items()),
        }
        for key, value in stamped.data_vars.items()
        if value.ndim
    }

    def write(path: Path) -> None:
        stamped.drop_encoding().to_zarr(path, zarr_format=3, consolidated=False, encoding=encoding)

    write_file(run, name, write)


def write_summary(run: Run, summary: pd.DataFrame) -> None:
    """Write the summary as Parquet (with provenance) and CSV (seven significant digits)."""
    stamped = summary.copy(deep=False)
    stamped.attrs = {**stamp(run)}
    write_file(run, "summary.parquet", lambda p: stamped.to_parquet(p, index=False))
    plain = {"index": False, "float_format": "%.7g", "encoding": "utf-8"}
    write_file(run, "summary.csv", lambda p: summary.to_csv(p, **plain))


def write_folder(run: Run, name: str, fill: Callable[[Path], object]) -> None:
    """Let `fill` write files into a folder that appears when all are there (`figures`)."""

    def write(path: Path) -> None:
        path.mkdir()
        fill(path)

    write_file(run, name, write)


def record_timings(run: Run, timings: Mapping[str, Mapping[str, float]]) -> None:
    """Add seconds and peak memory of this session's stages to `timings.json`."""
    known = run.json("timings.json") if (run.path / "timings.json").exists() else {}
    write_json(run, "timings.json", {"stages": {**known.get("stages", {}), **timings}})

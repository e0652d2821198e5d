"""Writing a run folder: its name, its stages, each file whole or not at all, with its provenance.

A run is named by what it depends on: study, data and the code that makes numbers. The same run is
therefore resumed, a changed one gets a folder of its own. Every file is written under a hidden
name and renamed when complete, so that an interrupted run leaves finished stages only, and has its
checksum in the run's record, so that a damaged one is made anew. `run.py` reads them.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
from bayesgap.runs.run import CHAPTERS, SENSITIVITY, Run, read_tree
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
RESULTS = tuple(name for stage, names in STAGES.items() if stage != "study" for name in names)
PACKAGES = ("bayesgap", "pymc", "nutpie", "arviz", "xarray", "numpy", "pandas", "scipy")
MAKER = ("pipeline",)  # what it imports makes the numbers of a run, but for
TELLERS = (  # what draws and tells them
    *(
        f"blocks.{block}.{part}"
        for block in schema.BLOCKS
        for part in ("calibrated", "misspecified")
    ),
    "code_hash",
    "data.content",
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
ANALYSES = (CHAPTERS, SENSITIVITY)  # folders of what commands add to a run
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
def locked(run: Run, study: Study) -> Iterator[list[str]]:
    """Hold `run`'s folder alone while writing; a folder left without any result goes away.

    Yields
    ------
    What is wrong with files of an earlier call, one line each.

    Raises
    ------
    RunError
        Another process is writing the same run, or something else lies in its place.
    """
    made = next((p for p in (*reversed(run.path.parents), run.path) if not p.exists()), None)
    _make_folder(run.path)
    with (run.path / _LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{run.path} is being written by another process. Wait, or give another --out."
            ) from None
        try:
            _clear_partial(run.path)
            damaged = damage(run)
            if not stage_done(run, "study"):
                write_file(
                    run,
                    "study.toml",
                    lambda p: p.write_text(study_text(study), encoding="utf-8"),
                )
                write_json(run, "provenance.json", {})
            yield damaged
        finally:
            _clear_partial(run.path)
            (run.path / _LOCK).unlink(missing_ok=True)
            if not any((run.path / name).exists() for name in RESULTS):
                _remove_fruitless(run.path, made)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        there = next(p for p in (path, *path.parents) if p.exists() or p.is_symlink())
        raise RunError(
            f"{there} is no folder, so no run can lie in it. Name another --out."
        ) from None


def work_folder(run: Run) -> Path:
    """New folder for what processes write while they work; it is swept under the run's lock."""
    path = run.path / f"{PARTIAL}work"
    path.mkdir(exist_ok=True)
    return path.resolve()


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
        with suppress(OSError):  # a worker whose parent was killed may write its last
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_whole(path: Path, write: Callable[[Path], object], *, ours: bool = False) -> None:
    """Let `write` fill a hidden sibling of `path`, then put it in place in one step.

    A file never replaces a folder, nor a folder a file, unless the place is `ours`.
    """
    partial = path.with_name(f"{PARTIAL}{path.name}")
    _remove(partial)
    try:
        write(partial)
        if (path.is_dir() and (ours or partial.is_dir())) or (ours and partial.is_dir()):
            _remove(path)
        os.replace(partial, path)
    except BaseException:
        _remove(partial)
        raise


def write_file(run: Run, name: str, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file or folder of the run, in one step; the run reads it anew.

    Its checksums are written before it is put in place, beside those of what it replaces: a run
    stopped in between has either, whole.

    Parameters
    ----------
    name : place in the run; or a whole path, which has checksums where it is an analysis of the run
    """
    own = _own_name(run, name)
    if own is None:
        write_whole(Path(name), write)
        return

    def write_and_record(partial: Path) -> None:
        write(partial)
        new = checksums.state(partial)
        with _recording(run) as record:
            record[own] = [new, *record.get(own, [])]

    path = run.path / own
    path.parent.mkdir(exist_ok=True)
    write_whole(path, write_and_record, ours=True)
    with _recording(run) as record:
        record[own] = record[own][:1]
    run.forget(*(["checksums"] if _is_analysis(own) else []))


def _own_name(run: Run, name: str) -> str | None:
    """Place in the run of what has checksums; None for what is written for people elsewhere."""
    if not Path(name).is_absolute():
        return name
    top = run.path.absolute()
    own = Path(name).relative_to(top) if Path(name).is_relative_to(top) else None
    return own.as_posix() if own is not None and _is_analysis(own.as_posix()) else None


def _is_analysis(own: str) -> bool:
    return own.partition("/")[0] in ANALYSES


@contextmanager
def _recording(run: Run) -> Iterator[dict[str, checksums.States]]:
    """Checksums of the run, to be changed; two commands that write take turns."""
    folder = os.open(run.path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        record = {**(_readable_record(run.path) or {})}
        yield record
        text = checksums.record_text(record)
        write_whole(run.path / checksums.NAME, lambda p: p.write_text(text, encoding="utf-8"))
    finally:
        os.close(folder)


def _readable_record(folder: Path) -> checksums.Record | None:
    """Checksums of a run; None if there are none that can be read."""
    try:
        return checksums.read_record(folder)
    except RunError:
        return None


def is_whole(run: Run, name: str) -> bool:
    """Whether a file or folder of the run is there, as it was written."""
    record = _readable_record(run.path)
    return (
        record is not None
        and (run.path / name).exists()
        and not checksums.faults(run.path, name, record)
    )


def is_kept(run: Run, path: Path) -> bool:
    """Whether a file that an analysis keeps in the run is there, and not known to have changed.

    Files of before had no checksums, and are believed.
    """
    own, record = path.absolute().relative_to(run.path.absolute()).as_posix(), run.checksums
    return path.exists() and not (own in (record or {}) and checksums.faults(run.path, own, record))


def damage(run: Run) -> list[str]:
    """What is wrong with the files of finished stages, one line each."""
    names = [name for files in STAGES.values() for name in files]
    record = _readable_record(run.path)
    if record is None:
        lost = any((run.path / name).exists() for name in names)
        path = run.path / checksums.NAME
        told = "damaged" if path.exists() else "missing"
        return [f"{path} is {told}, so that no file here can be checked."] if lost else []
    return [line for name in names for line in checksums.faults(run.path, name, record)]


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


def write_block(run: Run, block: str, posterior: xr.DataTree) -> xr.DataTree:
    """Keep one block's posterior until all are there, and read it again as a later call would."""
    name = f"{_BLOCKS}/{block}.nc"
    write_tree(run, name, posterior)
    return read_tree(run.path / name)


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
    with _recording(run) as record:
        for name in [name for name in record if name.startswith(_BLOCKS)]:
            del record[name]
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
    known = run.json("timings.json") if is_whole(run, "timings.json") else {}
    write_json(run, "timings.json", {"stages": {**known.get("stages", {}), **timings}})

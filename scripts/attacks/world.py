"""What every attack starts from: two finished runs of a tiny study, and what makes runs equal.

A tiny study has the default's regions, data and priors, and next to no draws: its numbers mean
nothing, and each stage of it takes seconds.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import h5py
import numpy as np
import psutil

from bayesgap.runs import checksums, store
from bayesgap.runs.run import Run, open_run
from bayesgap.runs.store import STAGES
from bayesgap.study.study import with_overrides

CALL = [sys.executable, "-c", "import sys; from bayesgap.cli import main; main(sys.argv[1:])"]
SCENARIO = "less_exclusion"
TINY = """extends = "buskerud.toml"
name = "tiny"
title = "A study of few draws that is attacked"
horizon = 2030
[sampling]
draws = 16
chains = 2
tune = 20
"""
ORDER = (*(stage for stage in STAGES if stage != "study"), "scenarios")
PATIENCE = 10.0  # seconds for workers to go after their parent


KEPT: list[Path] = []  # where an earlier call has left its finished run


@cache
def home() -> Path:
    """Folder of the campaign."""
    return KEPT[0] if KEPT else Path(mkdtemp(prefix="bayesgap-attack-"))


@cache
def study() -> Path:
    """File of the tiny study."""
    path = home() / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


def words(out: Path) -> list[str]:
    """Command that runs the tiny study with one scenario."""
    return [*CALL, "run", str(study()), "--out", str(out), "--seed", "1", "--scenarios", SCENARIO]


def finish(out: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run the tiny study, or what is left of it, to its end."""
    return subprocess.run(words(out), capture_output=True, text=True, check=False, **how)


@cache
def finished() -> Path:
    """Folder of a finished run that nothing has disturbed."""
    out = home() / "undisturbed"
    done = finish(out)
    if done.returncode != 0:
        raise RuntimeError(f"The tiny study does not run: {done.stderr}")
    (folder,) = out.iterdir()
    return folder


def begun(stage: str, out: Path) -> Path:
    """Copy of the finished run as it was before `stage`."""
    source = finished()
    folder = out / source.name
    if stage == ORDER[0]:
        out.mkdir(parents=True)
        return folder
    shutil.copytree(source, folder)
    gone = {n for later in ORDER[ORDER.index(stage) :] for n in STAGES.get(later, ())}
    record = dict(checksums.read_record(folder) or {})
    gone |= {name for name in record if name.startswith("scenarios/")} | {"timings.json"}
    for name in gone:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    shutil.rmtree(folder / "scenarios", ignore_errors=True)
    kept = {name: states for name, states in record.items() if name not in gone}
    (folder / checksums.NAME).write_text(checksums.record_text(kept), encoding="utf-8")
    return folder


@cache
def another() -> Path:
    """Folder of a run with other numbers: what is drawn is a hundredth more."""
    source = open_run(finished())
    study = with_overrides(source.study, None, 2)
    run = store.describe_run(study, "other data", home() / "another")
    with store.locked(run, study):
        _write_more(run, source)
    for path in (p for p in finished().rglob("*") if p.is_file()):
        other = run.path / path.relative_to(finished())
        if not other.exists():  # what was not written: pictures
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_bytes(path.read_bytes() + b" ")
    return run.path


def _write_more(run: Run, source: Run) -> None:
    """Files of `run` as those of `source`, with draws that are a hundredth more."""
    more = {name: value * np.float32(1.01) for name, value in source.outlook.load().items()}
    store.write_outlook(run, source.outlook.load().assign(more))
    rows = source.rows.assign(value=source.rows["value"] * 1.01)
    store.write_summary(run, rows)
    store.write_tree(run, "panel.nc", source.panel)
    store.write_tree(run, "posterior.nc", source.posterior)
    health = {k: v for k, v in source.json("health.json").items() if k != "provenance"}
    store.write_json(run, "health.json", health)
    store.record_timings(run, {"outlook": {"seconds": 1.0}})
    effect = source.effect(SCENARIO)
    store.write_outlook(run, effect * np.float32(1.01), f"scenarios/{SCENARIO}.zarr")
    of = rows[rows["scenario"] == SCENARIO]
    store.write_file(run, f"scenarios/{SCENARIO}.parquet", lambda path: of.to_parquet(path))


@cache
def seconds(stage: str) -> float:
    """How long `stage` of the finished run took."""
    told = json.loads((finished() / "timings.json").read_text(encoding="utf-8"))["stages"]
    return float(told[stage]["seconds"])


def fingerprint(folder: Path) -> dict[str, str]:
    """Digests of everything in a run that may not differ between runs: all but times of writing."""
    found = {f"{name}:{key}": digest for name in ("panel.nc", "posterior.nc")
             for key, digest in arrays(folder / name).items()}  # fmt: skip
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        chunk = ".zarr/" in name and not name.endswith("zarr.json")
        if chunk or name == "summary.csv" or name.startswith("figures/"):
            found[name] = checksums.digest(path)
    health = json.loads((folder / "health.json").read_text(encoding="utf-8"))
    del health["provenance"]
    return found | {"health": json.dumps(health, sort_keys=True)}


def arrays(path: Path) -> dict[str, str]:
    """Digest of every array of a NetCDF file."""
    found: dict[str, str] = {}

    def look(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            values = item[()]
            content = values.tobytes() if hasattr(values, "tobytes") else repr(values).encode()
            if item.dtype.hasobject:
                content = repr(values.tolist()).encode()
            found[name] = hashlib.sha256(content).hexdigest()

    with h5py.File(path) as file:
        file.visititems(look)
    return found


def orphans(session: int) -> list[int]:
    """Processes of a session that outlive its leader by `PATIENCE`; they are ended."""
    end = time.monotonic() + PATIENCE
    while (left := _of(session)) and time.monotonic() < end:
        time.sleep(0.1)
    for process in left:
        process.kill()
    return [process.pid for process in left]


def _of(session: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (OSError, psutil.Error):
            continue
    return found

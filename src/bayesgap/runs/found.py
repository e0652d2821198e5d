"""Which run folder is meant: by its path, by the beginning of its name, or the newest."""

import json
import warnings
from pathlib import Path

from bayesgap.errors import FailedRun, RunError, nearest
from bayesgap.runs.verdicts import Verdict

RUNS = Path("runs")  # where runs are, if nobody says otherwise
SHOWN = 5


def finished_runs(out: Path) -> list[Path]:
    """Finished runs below `out`, the youngest first."""
    found = out.glob("*/summary.parquet")
    return [p.parent for p in sorted(found, key=lambda path: -path.stat().st_mtime)]


def newest_folder(out: Path) -> Path:
    """Youngest run below `out` that did not fail its checks.

    Raises
    ------
    RunError
        No finished run there, or none that did not fail.

    Warns
    -----
    FailedRun
        A younger one has failed.
    """
    found = finished_runs(out)
    if not found:
        raise RunError(f"There is no finished run in {out}/. Make one with `bayesgap run`.")
    sound = next((folder for folder in found if verdict_of(folder) != "FAIL"), None)
    if sound is None:
        raise RunError(
            f"Every finished run in {out}/ says FAIL. `bayesgap health {found[0].name}` says why. "
            "Name one to see its figures all the same."
        )
    if sound != found[0]:
        told = f"{found[0].name} is newer and says FAIL. This is {sound.name}."
        warnings.warn(told, FailedRun, stacklevel=4)
    return sound


def verdict_of(folder: Path) -> Verdict | None:
    """Verdict of a run's checks; None where they have not been made."""
    path = folder / "health.json"
    return json.loads(path.read_text(encoding="utf-8"))["verdict"] if path.is_file() else None


def named_folder(name: Path) -> Path:
    """Folder `name`, or the only run in `runs/` whose name begins so.

    Raises
    ------
    RunError
        No such run, or several.
    """
    if name.is_dir():
        return name
    known = finished_runs(RUNS)
    meant = [folder for folder in known if folder.name.startswith(str(name))]
    if len(meant) == 1:
        return meant[0]
    if meant:
        names = ", ".join(folder.name for folder in meant[:SHOWN])
        raise RunError(f'{len(meant)} runs have names that begin with "{name}": {names}.')
    hint = nearest(name.name, [folder.name for folder in known])
    raise RunError(
        f"There is no run folder {name}.{hint} `bayesgap runs` lists those in {RUNS}/; "
        "`bayesgap run` makes one."
    )

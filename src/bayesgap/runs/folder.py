"""Run folders as they are opened: which folder, its provenance, its small files.

Commands that read a run begin here, so this module imports no library. `store.py` writes runs, and
reads what is large.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayesgap.errors import RunError

SCENARIOS = "scenarios"  # folder of their draws and rows
MAIN = "main"


@dataclass(frozen=True)
class Run:
    """One run folder and what its results depend on."""

    path: Path
    provenance: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name of the folder: study and hash."""
        return self.path.name


def read_json(run: Run, name: str) -> dict[str, Any]:
    """Read a JSON file of the run."""
    return json.loads(finished(run, name).read_text(encoding="utf-8"))


def finished(run: Run, name: str) -> Path:
    """Path of a file of the run that must be there."""
    path = run.path / name
    if not path.exists():
        raise RunError(f"{run.path} must have {name}; it is incomplete. Run `bayesgap run` again.")
    return path


def open_run(path: Path) -> Run:
    """Run folder at `path`, for reading.

    Raises
    ------
    RunError
        No folder, or not a run.
    """
    if not path.is_dir():
        raise RunError(f"There is no run folder {path}. Name one, or make one with `bayesgap run`.")
    if not (path / "provenance.json").exists():
        raise RunError(f"{path} is not a run folder: it has no provenance.json. Name runs/<run>.")
    run = Run(path.resolve(), {})
    return Run(run.path, read_json(run, "provenance.json")["provenance"])


def newest_run(out: Path) -> Run:
    """Run below `out` whose summary is the youngest.

    Raises
    ------
    RunError
        No finished run there.
    """
    found = sorted(out.glob("*/summary.parquet"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise RunError(f"There is no finished run in {out}/. Make one with `bayesgap run`.")
    return open_run(found[-1].parent)


def scenario_names(run: Run) -> list[str]:
    """Names of the finished scenarios of a run, besides main."""
    return sorted(path.stem for path in (run.path / SCENARIOS).glob("[!.]*.zarr"))


def scenario_path(run: Run, name: str) -> Path:
    """Draws of one scenario's difference to main.

    Raises
    ------
    RunError
        The run does not have it.
    """
    path = run.path / SCENARIOS / f"{name}.zarr"
    if not path.exists():
        known = ", ".join(scenario_names(run)) or "none"
        raise RunError(
            f'{run.path} has no scenario "{name}"; it has: {known}. '
            f"Add it with `bayesgap run --scenarios {name}`."
        )
    return path

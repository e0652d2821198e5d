"""A run as everybody opens it: which folder, what it depends on, and each of its files when asked.

Every reader begins here, so this module imports no library: a file's own library is imported when
the file is read. A file is read once, and then kept. `store.py` and `scenarios.py` write runs;
`draws.py` and `summary.py` read a few cells or rows without pandas and xarray.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesgap import schema
from bayesgap.errors import BayesgapError, RunError, UncheckedRun
from bayesgap.runs import checksums
from bayesgap.runs.found import RUNS, named_folder, newest_folder
from bayesgap.runs.verdicts import Health, read_health

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bayesgap.runs.checked_store import CheckedStore
    from bayesgap.study.study import Study

SCENARIOS = "scenarios"  # folder of their draws and rows
CHAPTERS = "chapters"  # folder of the published study's figures, answered
SENSITIVITY = "sensitivity"  # folder of other priors' effects, and of the variance split
MAIN = "main"
UNFINISHED = ".partial-effect-"  # before the name of a scenario whose draws are being made


@dataclass(frozen=True)
class Run:
    """One run folder and what its results depend on; its files are read when they are used."""

    path: Path
    provenance: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name of the run: study and hash of what it depends on."""
        return self.path.name

    @cached_property
    def checksums(self) -> checksums.Record | None:
        """Checksums of the run's files; None for a run of before."""
        return checksums.read_record(self.path)

    def file(self, name: str) -> Path:
        """Path of a file of the run, which is as it was written.

        Raises
        ------
        RunError
            It is not there, or has changed.
        """
        path = self._present(name)
        checksums.require_whole(self.path, name, self.checksums)
        return path

    def _present(self, name: str) -> Path:
        path = self.path / name
        if not path.exists():
            raise RunError(
                f"{self.path} must have {name}; it is incomplete. Run `bayesgap run` again."
            )
        return path

    def store(self, name: str) -> "CheckedStore":
        """Folder of arrays of the run; what is read of it is checked then.

        Raises
        ------
        RunError
            It is not there.
        """
        from bayesgap.runs.checked_store import CheckedStore

        path, record = self._present(name), self.checksums
        if record is not None and name not in record and UNFINISHED not in name:
            checksums.require_whole(self.path, name, record)
        return CheckedStore(path, (record or {}).get(name, ()))

    def json(self, name: str) -> dict[str, Any]:
        """Content of a JSON file of the run.

        Raises
        ------
        RunError
            It is not there, has changed, or is not JSON.
        """
        with read_soundly(path := self.file(name)):
            found = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(found, dict):
                raise TypeError(f"an object was expected, not {type(found).__name__}")
            return found

    def analysis(self, name: str, command: str) -> Path | None:
        """Path of what `command` has added to the run, as it was written; None if nothing.

        Raises
        ------
        RunError
            It has changed.
        """
        path, record = self.path / name, self.checksums
        known = record is not None and {name, name.partition("/")[0]} & record.keys()
        for own in known or ():
            if found := checksums.faults(self.path, own, record):
                told = "\n".join(found)
                raise RunError(f"{told}\nMake it again with `bayesgap {command}`.")
        return path if path.exists() else None

    @cached_property
    def study(self) -> "Study":
        """The study, as resolved when it was run."""
        from bayesgap.study.study import load_study

        with read_soundly(path := self.file("study.toml")):
            return load_study(path)

    @cached_property
    def health(self) -> Health:
        """Whether the run may be believed, as it was written."""
        with read_soundly(self.path / "health.json"):
            return read_health(self.json("health.json"))

    @cached_property
    def panel(self) -> "xr.DataTree":
        """Validated observations, one group a block."""
        return read_tree(self.file("panel.nc"))

    @cached_property
    def posterior(self) -> "xr.DataTree":
        """Draws of every block: groups `<block>/posterior`, `/prior`, `/sample_stats`."""
        return read_tree(self.file("posterior.nc"))

    @property
    def blocks(self) -> "dict[str, xr.DataTree]":
        """`posterior` as one tree a block."""
        import xarray as xr

        return {
            str(name): xr.DataTree(child.to_dataset(), {**child.children})
            for name, child in self.posterior.children.items()
        }

    @cached_property
    def draws(self) -> "dict[str, xr.Dataset]":
        """Posterior draws (chain, draw, ...) of every block; what else was kept is not read."""
        return self._group("posterior")

    @cached_property
    def prior(self) -> "dict[str, xr.Dataset]":
        """Prior draws (chain, draw, ...) of every block."""
        return self._group("prior")

    def _group(self, group: str) -> "dict[str, xr.Dataset]":
        import xarray as xr

        path = self.file("posterior.nc")
        with read_soundly(path), xr.open_datatree(path, engine="h5netcdf") as tree:
            return {
                str(block): child[group].to_dataset().load()
                for block, child in tree.children.items()
            }

    @cached_property
    def outlook(self) -> "xr.Dataset":
        """Every drawn quantity (chain, draw, region, year, ...) of main; `load()` reads all."""
        import xarray as xr

        with read_soundly(self.path / "outlook.zarr"):
            return xr.open_zarr(self.store("outlook.zarr"), consolidated=False, chunks=None)

    @cached_property
    def rows(self) -> "pd.DataFrame":
        """The published long table, unrounded (`schema.SUMMARY_COLUMNS`), all scenarios.

        Raises
        ------
        RunError
            Not there, or of another schema version.
        """
        import pandas as pd

        with read_soundly(path := self.file("summary.parquet")):
            frame = pd.read_parquet(path)
        require_version(self.path, frame.attrs.get("schema_version"))
        return frame

    @property
    def scenario_names(self) -> list[str]:
        """Names of the finished scenarios, besides main."""
        return sorted(path.stem for path in (self.path / SCENARIOS).glob("[!.]*.zarr"))

    def effect_store(self, name: str) -> "CheckedStore":
        """Draws of one scenario's difference to main.

        Raises
        ------
        RunError
            The run does not have it.
        """
        folder = f"{SCENARIOS}/{name}.zarr"
        if not (self.path / folder).exists():
            known = ", ".join(self.scenario_names) or "none"
            raise RunError(
                f'{self.path} has no scenario "{name}"; it has: {known}. '
                f"Add it with `bayesgap run --scenarios {name}`."
            )
        return self.store(folder)

    def effect(self, name: str) -> "xr.Dataset":
        """Difference to main (chain, draw, region, year, ...) [person] of one scenario.

        It is large, so it is not kept: read one at a time.

        Raises
        ------
        RunError
            The run does not have it.
        """
        import xarray as xr

        found = self.effect_store(name)
        with read_soundly(found.root), xr.open_zarr(found, consolidated=False, chunks=None) as it:
            return it.load()

    def forget(self, *names: str) -> None:
        """Read files (all, unless `names` of properties are given) anew when they are next used."""
        own = {field.name for field in fields(self)}
        for name in (vars(self).keys() - own) & (set(names) or vars(self).keys()):
            del vars(self)[name]


def read_tree(path: Path) -> "xr.DataTree":
    """Read a NetCDF file of groups, wholly into memory."""
    import xarray as xr

    with read_soundly(path), xr.open_datatree(path, engine="h5netcdf") as tree:
        return tree.load()


@contextmanager
def read_soundly(path: Path) -> Iterator[None]:
    """Let whatever a library says of a damaged file name the file, and say what to do.

    Raises
    ------
    RunError
        The file cannot be read as what it should be.
    """
    try:
        yield
    except (BayesgapError, MemoryError):
        raise
    except Exception as error:  # each library raises what it likes
        told = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        place = "".join(told.splitlines()[:1])[:200] or type(error).__name__
        words = f"{path} is damaged and cannot be read: {place}. {checksums.REMEDY}"
        raise RunError(words) from error


def require_version(path: object, found: object) -> None:
    """Raise RunError unless a summary is of this version of the schema."""
    if found != schema.SCHEMA_VERSION:
        raise RunError(
            f"{path} must have schema version {schema.SCHEMA_VERSION}; found {found}. "
            "Run the study again."
        )


def open_run(path: Path | None = None) -> Run:
    """Run at `path`, or whose name begins so; the newest that did not fail, if none.

    Raises
    ------
    RunError
        No folder, or not a run.

    Warns
    -----
    UncheckedRun
        A run of before, whose files have no checksums.
    """
    path = newest_folder(RUNS) if path is None else named_folder(path)
    if not (path / "provenance.json").exists():
        raise RunError(f"{path} is not a run folder: it has no provenance.json. Name runs/<run>.")
    run = Run(path.resolve(), {})
    if run.checksums is None:
        told = f"{run.path} was made without checksums: its files are read unchecked."
        warnings.warn(told, UncheckedRun, stacklevel=2)
    with read_soundly(run.path / "provenance.json"):
        return Run(run.path, run.json("provenance.json")["provenance"])


def newest_run(out: Path) -> Run:
    """The youngest run below `out` that did not fail its checks."""
    return open_run(newest_folder(out))

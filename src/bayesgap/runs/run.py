"""A run as everybody opens it: which folder, what it depends on, and each of its files when asked.

Every reader begins here, so this module imports no library: a file's own library is imported when
the file is read. A file is read once, and then kept. `store.py` and `scenarios.py` write runs;
`draws.py` and `summary.py` read a few cells or rows without pandas and xarray.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesgap import schema
from bayesgap.errors import RunError, UncheckedRun
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

        return CheckedStore(self._present(name), (self.checksums or {}).get(name, ()))

    def json(self, name: str) -> dict[str, Any]:
        """Content of a JSON file of the run.

        Raises
        ------
        RunError
            It is not there, has changed, or is not JSON.
        """
        path = self.file(name)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{path} must be JSON: {error}. {checksums.REMEDY}") from None

    @cached_property
    def study(self) -> "Study":
        """The study, as resolved when it was run."""
        from bayesgap.study.study import load_study

        return load_study(self.file("study.toml"))

    @cached_property
    def health(self) -> Health:
        """Whether the run may be believed, as it was written."""
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

        with xr.open_datatree(self.file("posterior.nc"), engine="h5netcdf") as tree:
            return {
                str(block): child[group].to_dataset().load()
                for block, child in tree.children.items()
            }

    @cached_property
    def outlook(self) -> "xr.Dataset":
        """Every drawn quantity (chain, draw, region, year, ...) of main; `load()` reads all."""
        import xarray as xr

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

        frame = pd.read_parquet(self.file("summary.parquet"))
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

        with xr.open_zarr(self.effect_store(name), consolidated=False, chunks=None) as effect:
            return effect.load()

    def forget(self) -> None:
        """Read files anew when they are next used: one of them has been written."""
        own = {field.name for field in fields(self)}
        for name in vars(self).keys() - own:
            del vars(self)[name]


def read_tree(path: Path) -> "xr.DataTree":
    """Read a NetCDF file of groups, wholly into memory."""
    import xarray as xr

    with xr.open_datatree(path, engine="h5netcdf") as tree:
        return tree.load()


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
    return Run(run.path, run.json("provenance.json")["provenance"])


def newest_run(out: Path) -> Run:
    """The youngest run below `out` that did not fail its checks."""
    return open_run(newest_folder(out))

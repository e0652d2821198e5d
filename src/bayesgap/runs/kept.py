"""Rows kept on disk as soon as they are there, so that a command that was stopped goes on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.runs.run import SENSITIVITY, Run
from bayesgap.runs.store import is_kept, write_file, write_whole


@dataclass(frozen=True)
class Kept:
    """A folder of results, each a table in a file of its own, named by what it depends on.

    Those of a `run` have checksums. What is damaged counts as not kept.
    """

    folder: Path
    run: Run | None = None

    def read(self, key: str) -> pd.DataFrame | None:
        """Rows that an earlier call has kept, if any."""
        path = self._path(key)
        if not path.exists() or (self.run is not None and not is_kept(self.run, path)):
            return None
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError):  # Arrow's own are of these
            return None

    def write(self, key: str, rows: pd.DataFrame) -> None:
        """Keep rows, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)

        def write(partial: Path) -> None:
            rows.to_parquet(partial, index=False)

        if self.run is None:
            write_whole(path, write)
        else:
            write_file(self.run, str(path.absolute()), write)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.parquet"


def write_table(run: Run, name: str, rows: pd.DataFrame) -> None:
    """Write a table of the run's sensitivity, with its checksum."""
    write_file(run, f"{SENSITIVITY}/{name}", lambda path: rows.to_csv(path, index=False))


def append_rows(
    found: Iterable[pd.DataFrame], path: Path, total: int, advance: Callable[[int, int], object]
) -> None:
    """Add tables to the CSV file `path`, each as soon as it is there."""
    for count, rows in enumerate(found, start=1):
        with path.open("a", encoding="utf-8") as file:
            rows.to_csv(file, index=False, header=file.tell() == 0)
        advance(count, total)

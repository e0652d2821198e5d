"""Rows kept on disk as soon as they are there, so that a command that was stopped goes on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.runs.store import write_whole


@dataclass(frozen=True)
class Kept:
    """A folder of results, each a table in a file of its own, named by what it depends on."""

    folder: Path

    def read(self, key: str) -> pd.DataFrame | None:
        """Rows that an earlier call has kept, if any."""
        path = self._path(key)
        return pd.read_parquet(path) if path.exists() else None

    def write(self, key: str, rows: pd.DataFrame) -> None:
        """Keep rows, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(key), lambda path: rows.to_parquet(path, index=False))

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.parquet"


def append_rows(
    found: Iterable[pd.DataFrame], path: Path, total: int, advance: Callable[[int, int], object]
) -> None:
    """Add tables to the CSV file `path`, each as soon as it is there."""
    for count, rows in enumerate(found, start=1):
        with path.open("a", encoding="utf-8") as file:
            rows.to_csv(file, index=False, header=file.tell() == 0)
        advance(count, total)

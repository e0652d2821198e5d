"""Mistakes in tables: thousands of seeded ones, one at a time, and what the checks say of each.

`rows` yields a row a mistake; `trials` says more of it. A mistake is made in one file of a copy of
the embedded tables, or of a study's own, and the folder is checked as `bayesgap data check` does.
Hashes are left out of the verdict: they name every file that differs, whatever it says.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from attacks.mutations import KINDS, Kind
from attacks.row import Row
from bayesgap.data.columns import Table
from bayesgap.data.content.registry import CHECKS, content_findings
from bayesgap.data.manifest import Entry
from bayesgap.data.schemas import TABLES
from bayesgap.data.tables import Examined, Regions, examine, read_lined, table_paths
from bayesgap.errors import DataError
from bayesgap.study.bundle import bundle_root

SECTION = "tables"
FACTOR = 1.5  # a change of a figure by more than this should be told
EMBEDDED = bundle_root() / "data" / "buskerud"


@dataclass(frozen=True)
class Trial:
    """One mistake: what it was, how much it changed, and what was said of it.

    `change` is the largest factor by which a figure changed; infinite for a lost or new one.
    `before` is the outcome without checks of content.
    """

    kind: str
    table: str
    place: str
    seed: int
    change: float
    outcome: str
    before: str
    said: str


class Folder:
    """A folder of tables that mistakes are made in, with what reading it gave."""

    def __init__(self, source: Path, at: Path) -> None:
        """Copy the tables of `source` to `at`, as links."""
        self.at = at
        self.sources = table_paths(source)
        self.kept: dict[tuple[str, bytes], Examined] = {}
        at.mkdir(parents=True)
        for name, path in self.sources.items():
            (at / f"{name}.csv").symlink_to(path)
        manifest = source / "manifest.toml"
        for name in ("manifest.toml", "reference"):
            path = manifest.with_name(name)
            if path.exists():
                (at / name).symlink_to(path)
        self.frames = read_lined(at, read=self.read)

    def read(self, path: Path, table: Table, entry: Entry | None, regions: Regions) -> Examined:
        """One table, read once."""
        key = path.stem, path.read_bytes()
        if key not in self.kept:
            self.kept[key] = examine(path, table, entry, regions)
        return self.kept[key]

    def check(self, name: str, content: bytes) -> tuple[dict[str, pd.DataFrame], list[str], str]:
        """Frames with `content` as table `name`, what was said, and the outcome."""
        path = self.at / f"{name}.csv"
        path.unlink()
        path.write_bytes(content)
        before = set(self.kept)
        try:
            frames = read_lined(self.at, read=self.read)
        except DataError as error:
            return {}, [str(problem) for problem in error.problems], "refused"
        finally:
            path.unlink()
            path.symlink_to(self.sources[name])
            for key in set(self.kept) - before:
                del self.kept[key]
        about = [check for check in CHECKS if name in check.tables]
        found = content_findings(frames, about)
        outcome = "refused" if any(one.impossible for one in found) else "told"
        return frames, [str(one.problem) for one in found], outcome if found else ""


def trials(folder: Folder, seed: int, number: int) -> Iterator[Trial]:
    """`number` mistakes in `folder`, kinds in turn, tables by the square root of their rows."""
    names = [name for name in folder.frames if not TABLES[name].optional]
    weights = np.sqrt([len(folder.frames[name]) for name in names])
    for index in range(number):
        rng = np.random.default_rng([seed, index])
        kind = KINDS[index % len(KINDS)]
        for _ in range(50):
            name = str(rng.choice(names, p=weights / weights.sum()))
            if (made := mistaken(folder.sources[name], TABLES[name], kind, rng)) is not None:
                yield trial(folder, kind, name, made, index)
                break


def mistaken(
    path: Path, table: Table, kind: Kind, rng: np.random.Generator
) -> tuple[bytes, str] | None:
    """The file with a mistake, and its place; None where it cannot have it."""
    data = path.read_bytes()
    if kind.text is not None:
        return kind.text(data), "the file"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    made = kind.change(frame, table, rng) if kind.change is not None else None
    return made and (made[0].to_csv(index=False).encode(), made[1])


def trial(folder: Folder, kind: Kind, name: str, made: tuple[bytes, str], seed: int) -> Trial:
    """What is said of a mistake."""
    content, place = made
    record = partial(Trial, kind.name, name, place, seed)
    if content == folder.sources[name].read_bytes():
        return record(1.0, "no change", "no change", "")
    frames, said, outcome = folder.check(name, content)
    if not frames:
        return record(np.inf, "refused", "refused", said[0])
    change = largest_change(folder.frames[name], frames[name], TABLES[name])
    if change == 1.0:
        same = "no change" if kind.text is None and kind.name.startswith("a figure") else "healed"
        return record(1.0, same, same, "")
    return record(change, outcome or "silent", "silent", said[0] if said else "")


def largest_change(old: pd.DataFrame, new: pd.DataFrame, table: Table) -> float:
    """The largest factor between figures of the same key; infinite if rows came or went."""
    key = list(table.key)
    both = old.merge(new, on=key, how="outer", suffixes=("_old", "_new"), indicator=True)
    if (both["_merge"] != "both").any():
        return np.inf
    largest = 1.0
    for column in set(old.columns) - set(key):
        a, b = both[f"{column}_old"], both[f"{column}_new"]
        if not pd.api.types.is_numeric_dtype(a):
            continue
        differ = a.ne(b) & ~(a.isna() & b.isna())
        if differ.any():
            a, b = a[differ].to_numpy(), b[differ].to_numpy()
            low, high = np.minimum(np.abs(a), np.abs(b)), np.maximum(np.abs(a), np.abs(b))
            factor = np.where((low > 0) & (a * b > 0), high / np.where(low > 0, low, 1), np.inf)
            largest = max(largest, float(np.nanmax(factor)))
    return largest


def folders() -> Mapping[str, Path]:
    """Folders of tables that mistakes are made in, by name."""
    return {"embedded": EMBEDDED}


def rows(seed: int, number: int) -> Iterator[Row]:
    """`number` mistakes in tables, and how each ended."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Folder(EMBEDDED, Path(scratch) / "tables")
        for one in trials(folder, seed, number):
            note = f"largest change ×{one.change:.3g}; {one.said or 'nothing was said'}"
            place = f"{one.table}.csv, {one.place}"
            yield Row(SECTION, one.kind, place, one.seed, one.outcome, note)

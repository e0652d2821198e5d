"""Read a folder of tidy tables, or say everything that is wrong with it at once.

`read_tables` gives frames as published, checked against `schemas.TABLES` (types, ranges, codes,
duplicates, missing years) and against each other (`checks`: totals that must add up). Known
defects of the sources are declared in `manifest.toml`, each with its reason.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from bayesgap.data.checks import cross_checks
from bayesgap.data.columns import SHARED, Number, Table, require_tables
from bayesgap.data.manifest import NAME, Entry, Manifest, companion, read_manifest
from bayesgap.data.raw import read_raw
from bayesgap.data.rows import (
    Fault,
    duplicates,
    missing_years,
    swapped_columns,
    typed,
    value_faults,
)
from bayesgap.data.schemas import TABLES
from bayesgap.errors import DataError, Problem, not_a_file
from bayesgap.study.bundle import bundle_root
from bayesgap.study.study import Study

Regions = Mapping[str, tuple[str, ...]]
_SHOWN_ALIKE = 5  # rows with the same fault in the same column that are listed one by one


def read_tables(folder: Path, *, derived: bool = True) -> dict[str, pd.DataFrame]:
    """Read validated tables by name; `population` joins targets and pooling regions.

    Parameters
    ----------
    folder
        Folder of `<name>.csv`. `manifest.toml`, `reference/`, `national/` (figures of the
        nation) and `seeds/` (small assumed tables) are looked for in it, beside it, and among
        the embedded data; a table that lies in the folder itself comes first.
    derived
        False leaves out the tables that a command makes from the others.

    Raises
    ------
    DataError
        Everything that is wrong, each with file, line, column, finding and remedy.
    """
    return joined(read_lined(folder, derived=derived))


def read_lined(
    folder: Path, *, derived: bool = True, read: "Reader | None" = None
) -> dict[str, pd.DataFrame]:
    """Read validated tables as `read_tables` does, each file apart, indexed by line.

    Parameters
    ----------
    read
        What reads one file: `examine`, or something that remembers what it has read.

    Raises
    ------
    DataError
        As `read_tables`.
    """
    require_tables(folder)
    paths = table_paths(folder)
    manifest = with_shared(read_manifest(folder))
    regions = read_regions(folder)
    wanted = {name: table for name, table in TABLES.items() if derived or not table.derived}
    problems = _strangers(set(paths), set(wanted) & set(manifest.tables))
    done = {
        name: (read or examine)(paths[name], table, manifest.tables.get(name), regions)
        for name, table in wanted.items()
        if name in paths
    }
    problems += [problem for table in done.values() for problem in table.problems]
    sums = {name: t.frame for name, t in done.items() if t.frame is not None and t.sums_known}
    problems += cross_checks(sums, manifest, companion(folder, "reference"))
    if problems:
        raise DataError(condensed(problems))
    return {name: t.frame for name, t in done.items() if t.frame is not None}


def table_paths(folder: Path) -> dict[str, Path]:
    """Files of all tables by name: those in `folder`, and the shared ones that it does not hold."""
    shared = {kind: companion(folder, kind) for kind in SHARED}
    known = {
        name: shared[table.folder] / f"{name}.csv"
        for name, table in TABLES.items()
        if table.folder in shared
    }
    here = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    paths = {name: path for name, path in known.items() if path.is_file()} | here
    _require_files([*paths.values(), companion(folder, NAME)])
    return paths


def _require_files(paths: Iterable[Path]) -> None:
    """Raise DataError where something else than a file bears a table's name."""
    fix = "Put the table itself in its place."
    found = [(path, not_a_file(path)) for path in paths]
    if strange := [(path, what) for path, what in found if what is not None]:
        raise DataError([Problem(p.name, None, None, f"it is {what}", fix) for p, what in strange])


def with_shared(manifest: Manifest) -> Manifest:
    """`manifest` with the embedded entries of shared tables that it does not name."""
    embedded = read_manifest(bundle_root() / "data").tables
    shared = {name: entry for name, entry in embedded.items() if TABLES[name].folder in SHARED}
    return manifest.model_copy(update={"tables": shared | manifest.tables})


class Examined(NamedTuple):
    """A table as far as it can be read, and what is wrong with it alone.

    `frame` has line numbers as index and NaN for faulty values. `sums_known` is False when rows
    are faulty, repeated or missing: totals that the table takes part in are compared once its
    rows are mended.
    """

    frame: pd.DataFrame | None
    problems: list[Problem]
    sums_known: bool


Reader = Callable[[Path, Table, Entry | None, Regions], Examined]


def examine(path: Path, table: Table, entry: Entry | None, regions: Regions) -> Examined:
    """Read one table and check it by itself."""
    file = path.name
    raw, torn = read_raw(path, tuple(table.columns))
    if raw is None:
        return Examined(None, torn, sums_known=False)
    frame = typed(raw, table)
    faults = value_faults(raw, frame, table, entry, regions)
    bad = len({fault.line for fault in faults})
    if pair := swapped_columns(raw, table, entry, regions, faults):
        found = f"values of {pair[0]} and {pair[1]} stand under each other's header"
        found += f" ({bad} of {len(raw)} rows cannot be)"
        swap = Problem(file, 1, " and ".join(pair), found, "Swap the two names.")
        return Examined(None, [*torn, swap], sums_known=False)
    bad_keys = {fault.line for fault in faults if fault.column in table.key}
    twice = duplicates(file, raw, table, bad_keys)
    good = frame.drop(index=list(bad_keys))
    years_lost, rows_lost = missing_years(file, good, table, entry, len(bad_keys))
    values = [Problem(file, f.line, f.column, f.found, f.fix) for f in faults]
    problems = [*torn, *values, *twice, *years_lost, *rows_lost]
    known = not (torn or bad_keys or twice or rows_lost)
    return Examined(_without(frame, faults), problems, known)


def _without(frame: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    """Faulty values out, so that sums over them are unknown instead of wrong."""
    frame = frame.copy()
    for fault in faults:
        frame.loc[fault.line, fault.column] = None
    return frame


def _strangers(here: set[str], promised: set[str]) -> list[Problem]:
    fix_unknown = "Remove it, or describe it in bayesgap.data.schemas and manifest.toml."
    fix_missing = "Restore it, or take it out of manifest.toml."
    return [
        Problem(f"{name}.csv", None, None, "no table of this name is known", fix_unknown)
        for name in sorted(here - set(TABLES))
    ] + [
        Problem(f"{name}.csv", None, None, "the file is missing", fix_missing)
        for name in sorted(promised - here)
    ]


def joined(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables of `read_lined` as `read_tables` gives them: joined, without lines."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for name, frame in frames.items():
        parts.setdefault(TABLES[name].read_as or name, []).append(_final(frame, TABLES[name]))
    return {name: pd.concat(group, ignore_index=True) for name, group in parts.items()}


def _final(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    whole = {
        name: "int64"
        for name, column in table.columns.items()
        if isinstance(column, Number) and column.whole and frame[name].notna().all()
    }
    return frame.astype(whole).infer_objects().reset_index(drop=True)


def condensed(problems: Iterable[Problem]) -> list[Problem]:
    """`problems` with long runs of the same fault in a column told in one line, lines named."""
    out: list[Problem] = []
    key = lambda problem: (problem.file, problem.column or "", problem.fix)  # noqa: E731
    for _, run in groupby(sorted(problems, key=key), key=key):
        alike = sorted(run, key=lambda problem: problem.row or 0)
        out += alike[:_SHOWN_ALIKE]
        rest = alike[_SHOWN_ALIKE:]
        if len(rest) == 1:
            out += rest
        elif rest:
            rows = [problem.row for problem in rest if problem.row is not None]
            where = f" (lines {spans(rows)})" if rows else f" ({_places(rest)})"
            found = f"{len(rest)} more of the same kind{where}"
            out.append(Problem(rest[0].file, None, rest[0].column, found, rest[0].fix))
    return sorted(out, key=lambda problem: problem.file)


def _places(problems: list[Problem], shown: int = 3) -> str:
    more = f"; and {len(problems) - shown} more" if len(problems) > shown else ""
    return "; ".join(problem.found for problem in problems[:shown]) + more


def spans(rows: Iterable[int], shown: int = 12) -> str:
    """Line numbers as ranges: "2-5, 9"."""
    parts: list[list[int]] = []
    for row in sorted(set(rows)):
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    text = [f"{a}-{b}" if b > a else f"{a}" for a, b in parts]
    return ", ".join(text[:shown]) + (f", ... to {parts[-1][1]}" if len(text) > shown else "")


def read_regions(folder: Path) -> dict[str, tuple[str, ...]]:
    """Names of regions by kind, from `reference/regions.csv`.

    Raises
    ------
    DataError
        The list is missing or lacks its columns.
    """
    path = companion(folder, "reference") / "regions.csv"
    if not path.is_file():
        fix = "Restore it; data/README.md describes it."
        raise DataError([Problem("reference/regions.csv", None, None, "it is missing", fix)])
    raw, problems = read_raw(path, ("region", "kind", "note"))
    if raw is None or problems:
        raise DataError(problems)
    return {str(kind): tuple(group["region"]) for kind, group in raw.groupby("kind", sort=False)}


def tables_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of all tables, shared ones included: what a run depends on."""
    digest = hashlib.sha256()
    for _, path in sorted(table_paths(folder).items()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def frames_hash(tables: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 over names, columns and values of tables: what a run on them depends on."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        frame = tables[name]
        digest.update(f"{name}\0{list(frame.columns)}\0".encode())
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def require_regions(tables: Mapping[str, pd.DataFrame], study: Study) -> None:
    """Raise DataError unless every table names the study's regions and spans its window.

    The message names what each table lacks.
    """
    problems = []
    for name, table in TABLES.items():
        key = table.read_as or name
        for column, which in table.regions.items():
            needed = study.regions if which == "all" else study.targets
            if key not in tables or column not in tables[key]:
                found = f"there is no table {key} with a column {column}"
                problems.append(Problem(f"{key}.csv", None, column, found, "Add it."))
                continue
            lacking = [r for r in needed if r not in set(tables[key][column])]
            if lacking:
                found = f"no rows for {', '.join(lacking)}, which the study names"
                fix = "Add their rows, or take the regions out of the study."
                problems.append(Problem(f"{key}.csv", None, column, found, fix))
    years = set(tables["population"]["year"]) if "population" in tables else set()
    lost = [y for y in range(study.window.first, study.window.last + 1) if y not in years]
    if lost:
        found = f"no rows for {spans(lost)}, which the study's window names"
        fix = f"Add them, or narrow the window; {NAME} tells what each table spans."
        problems.append(Problem("population.csv", None, "year", found, fix))
    if problems:
        raise DataError(list(dict.fromkeys(problems)))

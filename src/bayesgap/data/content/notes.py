"""What a reader of tables should know before trusting a run on them: changed files, odd figures."""

from dataclasses import dataclass
from pathlib import Path

from bayesgap.data.content.finding import Frames
from bayesgap.data.content.registry import content_findings
from bayesgap.data.manifest import NAME, file_hash, read_manifest
from bayesgap.data.tables import condensed, table_paths, with_shared
from bayesgap.errors import DataError, Problem

OWN = "Figures of your own are welcome; restore the files if nobody meant to change them."


@dataclass(frozen=True)
class DataNotes:
    """Files that differ from the manifest, of how many, and warnings about figures."""

    changed: tuple[str, ...] = ()
    files: int = 0
    warnings: tuple[Problem, ...] = ()

    @property
    def lines(self) -> list[str]:
        """One sentence or two a note: what was found, against what, and what to do."""
        lines = []
        if self.changed:
            names = ", ".join(self.changed)
            found = f"{len(self.changed)} of {self.files} tables differ from {NAME}: {names}."
            lines.append(f"{found} {OWN}")
        return lines + [str(problem) for problem in condensed(self.warnings)]


def data_notes(frames: Frames, folder: Path) -> DataNotes:
    """Notes on the tables of `folder`, which `data.tables.read_lined` gave.

    Raises
    ------
    DataError
        Figures that cannot be; every one at once.
    """
    found = content_findings(frames)
    if any(finding.impossible for finding in found):
        raise DataError(condensed(one.problem for one in found if one.impossible))
    worst: dict[object, Problem] = {}  # one note a figure, however many checks it fails
    for problem in (finding.problem for finding in found):
        where = (problem.file, problem.row, problem.column)
        worst.setdefault(where if problem.row else problem, problem)
    return DataNotes(changed_files(folder), len(table_paths(folder)), tuple(worst.values()))


def changed_files(folder: Path) -> tuple[str, ...]:
    """Names of the files of tables that are not those of the manifest, or not named there."""
    entries = with_shared(read_manifest(folder)).tables
    return tuple(
        path.name
        for name, path in sorted(table_paths(folder).items())
        if name not in entries or file_hash(path) != entries[name].sha256
    )

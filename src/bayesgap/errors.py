"""Errors that users meet: what must hold, what was found, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


class BayesgapError(Exception):
    """Base of every error that bayesgap raises on purpose (exit code 2)."""


class StudyError(BayesgapError, ValueError):
    """A study, prior or scenario file says something that cannot be."""


class SchemaError(BayesgapError, ValueError):
    """A dataset lacks the dims, units or variables that its reader needs."""


class RunError(BayesgapError, ValueError):
    """A run folder is missing, incomplete or of another schema version."""


@dataclass(frozen=True)
class Problem:
    """One defect of an input table.

    `row` is the line in the file (1 is the header), None when the whole file or column is meant.
    A total that does not add up carries the name of its `check` and the key values `where`.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    fix: str
    check: str | None = None
    where: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """One line: file, place, finding, remedy."""
        place = ", ".join(
            part
            for part in (
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column}" if self.column else "",
            )
            if part
        )
        return f"{self.file}{f' ({place})' if place else ''}: {self.found}. {self.fix}"


class DataError(BayesgapError, ValueError):
    """The input tables break what must hold; carries every problem found."""

    def __init__(self, problems: Sequence[Problem], shown: int = 20) -> None:
        """Keep all `problems`; the message lists the first `shown`."""
        self.problems = tuple(problems)
        lines = [f"{len(self.problems)} problem(s) in the input data:"]
        lines += [f"  - {problem}" for problem in self.problems[:shown]]
        if len(self.problems) > shown:
            lines.append(f"  ... and {len(self.problems) - shown} more")
        super().__init__("\n".join(lines))


class FetchError(BayesgapError, ValueError):
    """A statistics bank did not give what was asked, or gave what cannot be used."""


class FitError(BayesgapError, ValueError):
    """A fit did not end where it should."""

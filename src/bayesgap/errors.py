"""Errors that users meet: what must hold, what was found, what to do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Literal
from unicodedata import normalize

Language = Literal["en", "no"]
_WORDS = {
    "en": ("row", "column", "{} problem(s) in the input data:", "... and {} more"),
    "no": ("rad", "kolonne", "{} feil i dataene:", "... og {} til"),
}


class BayesgapError(Exception):
    """Base of every error that bayesgap raises on purpose (exit code 2)."""


class StudyError(BayesgapError, ValueError):
    """A study, prior or scenario file says something that cannot be."""


class SchemaError(BayesgapError, ValueError):
    """A dataset lacks the dims, units or variables that its reader needs."""


class RunError(BayesgapError, ValueError):
    """A run folder is missing, incomplete or of another schema version."""


class RunNote(UserWarning):
    """What a reader of runs should know; a command says it in one line."""


class UncheckedRun(RunNote):
    """A run of before, whose files have no checksums."""


class FailedRun(RunNote):
    """A newer run than the one that is read has failed its checks."""


@dataclass(frozen=True)
class Problem:
    """One defect of an input table.

    `row` is the line in the file (1 is the header), None when the whole file or column is meant.
    A total that does not add up carries the name of its `check` and the key values `where`.
    `language` is that of `found` and `fix`.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    fix: str
    check: str | None = None
    where: tuple[tuple[str, object], ...] = ()
    language: Language = "en"

    def __str__(self) -> str:
        """One line: file, place, finding, remedy."""
        row, column = _WORDS[self.language][:2]
        place = ", ".join(
            part
            for part in (
                f"{row} {self.row}" if self.row is not None else "",
                f"{column} {self.column}" if self.column else "",
            )
            if part
        )
        return f"{self.file}{f' ({place})' if place else ''}: {self.found}. {self.fix}"


class DataError(BayesgapError, ValueError):
    """The input tables break what must hold; carries every problem found."""

    def __init__(self, problems: Sequence[Problem], shown: int = 20) -> None:
        """Keep all `problems`; the message lists the first `shown`."""
        self.problems = tuple(problems)
        *_, head, more = _WORDS[self.problems[0].language if self.problems else "en"]
        lines = [head.format(len(self.problems))]
        lines += [f"  - {problem}" for problem in self.problems[:shown]]
        if len(self.problems) > shown:
            lines.append("  " + more.format(len(self.problems) - shown))
        super().__init__("\n".join(lines))


class FetchError(BayesgapError, ValueError):
    """A statistics bank did not give what was asked, or gave what cannot be used.

    Words of the bank's own may stand in it: what no terminal should get is taken out.
    """

    def __init__(self, text: str) -> None:
        """Keep the printable part of `text`."""
        super().__init__(printable(text))


def printable(text: str) -> str:
    """`text` without characters that command a terminal."""
    return "".join(c for c in text if c.isprintable() or c == "\n")


class FitError(BayesgapError, ValueError):
    """A fit did not end where it should."""


def fold(text: str) -> str:
    """`text` without case, accents, spaces and marks; æ, ø, å as ae, oe, aa and as a, o, a."""
    plain = text.casefold().replace("æ", "a").replace("ø", "o").replace("å", "a")
    for double, single in (("ae", "a"), ("oe", "o"), ("aa", "a")):
        plain = plain.replace(double, single)
    return "".join(c for c in normalize("NFKD", plain) if c.isalnum())


def nearest(value: str, known: Sequence[str]) -> str:
    """` Did you mean "..."?` with the nearest of the known names; nothing if none is near."""
    folded = {fold(name): name for name in known}
    near = get_close_matches(fold(value), list(folded), n=1)
    return f' Did you mean "{folded[near[0]]}"?' if near else ""


def known_as(what: str, value: str, known: Collection[str]) -> str:
    """The known name that `value` is but for case, æøå and marks; RunError if there is none."""
    meant = value if value in known else {fold(name): name for name in known}.get(fold(value))
    if meant is None:
        require_one_of(what, value, known)
    return str(meant)


def require_one_of(what: str, value: object, known: Collection[object]) -> None:
    """Raise RunError unless `value` is known; names the nearest that is."""
    if value in known:
        return
    hint = nearest(str(value), [str(name) for name in known])
    raise RunError(f'There is no {what} "{value}".{hint} Known: {", ".join(map(str, known))}.')


def not_a_file(path: Path) -> str | None:
    """What `path` is instead of a file that can be read; None if it is one, or not there.

    A pipe would be waited for without end.
    """
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return "a link to a file that is not there" if path.is_symlink() else None
    except OSError as error:
        return f"nothing that can be opened ({error.strerror})"
    if S_ISREG(kind):
        return None
    return "a folder" if S_ISDIR(kind) else "a pipe or a device"


def require_folder(folder: Path, fix: str) -> None:
    """Raise DataError unless `folder` is there."""
    if not folder.is_dir():
        raise DataError([Problem(str(folder), None, None, "there is no such folder", fix)])

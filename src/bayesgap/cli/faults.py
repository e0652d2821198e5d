"""What the machine refused, in words: a disk that is full, a folder that may not be written."""

import codecs
import errno
import os
import re
import unicodedata
from typing import TextIO

DISK = "The disk is full, or your share of it. Make room"
RIGHTS = "It may not be read or written. Correct its permissions, or name another place"
REMEDIES = {
    errno.ENOSPC: DISK,
    errno.EDQUOT: DISK,
    errno.EFBIG: "A file would be larger than is allowed here (ulimit -f). Raise the limit",
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: "The disk is read only. Name a place that may be written with --out",
    errno.ENOENT: "Name one that is there",
    errno.EISDIR: "It is a folder; name a file",
    errno.ENOTDIR: "A part of the path is no folder; name another",
    errno.EEXIST: "Something else is there; name another",
    errno.ELOOP: "Links lead in a circle; name the file itself",
    errno.ENAMETOOLONG: "The name is too long; shorten it",
    errno.EMFILE: "Too many files are open (ulimit -n). Raise the limit",
    errno.EIO: "The disk fails to read or write. Take a copy",
}
ENDED = (
    "A worker process was ended from outside; most often memory ran out. Close other programs. "
    "Finished stages are kept, and the same call goes on."
)
_TOLD = re.compile(r"\berrno\b *=? *(\d+)", re.IGNORECASE)  # as HDF5 and Arrow tell it in words
PLAIN = {"\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "x", "\N{RIGHTWARDS ARROW}": "->",
         "\N{LESS-THAN OR EQUAL TO}": "<=", "\N{GREATER-THAN OR EQUAL TO}": ">=",
         "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{BULLET}": "*"}  # fmt: skip


def machine_fault(error: BaseException) -> str | None:
    """What the machine refused and what to do; None for an error of another kind."""
    if isinstance(error, MemoryError):
        return "Memory ran out. Close other programs, or ask for fewer draws."
    if type(error).__name__ == "BrokenProcessPool":
        return ENDED
    number = _number(error)
    if number not in REMEDIES:
        return None if error.__cause__ is None else machine_fault(error.__cause__)
    place = getattr(error, "filename", None)
    named = f"{os.fsdecode(place)}: " if isinstance(place, str | bytes | os.PathLike) else ""
    told = f"{named}{os.strerror(number)}. {REMEDIES[number]}."
    return f"{told} Finished stages are kept, and the same call goes on."


def _number(error: BaseException) -> int:
    """Number of the system's error; 0 if it is none."""
    known = getattr(error, "errno", None)
    if isinstance(error, OSError) and isinstance(known, int):
        return known
    told = _TOLD.search(str(error)) if isinstance(error, OSError | RuntimeError) else None
    return int(told[1]) if told else 0


def write_any_letter(*streams: TextIO) -> None:
    """Let terminals without Unicode get plain letters where they lack the true ones."""
    codecs.register_error("bayesgap", _plain)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="bayesgap")  # pyright: ignore[reportAttributeAccessIssue]


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    known = (PLAIN.get(c) or unicodedata.normalize("NFKD", c) for c in lost)
    return "".join(c if c.isascii() else "?" for word in known for c in word), error.end

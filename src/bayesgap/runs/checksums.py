"""Checksums of a run folder: written with each of its files, held against what is read.

`checksums.json` has, for each file or folder of a run, the states that count as whole: SHA-256 of
every file below it by its place there. There are two states only while one replaces the other, so
that a stop between the two steps spoils neither.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path

from bayesgap.errors import RunError

NAME = "checksums.json"
ALGORITHM = "sha256"
WHOLE = ""  # place of a file in itself
REMEDY = "Run the study again (what is damaged is made anew), or take the file from a copy."
THREADS = 4
State = Mapping[str, str]
States = Sequence[State]
Record = Mapping[str, States]


def read_record(folder: Path) -> Record | None:
    """States by file or folder of a run; None for a run of before, which has no record.

    Raises
    ------
    RunError
        The record itself is damaged.
    """
    try:
        return _states(json.loads((folder / NAME).read_text(encoding="utf-8"))["files"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError, OSError):
        raise RunError(
            f"{folder / NAME} is damaged, so that nothing here can be checked. Take it from a "
            "copy; or run the study again, which makes all anew; or remove it, and the run is read "
            "unchecked."
        ) from None


def _states(found: object) -> Record:
    """States as a record has them; TypeError where they are something else."""
    if not isinstance(found, dict):
        raise TypeError
    for known in found.values():
        if not isinstance(known, list) or not all(isinstance(one, dict) for one in known):
            raise TypeError
    return found


def record_text(record: Record) -> str:
    """What `checksums.json` holds."""
    return json.dumps({"algorithm": ALGORITHM, "files": record}, indent=1, sort_keys=True) + "\n"


def digest(path: Path) -> str:
    """Checksum of a file as it is now."""
    with path.open("rb") as file:
        return file_digest(file, ALGORITHM).hexdigest()


@lru_cache(maxsize=4096)
def _known_digest(path: Path, _modified: int, _size: int) -> str:
    return digest(path)


def digest_once(path: Path) -> str:
    """Checksum of a file, worked out once a process unless the file changes."""
    about = path.stat()
    return _known_digest(path, about.st_mtime_ns, about.st_size)


def state(path: Path, of: Callable[[Path], str] = digest) -> State:
    """Checksum of a file, or of every file below a folder by its place there."""
    if path.is_file():
        return {WHOLE: of(path)}
    files = sorted(found for found in path.rglob("*") if found.is_file())
    with ThreadPoolExecutor(THREADS) as pool:
        places = [found.relative_to(path).as_posix() for found in files]
        return dict(zip(places, pool.map(of, files), strict=True))


def faults(folder: Path, name: str, record: Record | None) -> list[str]:
    """What is wrong with a file or folder of a run, one line each; none without a record."""
    if record is None:
        return []
    known, path = record.get(name), folder / name
    if not known:
        return [f"{path} has no checksum in {NAME}."] if path.exists() else []
    if not path.exists():
        return [f"{path} is missing."]
    found = state(path, digest_once)
    if any(found == one for one in known):
        return []
    meant = known[0]
    places = sorted(place for place in {*meant, *found} if meant.get(place) != found.get(place))
    return [told(path, place, place in meant, place in found) for place in places]


def told(path: Path, place: str, meant: bool, found: bool) -> str:
    """Say what is wrong with one file."""
    whole = path / place if place else path
    if not found:
        return f"{whole} is missing."
    return f"{whole} has changed since it was written." if meant else f"{whole} does not belong."


def require_whole(folder: Path, name: str, record: Record | None) -> None:
    """Raise RunError unless a file or folder of a run is as it was written."""
    if found := faults(folder, name, record):
        raise RunError("\n".join([*found, REMEDY]))


def faults_of_run(folder: Path) -> tuple[int, list[str]]:
    """Number of files with a checksum, and everything that is wrong with them.

    Raises
    ------
    RunError
        The run has no checksums.
    """
    record = read_record(folder)
    if record is None:
        raise RunError(f"{folder} has no {NAME}: it was made before there was one, or it is lost. "
                       "Nothing can be checked. Run the study again.")  # fmt: skip
    number = sum(len(known[0]) for known in record.values() if known)
    return number, [line for name in sorted(record) for line in faults(folder, name, record)]

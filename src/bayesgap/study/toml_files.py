"""TOML files that users write, and what is wrong with them, all at once."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bayesgap.errors import StudyError


def read_toml(path: Path, what: str, known: str = "") -> dict[str, Any]:
    """Content of the file of `what`; `known` are names that could be given instead.

    Raises
    ------
    StudyError
        Not there, not to be read, or not TOML in UTF-8.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        other = f" or one of: {known}" if known else ""
        raise StudyError(f"There is no {what} {path}. Name an existing TOML file{other}.") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path} must be TOML in UTF-8: {error}.") from None


def not_valid(
    path: Path | str, what: str, error: ValidationError, whole: Sequence[str] = ()
) -> StudyError:
    """Every problem of a file that is not `what`, with what was found there.

    Parameters
    ----------
    whole : problems of the file as a whole, which pydantic looks for only where each key is right
    """
    lines = [_told(e) for e in error.errors() if not (whole and e["type"] == "value_error")]
    return StudyError("\n  - ".join([f"{path} is not {what}:", *lines, *whole]))


def _told(item: ErrorDetails) -> str:
    place, message = ".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, ")
    if not place:
        return message
    return f"{place}: {message} (found {str(item['input'])[:80]!r})"

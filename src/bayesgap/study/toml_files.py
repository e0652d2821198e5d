"""TOML files that users write, and what is wrong with them, all at once."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

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


def not_valid(path: Path, what: str, error: ValidationError) -> StudyError:
    """Every problem of a file that is not `what`, with what was found there."""
    lines = [
        f"  - {'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']} "
        f"(found {str(item['input'])[:80]!r})"
        for item in error.errors()
    ]
    return StudyError(f"{path} is not {what}:\n" + "\n".join(lines))

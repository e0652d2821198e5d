"""TOML files that users write, and what is wrong with them, all at once."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bayesgap.errors import StudyError
from bayesgap.study.mistakes import mistakes

DISTRIBUTIONS = {"normal", "half_normal", "log_normal", "gamma"}  # `beta` is a key too


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
    path: Path, what: str, error: ValidationError, schema: Mapping[str, Any]
) -> StudyError:
    """Every problem of a file that is not `what`; its JSON schema knows the keys."""
    told = mistakes(error.errors(), schema, _key)
    return StudyError(f"{path} is not {what}:\n" + "\n".join(told))


def _key(item: Any) -> str:
    """Place of a problem; names of a prior's distribution are no keys of the file."""
    return ".".join(str(part) for part in item["loc"] if part not in DISTRIBUTIONS) or "file"

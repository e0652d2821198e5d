"""TOML files that users write, and what is wrong with them, all at once."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bayesgap.errors import StudyError, not_a_file
from bayesgap.study.mistakes import mistakes

DISTRIBUTIONS = {"normal", "half_normal", "log_normal", "gamma"}  # `beta` is a key too


def read_toml(path: Path, what: str, known: str = "") -> dict[str, Any]:
    """Content of the file of `what`; `known` are names that could be given instead.

    Raises
    ------
    StudyError
        Not there, not to be read, or not TOML in UTF-8.
    """
    if (found := not_a_file(path)) is not None:
        raise StudyError(f"The {what} {path} must be a file; it is {found}. Name a TOML file.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        other = f" or one of: {known}" if known else ""
        raise StudyError(f"There is no {what} {path}. Name an existing TOML file{other}.") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StudyError(f"{path} must be TOML in UTF-8: {error}.") from None


def require_one_file(name: str, here: Path, embedded: Path, what: str, where: str = "") -> None:
    """Raise StudyError where `name` may be a file of the user's as well as an embedded one."""
    own, known = (folder / f"{name}.toml" for folder in (here, embedded))
    if own.is_file() and known.is_file() and not own.samefile(known):
        combined = where not in ("", "There")
        place = f"{where}: combines: " if combined else ""
        fix = "Rename yours" if combined else f"Write ./{own} for yours, or {known} for the other"
        raise StudyError(
            f'{place}"{name}" is ambiguous: {own} lies here, and a {what} of this name comes with '
            f"bayesgap. {fix}."
        )


def not_valid(
    path: Path | str,
    what: str,
    error: ValidationError,
    schema: Mapping[str, Any],
    whole: Sequence[str] = (),
) -> StudyError:
    """Every problem of a file that is not `what`; its JSON schema knows the keys.

    Parameters
    ----------
    whole : problems of the file as a whole, which pydantic looks for only where each key is right
    """
    single = [e for e in error.errors() if not (whole and e["type"] == "value_error")]
    told = [*mistakes(single, schema, _key), *(f"  - {line}" for line in whole)]
    return StudyError(f"{path} is not {what}:\n" + "\n".join(told))


def _key(item: Any) -> str:
    """Place of a problem; names of a prior's distribution are no keys of the file."""
    return ".".join(str(part) for part in item["loc"] if part not in DISTRIBUTIONS) or "file"

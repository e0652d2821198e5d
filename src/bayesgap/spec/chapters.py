"""Priors of the report's chapters: what their small models assume, apart from any study."""

import tomllib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bayesgap.errors import StudyError
from bayesgap.spec.bundle import bundle_root
from bayesgap.spec.priors import BlockPriors

_CHAPTERS = TypeAdapter(dict[str, BlockPriors])


def chapter_priors(path: Path | None = None) -> dict[str, BlockPriors]:
    """Priors by chapter, from `models/chapters/priors.toml` or a file of the user's.

    Raises
    ------
    StudyError
        Missing file, not TOML, or a prior without `why`; every problem at once.
    """
    file = path or bundle_root() / "models" / "chapters" / "priors.toml"
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        return _CHAPTERS.validate_python(raw)
    except FileNotFoundError:
        raise StudyError(f"There is no file of priors {file}. Name an existing one.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{file} must be TOML in UTF-8: {error}.") from None
    except ValidationError as error:
        lines = [f"  - {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise StudyError(f"{file} holds priors that are not valid:\n" + "\n".join(lines)) from None

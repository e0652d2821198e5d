"""Priors of the report's chapters: what their small models assume, apart from any study."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bayesgap.study.bundle import bundle_root
from bayesgap.study.priors import BlockPriors
from bayesgap.study.toml_files import not_valid, read_toml

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
        return _CHAPTERS.validate_python(read_toml(file, "file of priors"))
    except ValidationError as error:
        raise not_valid(file, "a valid file of priors", error, _CHAPTERS.json_schema()) from None

"""Where the embedded study, its data and evidence lie: in a checkout, or in an installed wheel."""

from pathlib import Path
from typing import TYPE_CHECKING

from bayesgap.errors import StudyError

if TYPE_CHECKING:  # studies extend embedded ones, so that module imports this one
    from bayesgap.study.study import Study

_PARTS = ("models", "data")


def bundle_root() -> Path:
    """Folder that holds `models/` and `data/`.

    Raises
    ------
    StudyError
        Neither the installed package nor its checkout carries them.
    """
    package = Path(__file__).resolve().parents[1]
    candidates = (package / "_bundle", package.parents[1])
    for root in candidates:
        if all((root / part).is_dir() for part in _PARTS):
            return root
    raise StudyError(
        f"bayesgap must come with the folders {' and '.join(_PARTS)}; looked in "
        f"{' and '.join(map(str, candidates))}. Install the package again."
    )


def evidence_folder() -> Path:
    """Folder of what `bayesgap validate` found for the default study; it may be empty or absent."""
    return bundle_root() / "docs" / "results"


def default_study() -> Path:
    """Study file that runs when none is named."""
    return bundle_root() / "models" / "buskerud.toml"


def resolve_data(study_path: Path, study: "Study") -> Path:
    """Folder of the study's tables: beside the study file, else here, else embedded.

    Raises
    ------
    StudyError
        No such folder in any of the three places.
    """
    candidates = tuple(
        dict.fromkeys(
            (root / study.data).resolve()
            for root in (study_path.resolve().parent, Path.cwd(), bundle_root())
        )
    )
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise StudyError(
        f'The data folder "{study.data}" of {study_path} must exist; looked for '
        f"{', '.join(map(str, candidates))}. Correct `data` in the study."
    )

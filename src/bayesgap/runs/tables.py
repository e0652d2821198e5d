"""The tables that a run read, as long as they are at hand and are still the same."""

from pathlib import Path

from bayesgap.data.tables import tables_hash
from bayesgap.errors import BayesgapError
from bayesgap.runs.run import Run
from bayesgap.study.bundle import resolve_data


def tables_folder(run: Run) -> Path:
    """Folder of the tables that the run's study names.

    Raises
    ------
    StudyError
        It is gone.
    """
    return resolve_data(run.path / "study.toml", run.study)


def same_tables(run: Run) -> Path | None:
    """Folder of the very tables that the run read; None if they are gone or have changed."""
    try:
        folder = tables_folder(run)
        return folder if tables_hash(folder) == run.provenance["data_hash"] else None
    except BayesgapError:
        return None

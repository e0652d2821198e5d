"""A finished run that a test may damage."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(run_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "runs" / run_folder.name
    shutil.copytree(run_folder, path)
    return path

"""What a few tests need beside a clone and its packages; each skip says what is missing."""

import os
import shutil
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
NO_BROWSER = "no chromium: apt-get install chromium, or name one in CHROMIUM"
NO_PANGO = "no Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
NO_UV = "no uv that runs: ./dev installs one"


def shared(path: str) -> pytest.MarkDecorator:
    """Mark of tests that read a file or folder under ../shared, which a clone has not."""
    found = (SHARED / path).exists()
    return pytest.mark.skipif(not found, reason="no ../shared with recorded figures beside here")


def chromium() -> str | None:
    """Path of the browser: the CHROMIUM variable, else as Debian installs it."""
    return shutil.which(os.environ.get("CHROMIUM", "chromium"))

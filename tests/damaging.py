"""Damage to files of a run, and how a command answers."""

import os
from pathlib import Path

from bayesgap.cli import main


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Leave the first third of a file, or of each file of a folder."""
    for file in [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]:
        os.truncate(file, file.stat().st_size // 3)


def main_ends(words: list[str], code: int) -> None:
    """Assert the exit code of a command."""
    try:
        main(words)
    except SystemExit as stopped:
        assert (stopped.code or 0) == code
    else:
        assert code == 0

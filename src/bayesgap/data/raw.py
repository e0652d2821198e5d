"""Text of a table as it stands in its file: encoding, header, lines. No meaning yet."""

import csv
import io
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from bayesgap.errors import Problem


def read_text(path: Path) -> tuple[str | None, list[Problem]]:
    """Content as text, or the place of the first byte that is not UTF-8."""
    content = path.read_bytes()
    if not content.strip():
        fix = "Restore the table with its header and rows."
        return None, [Problem(path.name, None, None, "the file is empty", fix)]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        found = f"byte 0x{byte:02x} is not UTF-8"
        fix = "Save the file as UTF-8 (not Latin-1 or Windows-1252)."
        return None, [Problem(path.name, line, None, found, fix)]


def read_raw(path: Path, columns: Sequence[str]) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Rows as text, indexed by line number (1 is the header), in the order of `columns`.

    The order of columns in the file is free; None comes back when no row can be understood.
    """
    text, problems = read_text(path)
    if text is None:
        return None, problems
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if start == 1:
                header = [name.strip() for name in row]
                problems += _header_problems(path.name, header, columns)
            elif len(row) != len(header):
                problems.append(_ragged(path.name, start, len(row), len(header)))
            else:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        fix = "Close the quotation marks and separate columns by commas."
        problems.append(Problem(path.name, reader.line_num, None, f"not CSV: {error}", fix))
    if not rows and not problems:
        fix = "Restore the table's rows."
        problems.append(Problem(path.name, None, None, "the table has a header but no rows", fix))
    known = [name for name in columns if header.count(name) == 1]
    if not rows or not known:
        return None, problems
    frame = pd.DataFrame(rows, columns=header, index=pd.Index(lines, name="line"), dtype=object)
    return frame[known], problems


def _header_problems(file: str, header: list[str], columns: Sequence[str]) -> list[Problem]:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        fix = f"Separate columns by commas: {', '.join(columns)}."
        return [Problem(file, 1, None, f"the header is one column {header[0]!r}", fix)]
    problems = []
    unknown = [name for name in dict.fromkeys(header) if name not in columns]
    missing = [name for name in columns if name not in header]
    for name in unknown:
        near = get_close_matches(name, missing, n=1)
        fix = f'Rename it to "{near[0]}".' if near else f"Remove it; known: {', '.join(columns)}."
        problems.append(Problem(file, 1, name or "(no name)", "unknown column", fix))
    for name in missing:
        problems.append(Problem(file, 1, name, "the column is missing", "Add it."))
    for name in dict.fromkeys(header):
        if header.count(name) > 1 and name in columns:
            found = f"the column stands {header.count(name)} times in the header"
            problems.append(Problem(file, 1, name, found, "Keep one."))
    return problems


def _ragged(file: str, line: int, found: int, wanted: int) -> Problem:
    if found == 0:
        return Problem(file, line, None, "the line is empty", "Delete the line.")
    return Problem(
        file,
        line,
        None,
        f"{found} values where the header has {wanted} columns",
        "Give each column one value; put text with commas in quotation marks.",
    )

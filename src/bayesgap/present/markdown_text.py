"""Pages in Markdown as a terminal shows them: tables in columns, without marks of emphasis."""

import re
from collections.abc import Sequence
from itertools import groupby
from textwrap import fill

from bayesgap.present.table import as_text

MARKS = re.compile(r"\*\*|`|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)")

LONG, WIDTH, IN = 60, 100, "    "  # a column with a longer cell stands below its row


def as_columns(page: str) -> str:
    """A page whose tables are columns side by side."""
    parts: list[str] = []
    for table, group in groupby(page.split("\n"), key=lambda line: line.startswith("|")):
        lines = list(group)
        parts += _columns(lines) if table else map(_plain, lines)
    return "\n".join(parts)


def _columns(lines: Sequence[str]) -> list[str]:
    head, rule, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    names = [_plain(name) or " " for name in head]
    left = [name for name, mark in zip(names, rule, strict=True) if not mark.endswith(":")]
    cells = [dict(zip(names, map(_plain, row), strict=True)) for row in rows]
    long = [name for name in names[1:] if any(len(cell[name]) > LONG for cell in cells)]
    told, *lines = as_text(cells, left, [n for n in names if n not in long]).split("\n")
    below = [[_indented(cell[name]) for name in long if cell[name]] for cell in cells]
    return [
        told,
        *(part for line, more in zip(lines, below, strict=True) for part in (line, *more)),
    ]


def _indented(text: str) -> str:
    return fill(text, WIDTH, initial_indent=IN, subsequent_indent=IN)


def _plain(cell: str) -> str:
    return MARKS.sub("", cell)

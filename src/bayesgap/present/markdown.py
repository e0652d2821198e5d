"""Pages as Markdown: a template beside its module for the prose, and tables from rows of cells."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2

from bayesgap.present.labels import part_label
from bayesgap.present.odds import chance

PACKAGE = Path(__file__).parents[1]


def table(heads: str, rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table.

    Parameters
    ----------
    heads : `name | figure:`, as Markdown has it: a colon behind a head sets its column right
    rows : cells of each row, in the order of the heads
    """
    names = heads.split(" | ")
    sides = ["---:" if name.endswith(":") else "---" for name in names]
    head = f"| {' | '.join(name.removesuffix(':') for name in names)} |"
    return [head, f"|{'|'.join(sides)}|", *map(table_row, rows)]


def table_row(cells: Iterable[object]) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def render(template: str, **values: Any) -> str:
    """Text of the template `folder/name` of the package (`folder/name.md.jinja`).

    A line that ends in a backslash goes on in the next. Filters beside those of Jinja: `as`, as
    `format` of Python has it; `records`, the rows of a frame; `row` and `rows`, lines of a table;
    `part` and `chance`, as labels have them.

    Raises
    ------
    jinja2.UndefinedError
        The template has a name that is not in `values`.
    """
    source = PACKAGE.joinpath(f"{template}.md.jinja").read_text(encoding="utf-8")
    return ENGINE.from_string(source.replace("\\\n", "")).render(values)


ENGINE = jinja2.Environment(
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENGINE.filters |= {
    "as": format,
    "records": lambda frame: frame.to_dict("records"),
    "row": table_row,
    "rows": lambda rows: "\n".join(map(table_row, rows)),
    "part": part_label,
    "chance": chance,
}

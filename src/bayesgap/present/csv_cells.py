"""Cells of CSV files that a spreadsheet would take for formulas, made into plain text."""

import csv
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COMMANDS = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to calculate


def defused(cell: str) -> str:
    """`cell` with an apostrophe before it if it would be a formula; a number stays one."""
    return f"'{cell}" if cell.startswith(COMMANDS) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def defused_csv(text: str) -> str:
    """CSV whose cells are no formulas."""
    out = StringIO()
    rows = csv.reader(StringIO(text, newline=""))
    csv.writer(out, lineterminator="\n").writerows([*map(defused, row)] for row in rows)
    return out.getvalue()


def defused_frame(frame: "pd.DataFrame") -> "pd.DataFrame":
    """`frame` whose texts are no formulas."""
    texts = [name for name in frame.columns if frame[name].dtype.kind not in "biufc"]
    changed = {name: frame[name].map(lambda v: defused(v) if isinstance(v, str) else v)
               for name in texts}  # fmt: skip
    return frame.assign(**changed)

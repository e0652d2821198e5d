"""How a run, its health and its figures show themselves at a prompt and in a notebook."""

from collections.abc import Sequence
from html import escape
from io import BytesIO

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bayesgap.present import table
from bayesgap.present.health_text import health_lines, health_table, verdict_line
from bayesgap.runs.verdicts import Health, Verdict

COLOURS: dict[Verdict, str] = {"PASS": "#0b6b4f", "REVIEW": "#8a5a00", "FAIL": "#a3142e"}


class RunHealth(Health):
    """Health that prints its verdict and checks, not its fields."""

    def __repr__(self) -> str:
        """Verdict, what did not pass, and every check with its thresholds."""
        return "\n".join([*health_lines(self), "", health_table(self)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<div>{escape(line)}</div>" for line in health_lines(self)[1:])
        return f"{badge(self.verdict)}{lines}<pre>{escape(health_table(self))}</pre>"


def badge(verdict: Verdict) -> str:
    """Verdict as white text on its colour."""
    look = f"background:{COLOURS[verdict]};color:#fff;padding:0 .5em;border-radius:.3em"
    return f'<strong style="{look}">{verdict}</strong>'


def run_text(run_id: str, title: str, health: Health, wide: Sequence[table.Row]) -> str:
    """A run as plain text: verdict first, then the gap of every region."""
    text = table.as_text(table.readable(wide, "total", {}))
    return f"{title}\n{verdict_line(health)}\n\n{table.caption(wide, run_id, 'main')}\n\n{text}"


def run_html(run_id: str, title: str, health: Health, wide: Sequence[table.Row]) -> str:
    """A run as HTML: verdict first, then the gap of every region."""
    told = f"<div>{escape(verdict_line(health))}</div>"
    rows = pd.DataFrame(table.readable(wide, "total", {}))
    shown = rows.to_html(index=False, border=0, justify="right")
    caption = escape(table.caption(wide, run_id, "main"))
    return (
        f"<div><p><b>{escape(title)}</b> {badge(health.verdict)}</p>{told}<p>{caption}</p>"
        f"{shown}</div>"
    )


class Picture(Figure):
    """A figure that a notebook shows, whether or not pyplot is in use there."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        FigureCanvasAgg(self).print_png(buffer)
        return buffer.getvalue()

"""The report as one HTML file that asks for nothing outside itself, and as tagged PDF from it."""

import base64
import importlib
from io import BytesIO
from pathlib import Path
from typing import Any

import jinja2
import matplotlib as mpl
from matplotlib.figure import Figure

from bayesgap.document.parts import Document, Heading, Picture, Table
from bayesgap.errors import RunError
from bayesgap.present.csv_cells import defused_csv
from bayesgap.present.figures import STYLE
from bayesgap.present.policy import content_policy


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def svg_of(figure: Figure, run_id: str) -> bytes:
    """A figure as SVG that carries its run and no date."""
    buffer = BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Description": run_id, "Date": None})
    return buffer.getvalue()


def _csv_uri(text: str) -> str:
    return _data_uri("text/csv;charset=utf-8", ("\ufeff" + defused_csv(text)).encode("utf-8"))


def html_report(document: Document, attached: bool = False) -> str:
    """The whole page; every text is escaped by the template engine.

    Figures' data are links that hold them, or names of files where they are `attached`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "csv_uri": _csv_uri,
        "svg_uri": lambda p: _data_uri("image/svg+xml", svg_of(p.figure, document.run_id)),
    }
    environment.tests |= {
        "table_part": lambda item: isinstance(item, Table),
        "heading_part": lambda item: isinstance(item, Heading),
        "picture_part": lambda item: isinstance(item, Picture),
    }
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    template = environment.get_template("page.html.jinja")
    policy = content_policy(style, images=True)
    about = {"document": document, "words": document.words, "style": style, "policy": policy}
    return template.render(about, attached=attached)


def pdf_report(document: Document, path: Path) -> None:
    """A tagged PDF (PDF/UA-1), with the data of every table and figure as attached CSV files.

    Raises
    ------
    RunError
        WeasyPrint, or the Pango library that it needs, is not installed.
    """
    try:
        weasyprint: Any = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise RunError(
            "PDF needs WeasyPrint and the system library Pango. Install bayesgap[pdf], and Pango "
            f"from your system's packages, or use --format html and print it. ({error})"
        ) from None
    files = [
        weasyprint.Attachment(string=defused_csv(text), name=f"{name}.csv", description=caption)
        for name, (caption, text) in sorted(data_of(document).items())
    ]
    page = weasyprint.HTML(string=html_report(document, attached=True))
    page.write_pdf(path, pdf_variant="pdf/ua-1", pdf_tags=True, attachments=files)


def data_of(document: Document) -> dict[str, tuple[str, str]]:
    """Caption and CSV of every table and figure by its id."""
    sections = (document.decision, *document.sections)
    items = [item for section in sections for item in section.items]
    shown = [item for item in (document.picture, *items) if isinstance(item, Table | Picture)]
    return {item.id: (item.caption, item.csv) for item in shown}

"""The report as a Word document: headings, captions, repeated heads, alternative texts."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import matplotlib as mpl
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bayesgap.document.parts import Document, Heading, Picture, Section, Table
from bayesgap.present.figures import STYLE

WIDTH, HEIGHT = 17.0, 19.0  # cm that a page has for a picture above its caption
LETTERS = (6, 90)  # that a column is given at least and at most
ACROSS, MARGIN = 95, 3  # letters on a line of a table, and in the margins of a cell
GROUPS = re.compile(r"(?<=\d) (?=\d{3}\b|%)|(?<=[+−-]) (?=\d)")
TAGS = {"nb": "nb-NO", "en": "en-GB"}


def docx_report(document: Document, path: Path) -> None:
    """Write the report as a Word document."""
    word = docx.Document()
    _set_up(word, document)
    word.add_heading(document.title, 0)
    word.add_paragraph(document.subtitle, style="Subtitle")
    word.add_heading(document.words["verdict"], 1)
    word.add_paragraph().add_run(document.verdict_text).bold = True
    for check in document.checks:
        word.add_paragraph(check, style="List Bullet")
    word.add_heading(document.words["answer"], 1)
    for answer in document.answers:
        word.add_paragraph(answer, style="List Bullet")
    _add_picture(word, document.picture, document)
    for section in (document.decision, *document.sections):
        _add_section(word, section, document)
    word.add_paragraph(document.words["made"])
    word.save(str(path))


def _set_up(word: Word, document: Document) -> None:
    """Title, language, margins and the verdict at the foot of every page."""
    word.core_properties.title = document.title
    word.core_properties.language = TAGS[document.language]
    word.core_properties.subject = document.words["footer"]
    normal: Any = word.styles["Normal"]  # a paragraph style, which its type does not say
    normal.font.size = Pt(10)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), TAGS[document.language])
    normal.element.get_or_add_rPr().append(spoken)
    for page in word.sections:
        page.left_margin = page.right_margin = Cm(2)
        page.footer.paragraphs[0].text = document.words["footer"]


def _add_section(word: Word, section: Section, document: Document) -> None:
    word.add_heading(section.title, 1)
    for item in section.items:
        if isinstance(item, Table):
            _add_table(word, item)
        elif isinstance(item, Heading):
            word.add_heading(item.text, 2)
        elif isinstance(item, Picture):
            _add_picture(word, item, document)
        else:
            word.add_paragraph(item)


def _add_picture(word: Word, picture: Picture, document: Document) -> None:
    buffer = BytesIO()
    with mpl.rc_context(STYLE):
        picture.figure.savefig(buffer, format="png", dpi=150)
    buffer.seek(0)
    across, down = picture.figure.get_size_inches()
    shape = word.add_picture(buffer, width=Cm(min(WIDTH, HEIGHT * across / down)))
    word.paragraphs[-1].paragraph_format.keep_with_next = True
    shape._inline.docPr.set("descr", picture.alt)
    word.add_paragraph(f"{picture.caption}. {document.words['footer']}", style="Caption")
    if picture.note:
        word.add_paragraph(picture.note)


def _add_table(word: Word, table: Table) -> None:
    word.add_paragraph(table.caption, style="Caption").paragraph_format.keep_with_next = True
    grid = word.add_table(rows=1 + len(table.rows), cols=len(table.head))
    grid.style = "Light List"
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)
    grid.autofit = False
    wide = [Cm(width) for width in widths(table)]
    for column, width in zip(grid.columns, wide, strict=True):
        column.width = width  # LibreOffice reads these, Word those of cells
    for row, texts in zip(grid.rows, [table.head, *table.rows], strict=True):
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = wide[place]
            paragraph = cell.paragraphs[0]
            paragraph.add_run(unbroken(text)).font.size = Pt(8)
            if not table.from_left(place):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if table.note:
        word.add_paragraph(table.note)


def unbroken(text: str) -> str:
    """Text whose figures stay whole at the end of a line."""
    return GROUPS.sub("\N{NO-BREAK SPACE}", text)


def widths(table: Table) -> list[float]:
    """Widths of columns [cm] that fill the page: the longest word, and a part of what is left."""
    least, most = LETTERS
    columns = [list(column) for column in zip(table.head, *table.rows, strict=True)]
    words = [
        max(len(word) for text in column for word in unbroken(text).split(" "))
        for column in columns
    ]
    longest = [min(max(map(len, column)), most) for column in columns]
    needed = [max(word + MARGIN, least) for word in words]
    more = [max(whole - need, 0) for whole, need in zip(longest, needed, strict=True)]
    spare = max(ACROSS - sum(needed), 0) / max(sum(more), 1)
    kept = [need + spare * extra for need, extra in zip(needed, more, strict=True)]
    return [WIDTH * letters / sum(kept) for letters in kept]

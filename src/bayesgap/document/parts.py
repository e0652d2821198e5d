"""What a report is made of, before it takes a form: sections of text, tables and figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """Texts in rows under a head, with the unrounded figures as CSV; `left` columns are names."""

    id: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    csv: str
    left: int = 1
    note: str = ""
    foreign: bool = False  # some cells are in English whatever the report's language
    prose: bool = False  # the last column holds sentences

    def from_left(self, place: int) -> bool:
        """Whether the column at `place` is text, which begins at the left."""
        return place < self.left or (self.prose and place == len(self.head) - 1)


@dataclass(frozen=True)
class Picture:
    """A figure with what it shows in words, and its figures as CSV."""

    id: str
    caption: str
    alt: str
    figure: Figure
    csv: str
    note: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


Item = str | Heading | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading, and what stands under it in order."""

    id: str
    title: str
    items: Sequence[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """A report: its head, two pages for a decision, then its chapters."""

    language: str
    title: str
    subtitle: str
    run_id: str
    verdict: str
    verdict_text: str
    checks: Sequence[str]
    answers: Sequence[str]
    picture: Picture
    decision: Section
    sections: Sequence[Section]
    words: dict[str, str]

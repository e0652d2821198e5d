"""Mapping files: where each table comes from, and how the source's codes become ours.

A mapping file names a bank (`[bank]`) and one source a table (`[tables.NAME]`): a `table` of the
bank, or a `file` that the user has. Other countries and own extracts need a mapping file and no
code. `data/sources/ssb.toml` is the one for Norway.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from bayesgap.data.schemas import TABLES
from bayesgap.schema import SECTORS
from bayesgap.study.bundle import bundle_root
from bayesgap.study.toml_files import not_valid, read_toml

Which = Literal["targets", "pooling", "study"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BankSpec(_Strict):
    """A statistics bank: https only, so that an address has no scheme here."""

    name: str
    title: str
    host: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    api: str
    klass: str | None = None
    language: str = "en"
    licence: str
    max_cells: int = Field(default=800_000, gt=0)
    calls: int = Field(default=30, gt=0)
    window: float = Field(default=60.0, gt=0)
    border_year: int
    sum_codelist: str | None = None
    sum_prefix: str = ""


class ColumnSpec(_Strict):
    """How one of our columns follows from a variable of the source.

    `places` says which regions are wanted (codes of municipalities, summed), `each` in which
    column their names go if municipalities stay apart, `also` further codes. `map` takes codes to
    ours, several to one being summed; "sectors" and "same" keep codes as they are, `whole` names
    the sum of all of them. `number` reads the leading whole number of a code, `top` is the open
    last group, `shift` is added; `form` is the shape of the codes that are meant, where groups
    stand beside single values. `parts` divides a code between several of ours, by shares.
    """

    variable: str
    places: Which | None = None
    each: str | None = None
    also: dict[str, str] = {}
    prefix: str = ""
    map: dict[str, str] | Literal["sectors", "same"] | None = None
    whole: str | None = None
    number: bool = False
    first: int | None = None
    last: int | None = None
    top: int | None = None
    shift: int = 0
    form: str = ""
    parts: dict[str, dict[str, float]] = {}

    def mapping(self) -> dict[str, str] | None:
        """Codes to ours; None where codes stay."""
        if self.map == "sectors":
            return {code: code for code in ("00", *SECTORS)}
        return None if self.map == "same" else self.map

    @model_validator(mode="after")
    def _parts_make_a_whole(self) -> "ColumnSpec":
        wrong = [code for code, parts in self.parts.items() if abs(sum(parts.values()) - 1) > 1e-6]
        if wrong:
            raise ValueError(f"parts must add up to 1; those of {wrong} do not")
        return self

    @model_validator(mode="after")
    def _one_way(self) -> "ColumnSpec":
        ways = (self.places is not None) + (self.map is not None) + self.number
        if ways != 1:
            raise ValueError("say one of places, map and number")
        return self

    @field_validator("form")
    @classmethod
    def _is_a_pattern(cls, form: str) -> str:
        try:
            re.compile(form)
        except re.error as error:
            raise ValueError(f"form must be a regular expression: {error}") from None
        return form


class Source(_Strict):
    """One table: a `table` of the bank or a `file`, its columns, values and constants.

    `values` takes our value columns to codes of `measure` (for a file: to its columns); an empty
    code means that `measure` is one of the columns. `fixed` are codes of other variables, summed
    over. `follows` derives a constant from a column. `melt` names the variable that a wide file's
    column heads become. `assumed` says why rows are no observations. `summed` names variables that
    the bank sums over where it can; else all their codes are asked and summed here. An `open`
    table has no columns here: it is taken as the bank describes it (`opened`).
    """

    table: str | None = None
    file: str | None = None
    title: str
    seen: Literal["recorded", "documented", "unconfirmed"] = "unconfirmed"
    optional: bool = False
    status: Literal["observed", "published", "assumed"] = "observed"
    source: str = ""
    measure: str = "ContentsCode"
    values: dict[str, str] = {}
    columns: dict[str, ColumnSpec] = {}
    fixed: dict[str, tuple[str, ...]] = {}
    summed: tuple[str, ...] = ()
    open: bool = False
    constants: dict[str, str | int | float] = {}
    follows: dict[str, dict[str, str]] = {}
    melt: str | None = None
    assumed: str = ""

    @model_validator(mode="after")
    def _one_origin(self) -> "Source":
        if (self.table is None) == (self.file is None):
            raise ValueError("say either table (of the bank) or file")
        if self.open != (not self.values) or (self.open and (self.columns or self.file)):
            raise ValueError("say values and columns, or open = true for a table of the bank")
        if self.status == "assumed" and len(self.assumed) < 10:
            raise ValueError("an assumed table must say why in `assumed`")
        return self


class Catalogue(_Strict):
    """A mapping file; figures that are borrowed from another country are `assumed`."""

    bank: BankSpec | None = None
    tables: dict[str, tuple[Source, ...]]
    extra: dict[str, tuple[Source, ...]] = {}
    borrow: dict[str, str] = {}
    borrowed_are: Literal["observed", "assumed"] = "observed"

    @field_validator("tables", "extra", mode="before")
    @classmethod
    def _lists(cls, found: Any) -> Any:
        """One source may stand without a list."""
        if not isinstance(found, dict):
            return found
        return {name: s if isinstance(s, list | tuple) else [s] for name, s in found.items()}

    def sources(self) -> Iterator[Source]:
        """Every source of every table."""
        for sources in (*self.tables.values(), *self.extra.values()):
            yield from sources

    @model_validator(mode="after")
    def _known_tables(self) -> "Catalogue":
        unknown = [name for name in (*self.tables, *self.borrow) if name not in TABLES]
        if unknown:
            raise ValueError(f"unknown tables {unknown}; known: {sorted(TABLES)}")
        if any(source.open for sources in self.tables.values() for source in sources):
            raise ValueError("only an extra table can be open: the models know their columns")
        if self.bank is None and any(source.table for source in self.sources()):
            raise ValueError("a table of a bank needs [bank]")
        return self


def read_catalogue(path: Path) -> Catalogue:
    """Mapping file at `path`.

    Raises
    ------
    StudyError
        No such file, not TOML, or not a mapping file; every problem at once.
    """
    try:
        return Catalogue.model_validate(read_toml(path, "mapping file"))
    except ValidationError as error:
        raise not_valid(path, "a mapping file", error, Catalogue.model_json_schema()) from None


def norwegian() -> Path:
    """The embedded mapping file of Statistics Norway."""
    return bundle_root() / "data" / "sources" / "ssb.toml"

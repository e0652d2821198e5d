"""Where the figures come from: `manifest.toml`, its promises and its declared defects."""

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bayesgap.errors import DataError, Problem
from bayesgap.study.bundle import bundle_root

NAME = "manifest.toml"


class Exemption(BaseModel):
    """Rows that need not obey a rule, and why: `where` gives column values, `years` a span."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    where: dict[str, tuple[str | int, ...]] = {}
    years: tuple[int, int] | None = None
    check: str | None = None
    reason: str = Field(min_length=10)

    def covers(self, frame: pd.DataFrame) -> "pd.Series[bool]":
        """Say which rows of `frame` this exempts; columns it lacks do not restrict."""
        mask = pd.Series(data=True, index=frame.index, dtype=bool)
        for column, values in self.where.items():
            if column in frame:
                mask = mask & frame[column].isin(values)
        if self.years is not None:
            mask = mask & frame["year"].between(*self.years)
        return mask


class Entry(BaseModel):
    """One table: origin, what it promises, what is known to be wrong with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    file: str
    title: str
    source: str
    extracted: str = Field(description="year of extraction, or the edition where that is known")
    licence: str
    status: Literal["observed", "published", "assumed"]
    years: tuple[int, int] | None = None
    sha256: str
    defects: tuple[str, ...] = ()
    gaps: tuple[Exemption, ...] = ()
    empty_cells: tuple[Exemption, ...] = ()
    totals: tuple[Exemption, ...] = ()


class Manifest(BaseModel):
    """All tables by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    tables: dict[str, Entry]

    def exempt(self, table: str, check: str, frame: pd.DataFrame) -> "pd.Series[bool]":
        """Rows of `frame` (with the key columns of `check`) that may break `check`."""
        mask = pd.Series(data=False, index=frame.index, dtype=bool)
        for exemption in self.tables[table].totals if table in self.tables else ():
            if exemption.check in (None, check):
                mask = mask | exemption.covers(frame)
        return mask


def companion(folder: Path, name: str) -> Path:
    """`name` in `folder`, else beside it, else among the embedded data."""
    for root in (folder, folder.resolve().parent):
        if (root / name).exists():
            return root / name
    return bundle_root() / "data" / name


def read_manifest(folder: Path) -> Manifest:
    """Manifest of the tables in `folder`.

    Raises
    ------
    DataError
        Not TOML or not the shape of `Manifest`; every problem at once.
    """
    path = companion(folder, NAME)
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fix = "Write it as TOML in UTF-8."
        raise DataError([Problem(path.name, None, None, f"cannot be read: {error}", fix)]) from None
    except ValidationError as error:
        raise DataError(
            [
                Problem(
                    path.name,
                    None,
                    ".".join(map(str, item["loc"])),
                    item["msg"],
                    "Correct the entry; data/README.md describes it.",
                )
                for item in error.errors()
            ]
        ) from None


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refresh_manifest(path: Path) -> tuple[str, ...]:
    """Write the current hash of every table into the manifest at `path`; comments stay.

    Returns
    -------
    Names of the files whose hash had changed.
    """
    changed: list[str] = []
    current: Path | None = None
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r'file = "(.+)"', line):
            current = path.parent / found[1]
        if line.startswith("sha256 = ") and current is not None:
            new = f'sha256 = "{file_hash(current)}"'
            if new != line:
                changed.append(current.name)
            line, current = new, None
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tuple(changed)

"""Words of the report, one TOML file a language, with the same keys in each."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bayesgap import schema
from bayesgap.present.labels import education_label, person
from bayesgap.present.odds import Language
from bayesgap.present.table import rounded, step


@cache
def catalogue(language: Language) -> Mapping[str, Any]:
    """Every text of the report in one language: sections of keys, then texts."""
    path = Path(__file__).with_name(f"{language}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Words:
    """Texts, names and numbers in one language."""

    def __init__(self, language: Language) -> None:
        """Read the catalogue of `language`."""
        self.language: Language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, **values: object) -> str:
        """Text `section.name` with `values` filled in."""
        section, _, name = key.partition(".")
        return str(self._texts[section][name]).format(**values)

    def name(self, kind: str, key: str) -> str:
        """Name of a sector, quantity, status, block or scenario; `key` itself if it has none."""
        return str(self._texts.get(kind, {}).get(key, key.replace("_", " ")))

    def part(self, part: str) -> str:
        """Name of a level, field, education group or sector."""
        if part in schema.SECTORS or part in schema.OVERLAYS:
            return self.name("sectors", part)
        label = education_label(part, self.language)
        return label[:1].upper() + label[1:]

    def number(self, value: float, width: float, signed: bool = False) -> str:
        """Persons, rounded to two digits of the 80 % `width`."""
        return person(rounded(value, step(width)), signed)

    def interval(self, low: float, high: float, width: float, signed: bool = False) -> str:
        """`A to B`, rounded alike."""
        ends = (self.number(bound, width, signed) for bound in (low, high))
        return self("table.to").join(ends)

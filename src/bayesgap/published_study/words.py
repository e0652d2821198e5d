"""Words of the report's chapters in either language: names of rows, titles, notes."""

import re
import tomllib
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bayesgap import schema
from bayesgap.present.labels import education_label, part_label
from bayesgap.present.odds import Language
from bayesgap.present.words import catalogue

WORDS = {
    "hired_long_absence": "long out of work",
    "hired_weak_norwegian": "weak Norwegian",
    "hired_over_55": "over 55",
    "more_master": "master or doctorate",
    "more_bachelor": "bachelor",
    "need_technology": "technology",
    "need_digitalisation": "digitalisation",
    "need_sustainability": "sustainability",
    "low": "below bachelor",
    "in_movers": "moved here",
    "roots": "raised here",
    "leavers": "raised here, work elsewhere",
    "commuters": "commute in",
    "raised": "raised here",
    "moved": "moved here",
    "out": "commute out",
    "in": "commute in",
    "0.05": "5 % give the answer",
    "0.5": "50 % give the answer",
}
WHOLE = {  # what the report's table says by a word that needs the row above
    "surplus": "surplus of persons",
    "growth 2024 to 2030": "growth of population 2024 to 2030",
    "growth 2024 to 2040": "growth of population 2024 to 2040",
    "same by level": "labour force effect of one quarter lower out-migration of those now under 25",
    "same": "effect of inflow choosing education as Oslo's labour force",
}
OF_LEVELS = "share of those raised in the region and now working who left"
AGES = re.compile(r"(\d+)(?:-(\d+)|\+)")
NUMBER = re.compile(r"\d+")
SENTENCE_END = re.compile(r"(?<=\.)\s+(?=[A-Z0-9])")


@cache
def phrases() -> Mapping[str, str]:
    """Norwegian text of every English phrase of the chapters; `#` stands for a number."""
    path = Path(__file__).with_name("chapters_nb.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Voice:
    """How chapters speak; education groups in `marked` are assumption-driven and get a star."""

    language: Language = "en"
    marked: Collection[str] = ()

    def say(self, phrase: str) -> str:
        """A phrase in the voice's language; as it is where the language has none for it."""
        found = phrases().get(NUMBER.sub("#", phrase)) if self.language == "nb" else None
        if found is None:
            return phrase
        numbers = iter(NUMBER.findall(phrase))
        return re.sub("#", lambda _: next(numbers), found)

    def sentences(self, note: str) -> str:
        """A note, sentence by sentence."""
        return " ".join(self.say(part) for part in SENTENCE_END.split(note.strip()) if part)

    def part(self, name: str) -> str:
        """Plain name of a row or series, with its star."""
        return self.plain(name) + (" *" if name in self.marked else "")

    def plain(self, name: str) -> str:
        """Plain name of a row or series."""
        if name in WORDS:
            return self.say(WORDS[name])
        if self.language == "en":
            return part_label(name).replace("_", " ")
        texts = catalogue(self.language)
        if name in schema.SECTORS:
            return f"{name} {texts['sectors'][name]}"
        known = texts["scenarios"].get(name)
        label = known or education_label(name, self.language)
        return self.say(name).replace("_", " ") if label == name else label


def figure_name(figure: Mapping[Hashable, Any], voice: Voice | None = None) -> str:
    """Name of a published figure that can be read alone: with its group or ages, where it has."""
    voice, quantity = voice or Voice(), str(figure["quantity"])
    said = voice.say(WHOLE.get(quantity, quantity))
    if quantity not in WHOLE and quantity != OF_LEVELS:
        return said
    group = str(figure["group"])
    if ages := AGES.fullmatch(group):
        aged = "aged {} to {}" if ages[2] else "aged {} and over"
        return f"{said}, {voice.say(aged.format(*ages.groups()))}"
    return f"{said}: {', '.join(voice.plain(part) for part in group.split('+'))}"

"""One HTML file from readable parts: template, style, modules, texts, content and arrays.

Nothing outside the file is asked for, and the page's own policy forbids it: `default-src 'none'`,
with the style and the script named by their hashes.
"""

import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from bayesgap import schema
from bayesgap.explorer.packing import Pack
from bayesgap.present.labels import education_label
from bayesgap.present.odds import LANGUAGES, Language
from bayesgap.present.parts import ALL, NO_FIELD
from bayesgap.present.policy import content_policy
from bayesgap.present.words import Words

SOURCE = files("bayesgap.explorer") / "page"
MODULES = (  # a module after those that it imports
    "data.js",
    "words.js",
    "svg.js",
    "state.js",
    "names.js",
    "table.js",
    "fan.js",
    "dots.js",
    "groups.js",
    "map.js",
    "first.js",
    "compare.js",
    "controls.js",
    "main.js",
)
CARDS = ("fan", "dots", "groups", "map", "first", "compare")
_IMPORT = re.compile(r"^import .*?;\n", flags=re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export ", flags=re.MULTILINE)


def source(name: str) -> str:
    """Text of a part of the page."""
    return (SOURCE / name).read_text(encoding="utf-8")


def script() -> str:
    """All modules as one, their imports resolved by their order.

    A name that two modules share is an error of syntax, so none can hide another.
    """
    return "".join(_EXPORT.sub("", _IMPORT.sub("", source(name))) for name in MODULES)


def texts(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Sentences and names of each language; title and verdict are those of the report."""
    found = {}
    for language in LANGUAGES:
        own = json.loads(source(f"text_{language}.json")) | {"parts": part_texts(language)}
        own["texts"] |= shared_texts(Words(language), content)
        found[language] = own
    return found


def shared_texts(words: Words, content: Mapping[str, Any]) -> dict[str, str]:
    """Sentences that the page shares with the report."""
    verdict = content["health"]["verdict"]
    whole = words(f"verdict.{verdict}")
    return {
        "title": words("page.title", total=content["regions"][-1], last=content["years"][-1]),
        "healthTitle": words("page.verdict"),
        "verdictWords": whole.partition(": ")[2],
        "failWords": whole,
    }


def part_texts(language: Language) -> dict[str, str]:
    """Names of groups, levels and fields."""
    fields = (field for field in schema.EDUCATION_FIELD if field != ALL)
    keys = dict.fromkeys((*schema.EDUCATION, *schema.LEVELS, NO_FIELD, *fields))
    return {key: education_label(key, language) for key in keys}


def inert(value: object) -> str:
    """JSON that cannot end the script element that it stands in, whatever the names hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def filled(template: str, values: Mapping[str, str]) -> str:
    """`template` with `{{name}}` replaced, in one pass: values are never read again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)


def cards() -> str:
    """A section a view, with its own controls."""
    own = {"dots", "groups", "compare"}
    return "\n  ".join(
        filled(
            source("card.html"),
            {"name": name, "controls": source(f"{name}.html") if name in own else ""},
        ).strip()
        for name in CARDS
    )


def explorer_page(content: Mapping[str, Any], pack: Pack) -> str:
    """The whole page as HTML."""
    style, code = source("style.css"), script()
    values = {
        "policy": html.escape(content_policy(style, code)),
        "title": html.escape(shared_texts(Words("en"), content)["title"]),
        "run": html.escape(str(content["run"])),
        "created": html.escape(str(content["created"])),
        "style": style,
        "cards": cards(),
        "content": inert(content),
        "texts": inert(texts(content)),
        "arrays": pack.text(),
        "script": code,
    }
    return filled(source("page.html"), values)

"""Municipalities and their borders over time, from KLASS (classification 131).

A present municipality is the sum of the codes that flowed into it. Where an old code was divided
between several present ones, figures from before cannot be told apart: `Borders.divided` says so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bayesgap.data.fetch.jsonstat import parse_json
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.errors import FetchError

MUNICIPALITIES = "131"
FIRST = "2005-01-01"  # the studies' windows begin then
_CODE = re.compile(r"\d{4}")
_NONE = ("9999",)  # unstated


@dataclass(frozen=True)
class Change:
    """Code `old` became (in part) `new` on `date`; a mere renaming of the same code is none."""

    old: str
    new: str
    date: str


@dataclass(frozen=True)
class Borders:
    """Present municipalities by code, and what changed on the way to them."""

    names: Mapping[str, str]
    changes: tuple[Change, ...]
    date: str

    def history(self, code: str) -> tuple[str, ...]:
        """Codes, past and present, whose figures belong to the present `code`, in part or whole."""
        found, ahead = [code], [code]
        while ahead:
            new = ahead.pop()
            for change in self.changes:
                moved_on = change.old not in self.names  # else only a piece of it moved
                if change.new == new and moved_on and change.old not in found:
                    found.append(change.old)
                    ahead.append(change.old)
        return tuple(found)

    def present(self, code: str) -> tuple[str, ...]:
        """Present municipalities that `code` has become."""
        return tuple(now for now in self.names if code in self.history(now))

    def divided(self, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Old codes within `codes` of which a part went elsewhere, and where to."""
        inside = set(codes)
        old = {past for code in inside for past in self.history(code)} - set(self.names)
        parts = {past: tuple(n for n in self.present(past) if n not in inside) for past in old}
        return {past: elsewhere for past, elsewhere in sorted(parts.items()) if elsewhere}


def read_borders(bank: Bank, date: str) -> Borders:
    """Municipalities on `date` (ISO) and the changes since `FIRST`.

    Raises
    ------
    FetchError
        KLASS does not answer, or answers in another shape.
    """
    path = f"classifications/{MUNICIPALITIES}"
    listed = bank.ask(f"{path}/codesAt", {"date": date, "language": "nb"}, parse_json)
    names = {
        str(entry["code"]): str(entry["name"]).partition(" - ")[0]
        for entry in _entries(listed, "codes", ("code", "name"))
        if _CODE.fullmatch(str(entry["code"])) and entry["code"] not in _NONE
    }
    query = {"from": FIRST, "to": date, "language": "nb"}
    moved = bank.ask(f"{path}/changes", query, parse_json)
    changes = tuple(
        Change(str(entry["oldCode"]), str(entry["newCode"]), str(entry["changeOccurred"]))
        for entry in _entries(moved, "codeChanges", ("oldCode", "newCode", "changeOccurred"))
        if entry["oldCode"] != entry["newCode"] and entry["newCode"] is not None
    )
    return Borders(dict(sorted(names.items())), changes, date)


def _entries(document: Mapping[str, Any], key: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    entries = document.get(key)
    if not isinstance(entries, list):
        raise FetchError(f"KLASS must answer with {key}; found {sorted(document)[:5]}.")
    good = [e for e in entries if isinstance(e, dict) and all(name in e for name in names)]
    if len(good) < len(entries):
        raise FetchError(f"Each of the {key} of KLASS must have {', '.join(names)}.")
    return good

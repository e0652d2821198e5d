"""Regions of a study as municipalities: today's codes, and the codes that they had before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.data.manifest import companion
from bayesgap.errors import StudyError

COLUMNS = (
    "region",
    "municipality_code",
    "municipality",
    "historic_code",
    "historic_name",
    "valid_from",
    "valid_to",
)


@dataclass(frozen=True)
class Places:
    """Municipalities of every region.

    `present` has region and name by today's code, `old` today's code by a code of the past.
    """

    present: Mapping[str, tuple[str, str]]
    old: Mapping[str, str]

    def region_of(self, regions: Iterable[str]) -> dict[str, str]:
        """Region by code, past codes included, for the wanted regions."""
        wanted = set(regions)
        now = {code: region for code, (region, _) in self.present.items() if region in wanted}
        return {past: now[code] for past, code in self.old.items() if code in now} | now

    def now(self, regions: Iterable[str]) -> dict[str, str]:
        """Region by today's code."""
        wanted = set(regions)
        return {code: region for code, (region, _) in self.present.items() if region in wanted}

    def name_of(self, code: str) -> str:
        """Name of today's municipality that a code belongs to."""
        return self.present[self.old.get(code, code)][1]


def read_places(folder: Path) -> Places:
    """Municipalities of the regions, from `reference/` in, beside or behind a data folder.

    Raises
    ------
    StudyError
        The list is missing, or one municipality stands in two regions.
    """
    reference = companion(folder, "reference")
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False)
        for name in ("municipalities", "pooling_municipalities")
        if (path := reference / f"{name}.csv").is_file()
    ]
    if not parts:
        raise StudyError(f"{reference} must have municipalities.csv: which codes make a region.")
    frame = pd.concat(parts)
    present: dict[str, tuple[str, str]] = {}
    old: dict[str, str] = {}
    for row in frame.fillna("").to_dict("records"):
        code, place = row["municipality_code"], (row["region"], row["municipality"])
        if present.setdefault(code, place)[0] != place[0]:
            raise StudyError(f"{code} stands in two regions: {present[code][0]} and {place[0]}.")
        if row.get("historic_code") and row["historic_code"] != code:
            old[row["historic_code"]] = code
    return Places(present, old)


def with_history(places: Places, history: Mapping[str, Iterable[str]]) -> Places:
    """`places` with the past codes that KLASS tells of, today's code first in `history`."""
    old = {past: code for code, pasts in history.items() for past in pasts if past != code}
    return Places(places.present, dict(places.old) | old)

"""A study of any municipalities: its file, its regions, and the regions that it learns from.

Combinations that cannot be made are refused, with the reason: an unknown or expired code, a
municipality in two regions, or a region whose past cannot be told apart from another's because an
old municipality was divided between the two.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.data.fetch.klass import Borders
from bayesgap.data.fetch.places import COLUMNS, read_places
from bayesgap.data.tables import read_regions
from bayesgap.errors import StudyError
from bayesgap.study.study import Study

# Regions of the embedded study whose gross moves by age are known: every study learns from them.
WITH_FLOWS = (
    "Grenland",
    "Midt-Telemark",
    "Kragerø-Drangedal",
    "Vest-Telemark",
    "Horten",
    "Tønsberg-Færder",
    "Sandefjord",
    "Larvik",
)
CAPITAL = ("Oslo", "Asker", "Bærum")  # where people of the counties around Oslo move
AROUND = ("03", "31", "32", "33", "34", "39", "40")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Layout:
    """Regions by name, each with its municipalities' codes."""

    targets: Mapping[str, tuple[str, ...]]
    pooling: Mapping[str, tuple[str, ...]]


def parse_regions(text: str, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Regions of `"0301; Salten=1804,1841; 56"`: codes by comma, two digits are a county.

    A region without a name is called by its municipalities.

    Raises
    ------
    StudyError
        No region, or two of the same name.
    """
    out: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        given, equals, listed = part.partition("=")
        codes = tuple(
            dict.fromkeys(
                code
                for item in (listed if equals else given).replace(",", " ").split()
                for code in (_of_county(item, names) if len(item) == 2 else (item,))
            )
        )
        called = given.strip() if equals else "-".join(names.get(c, c) for c in codes[:3])
        if not codes or not called:
            raise StudyError(f"A region must have a code; found {part!r}.")
        if called in out:
            raise StudyError(f"Two regions are called {called}. Name them apart: NAME=CODES.")
        out[called] = codes
    if not out:
        raise StudyError('Name at least one region, such as --regions "0301; Salten=1804,1841".')
    return out


def _of_county(county: str, names: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(code for code in names if code.startswith(county))
    if not found:
        counties = sorted({code[:2] for code in names})
        raise StudyError(f"There is no county {county}; known: {', '.join(counties)}.")
    return found


def require_possible(regions: Mapping[str, Sequence[str]], borders: Borders) -> None:
    """Raise StudyError, with every reason at once, unless the regions can be made."""
    wrong: list[str] = []
    seen: dict[str, str] = {}
    for region, codes in regions.items():
        for code in codes:
            if code not in borders.names:
                now = borders.present(code)
                become = ", ".join(f"{c} {borders.names[c]}" for c in now)
                hint = f"it has become {become}" if now else "KLASS does not know it"
                wrong.append(f"{code} in {region} is no municipality on {borders.date}: {hint}")
            elif seen.setdefault(code, region) != region:
                wrong.append(f"{code} {borders.names[code]} is in {seen[code]} and in {region}")
        known = [code for code in codes if code in borders.names]
        for past, elsewhere in borders.divided(known).items():
            where = ", ".join(f"{c} {borders.names[c]}" for c in elsewhere)
            wrong.append(
                f"{region} cannot be followed back: {past} was divided, and a part is now in "
                f"{where}. Take {where} into the region, or leave the region out"
            )
    if wrong:
        raise StudyError("These regions cannot be made:\n" + "\n".join(f"  - {w}" for w in wrong))


def propose_pooling(
    targets: Mapping[str, Sequence[str]], embedded: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Regions to learn from: those with known gross moves, and the capital's for its neighbours."""
    taken = {code for codes in targets.values() for code in codes}
    near = any(code[:2] in AROUND for code in taken)
    wanted = (*WITH_FLOWS, *CAPITAL) if near else WITH_FLOWS
    return {
        name: tuple(embedded[name])
        for name in wanted
        if name in embedded and not taken & set(embedded[name]) and name not in targets
    }


def embedded_pooling(data: Path) -> dict[str, tuple[str, ...]]:
    """Municipalities of the embedded study's pooling regions."""
    places = read_places(data)
    return {region: tuple(places.now([region])) for region in read_regions(data).get("pooling", ())}


def write_study(
    folder: Path,
    name: str,
    layout: Layout,
    names: Mapping[str, str],
    base: Study,
    data: Path,
    history: Mapping[str, Iterable[str]],
    mapping: Path | None = None,
) -> Path:
    """Folder of a new study: NAME.toml, data/reference/, and its own mapping file if it has one.

    Raises
    ------
    StudyError
        The name cannot be one, or the folder exists.
    """
    if not _NAME.fullmatch(name):
        raise StudyError(f"A name is of a-z, 0-9, _ and -; found {name!r}.")
    if folder.exists():
        raise StudyError(f"{folder} exists already. Choose another name, or delete it.")
    targets = tuple(layout.targets)
    total = name.capitalize() if name.capitalize() not in targets else f"{name.capitalize()} (all)"
    fields = {
        "extends": f"{base.name}.toml",
        "name": name,
        "title": f"Skills gaps of {', '.join(targets)} to {base.horizon}",
        "total": total,
        "targets": list(targets),
        "pooling": list(layout.pooling),
        "data": "data",
    }
    reference = folder / "data" / "reference"
    reference.mkdir(parents=True)
    _municipalities(layout, names, history).to_csv(reference / "municipalities.csv", index=False)
    _regions(layout, total, data).to_csv(reference / "regions.csv", index=False)
    if mapping is not None:
        (folder / "sources.toml").write_bytes(mapping.read_bytes())
    path = folder / f"{name}.toml"
    head = (
        "# Made by bayesgap study new. What is not said here is as in the study that it extends.\n"
    )
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def _municipalities(
    layout: Layout, names: Mapping[str, str], history: Mapping[str, Iterable[str]]
) -> pd.DataFrame:
    rows = []
    for region, codes in {**layout.targets, **layout.pooling}.items():
        for code in codes:
            for past in dict.fromkeys((code, *history.get(code, ()))):
                called = names.get(code, code)
                rows.append((region, code, called, past, called if past == code else "", "", ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _regions(layout: Layout, total: str, data: Path) -> pd.DataFrame:
    """Regions by kind; those of the embedded study stay known, since borrowed rows name them."""
    ours = [(r, "target", "") for r in layout.targets]
    ours += [(r, "pooling", "") for r in layout.pooling]
    ours.append((total, "total", "the target regions together"))
    mine = {name for name, _, _ in ours}
    for kind, regions in read_regions(data).items():
        group = "group" if kind in ("target", "pooling") else kind
        if kind != "total":
            ours += [
                (r, group, "embedded study") for r in regions if r not in mine or kind == "county"
            ]
    return pd.DataFrame(ours, columns=["region", "kind", "note"])

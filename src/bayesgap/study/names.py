"""What must hold for the names of a study: they end in files, figures and tables hours later."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

LONGEST = 120  # bytes: a file's name has 255 at most, and `_gap_by_education_2040.png` follows
LONGEST_STUDY = 60  # letters of a study's name, which its run folder and its hub file repeat


def file_stem(name: str) -> str:
    """Name of a region as part of a file's name."""
    return re.sub(r"[^\w-]+", "_", name.lower())


def name_problems(content: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with the names of a study, one line each.

    Parameters
    ----------
    content : the study as its file says it; values of a wrong type are left to others
    """
    return list(_problems(content))


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    name = content.get("name")
    if isinstance(name, str) and len(name) > LONGEST_STUDY:
        yield f"name: {len(name)} letters are above the limit of {LONGEST_STUDY}; shorten it"
    total = [("total", content["total"])] if isinstance(content.get("total"), str) else []
    regions = [*_named(content, "targets"), *total, *_named(content, "pooling")]
    for place, region in regions:
        yield from _of_one(place, region)
    yield from _repeated(regions)


def _named(content: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    """Place and name of every region in a list."""
    found = content.get(key)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    listed = enumerate(cast(Sequence[object], found))
    return [(f"{key}[{i}]", name) for i, name in listed if isinstance(name, str)]


def _of_one(place: str, name: str) -> Iterator[str]:
    size = len(name.encode(errors="replace"))
    if size > LONGEST:
        yield f"{place}: {size} bytes are above the limit of {LONGEST}; shorten {name[:20]!r}..."
    if not name.strip():
        yield f"{place}: the name is empty; give one"
    elif name != name.strip():
        yield f"{place}: {name!r} begins or ends with a blank; remove it"
    elif not name.isprintable():
        yield f"{place}: {name!r} has a character that cannot be printed; remove it"


def _repeated(regions: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names that stand twice, and different ones that would share a file."""
    first: dict[str, tuple[str, str]] = {}
    for place, name in regions:
        at, other = first.setdefault(file_stem(name), (place, name))
        if at == place:
            continue
        if other == name:
            yield f'{place}: "{name}" is {at} already; name each region once'
        else:
            yield f'{place}: "{name}" and {at} "{other}" would share their files; rename one'

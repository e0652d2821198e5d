"""Which education group is meant: by its name, its words, or an occupation that belongs to it.

Upper and lower case, æøå and what joins words do not matter. The words of occupations come from a
register of occupations by education (`data/reference/occupations.csv`, with its source).
"""

import csv
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from bayesgap import schema
from bayesgap.errors import RunError, fold
from bayesgap.study.bundle import bundle_root


class Occupation(NamedTuple):
    """An occupation, its education group, and which part of that group it is (None: unknown)."""

    word: str
    styrk08: str
    education: str
    share: float | None
    employed: int | None


@cache
def occupations() -> dict[str, Occupation]:
    """Every occupation by each of its words, folded."""
    path = bundle_root() / "data" / "reference" / "occupations.csv"
    found: dict[str, Occupation] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for word in f"{row['english']};{row['norwegian']}".split(";"):
                share = float(row["share"]) if row["share"] else None
                employed = int(row["employed"]) if row["employed"] else None
                about = row["styrk08"], row["education"], share, employed
                found[fold(word)] = Occupation(word, *about)
    return found


def education_named(text: str) -> tuple[str, Occupation | None]:
    """Education group that `text` names, and the occupation where it names one.

    Raises
    ------
    RunError
        No group and no occupation; names the nearest.
    """
    known = {fold(group): group for group in schema.EDUCATION}
    if fold(text) in known:
        return known[fold(text)], None
    if (found := occupations().get(fold(text))) is not None:
        return found.education, found
    near = list(dict.fromkeys(nearest_groups(text)))
    hint = f" Did you mean {' or '.join(near[:2])}?" if near else ""
    raise RunError(
        f'There is no education group or occupation "{text}".{hint} Groups are level:field, as '
        f"bachelor:health_care. Levels: {', '.join(schema.LEVELS)}. Fields: {', '.join(_fields())}."
    )


def _fields() -> list[str]:
    """Fields of education groups, each once."""
    return list(dict.fromkeys(g.partition(":")[2] for g in schema.EDUCATION if ":" in g))


def nearest_groups(text: str) -> Iterator[str]:
    """Groups that `text` may mean: the word of its field first, then what is spelt alike."""
    level, _, field = text.partition(":")
    words = {fold(name): name for name in _fields()}
    words |= {word: of.education.partition(":")[2] for word, of in occupations().items()}
    for word in get_close_matches(fold(field or text), list(words), n=2, cutoff=0.75):
        of = occupations().get(word)
        wanted = [f"{level}:{words[word]}"] if field else [of.education] if of else []
        wanted = wanted or [g for g in schema.EDUCATION if g.endswith(f":{words[word]}")]
        yield from (group for group in wanted if group in schema.EDUCATION)
    known = {fold(group): group for group in schema.EDUCATION}
    yield from (known[near] for near in get_close_matches(fold(text), list(known), n=1, cutoff=0.8))

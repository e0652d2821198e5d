"""Parts of the summary: which members of a dim each of its rows sums, and how they are named.

Rows of an education quantity: each of the 21 groups; each level (education and field `all`); each
field summed over levels (education and level `all`; field `none` is the two levels without
fields, so that the fields add up to the total); the total (`all` throughout).
"""

from typing import NamedTuple

from bayesgap import schema

ALL = "all"
NO_FIELD = "none"


class Part(NamedTuple):
    """Rows of one kind: which members of a dim they sum, and how the summary names them."""

    education: str = ALL
    level: str = ALL
    field: str = ALL
    sector: str = ALL
    members: tuple[int, ...] = ()


def fields() -> tuple[str, ...]:
    """Fields in the order of the education groups, `none` first."""
    named = (field for field in schema.EDUCATION_FIELD if field != ALL)
    return (NO_FIELD, *dict.fromkeys(named))


def education_parts() -> list[Part]:
    """Groups, levels, fields and the total, with the positions of their groups."""
    groups = tuple(
        zip(schema.EDUCATION, schema.EDUCATION_LEVEL, schema.EDUCATION_FIELD, strict=True)
    )

    def where(column: int, value: str) -> tuple[int, ...]:
        return tuple(i for i, group in enumerate(groups) if group[column] == value)

    parts = [Part(*group, members=(i,)) for i, group in enumerate(groups)]
    parts += [Part(level=level, members=where(1, level)) for level in schema.LEVELS]
    parts += [
        Part(field=field, members=where(2, ALL if field == NO_FIELD else field))
        for field in fields()
    ]
    return [*parts, Part(members=tuple(range(len(groups))))]


def sector_parts(sectors: list[str]) -> list[Part]:
    """Sectors and their total."""
    parts = [Part(sector=sector, members=(i,)) for i, sector in enumerate(sectors)]
    return [*parts, Part(members=tuple(range(len(sectors))))]

"""Totals of assumed tables: they keep to observed margins, and parts make a whole."""

from collections.abc import Iterator
from functools import partial

from bayesgap.data.compare import Check, Frames, apart, first_lines, off, paired, total
from bayesgap.data.manifest import Manifest
from bayesgap.errors import Problem

PARTS = 1e-4  # parts of a whole, printed with six digits


def _sector_base(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "employment_workplace_base", ["region", "year"]
    frame, status = frames[file], frames["employment_status"]
    there = total(status[status["measure"] == "employed_by_workplace"], by)
    pair = paired(total(frame, by), there)
    says = "sectors add up to {here}, but employed_by_workplace says {there}"
    wrong, lines = apart(pair, 0.0), first_lines(frame, by)
    yield from off(file, "workplace", manifest, pair, wrong, lines, "persons", says)


def _parts(file: str, by: str, frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    """The column `value` adds up to 1 for each `by`."""
    frame = frames[file]
    pair = total(frame, [by], "value").to_frame("here").assign(there=1.0).dropna()
    wrong, lines = (pair["here"] - 1).abs() > PARTS, first_lines(frame, [by])
    says = "the shares add up to {here}, not 1"
    yield from off(file, "parts", manifest, pair, wrong, lines, "value", says)


ASSUMED_CHECKS: tuple[tuple[dict[str, str], Check], ...] = (
    (
        {
            "employment_workplace_base": "region year persons",
            "employment_status": "region year measure persons",
        },
        _sector_base,
    ),
    ({"skill_mix": "sector value"}, partial(_parts, "skill_mix", "sector")),
    ({"occupation_education": "prefix value"}, partial(_parts, "occupation_education", "prefix")),
)

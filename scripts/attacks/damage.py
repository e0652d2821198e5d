"""Every file of a finished run damaged in every way: readers say so, and no figure changes.

A damage is told where a command names it; silent where every command is content, where figures
differ from those of the whole run, or where a message calls it a fault of the program.
"""

import contextlib
import io
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from attacks import world
from attacks.row import Row
from bayesgap.cli import main

SECTION = "damage"
READERS = (
    ("show",),
    ("show", "--by", "education", "--region", "Hallingdal", "--format", "csv"),
    ("show", "--scenario", world.SCENARIO),
    ("health",),
    ("chance", "--region", "Hallingdal"),
    ("chance", "--scenario", world.SCENARIO),
    ("compare", world.SCENARIO),
    ("verify",),
)
ERROR, NOTE = "bayesgap: ", "bayesgap: note"
Damage = Callable[[Path, Path, np.random.Generator], None]
Said = tuple[int, str, str]  # exit code, standard output, standard error


def _truncate(path: Path, _: Path, rng: np.random.Generator) -> None:
    os.truncate(path, int(rng.integers(path.stat().st_size)))


def _flip(path: Path, _: Path, rng: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


def _delete(path: Path, _: Path, __: np.random.Generator) -> None:
    path.unlink()


def _empty(path: Path, _: Path, __: np.random.Generator) -> None:
    path.write_bytes(b"")


def _swap(path: Path, place: Path, __: np.random.Generator) -> None:
    """Exchange with another file: one of the same folder, else of the folder above, and so on."""
    root = path.parents[len(place.parts) - 1]
    above = (folder for folder in path.parents if folder.is_relative_to(root))
    every = (sorted(p for p in folder.rglob("*") if p.is_file() and p != path) for folder in above)
    alike = next(found for found in every if found)
    other = next((p for p in alike if p.suffix == path.suffix), alike[0])
    one, two = path.read_bytes(), other.read_bytes()
    path.write_bytes(two)
    other.write_bytes(one)


def _other_run(path: Path, place: Path, _: np.random.Generator) -> None:
    shutil.copyfile(world.another() / place, path)


DAMAGES: dict[str, Damage] = {
    "truncate": _truncate, "flip": _flip, "delete": _delete, "empty": _empty, "swap": _swap,
    "from another run": _other_run,
}  # fmt: skip


def rows(seed: int, number: int) -> Iterator[Row]:
    """At least `number` damages: each way at each place, then at further chunks of draws."""
    rng = np.random.default_rng(seed)
    places = places_of(world.finished(), max(number // len(DAMAGES), 1), rng)
    for place in places:
        for name, damage in DAMAGES.items():
            folder = world.home() / "damaged" / world.finished().name
            shutil.rmtree(folder.parent, ignore_errors=True)
            shutil.copytree(world.finished(), folder)
            before = (folder / place).read_bytes()
            damage(folder / place, place, rng)
            same = (folder / place).exists() and (folder / place).read_bytes() == before
            outcome, note = ("no change", "") if same else judged(folder, place)
            yield Row(SECTION, name, kind_of(place), seed, outcome, f"{place}: {note}")


def places_of(folder: Path, number: int, rng: np.random.Generator) -> list[Path]:
    """Every file of the run but chunks, pictures and labels, and random ones of those."""
    every = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if p.is_file()]
    many = [p for p in every if ".zarr" in p.as_posix() or p.parts[0] == "figures"]
    few = [p for p in every if p not in many]
    extra = rng.permutation(len(many))[: max(number - len(few), 4)]
    return few + [many[i] for i in extra]


def kind_of(place: Path) -> str:
    """File, or the array or folder that it belongs to."""
    return place.parts[0] if place.parts[0] != "scenarios" else "/".join(place.parts[:2])


def judged(folder: Path, place: Path) -> tuple[str, str]:
    """Outcome and note of a damage, from what every reader says."""
    told, refused = [], []
    for words, whole in usual().items():
        code, out, err = said(words, folder)
        if code == 3:
            return "silent", f"{words[0]}: {err[:200]}"
        error = any(
            line.startswith(ERROR) and not line.startswith(NOTE) for line in err.split("\n")
        )
        if not error and (code, out) != whole[:2]:
            return "silent", f"{words[0]} says something else"
        if err != whole[2]:
            (refused if error and words[0] != "verify" else told).append(words[0])
    if refused:
        return "refused", ", ".join(dict.fromkeys(refused))
    return ("told", ", ".join(told)) if told else ("silent", "nobody says a word")


@cache
def usual() -> dict[tuple[str, ...], Said]:
    """What readers say of the whole run; an exit code of 1 or 2 is its verdict there."""
    return {words: said(words, world.finished()) for words in READERS}


def said(words: tuple[str, ...], folder: Path) -> Said:
    """Exit code and words of a command on a run."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        try:
            main([words[0], str(folder), *words[1:]])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    return code, out.getvalue().replace(str(folder), "RUN"), err.getvalue().replace(str(folder), "")

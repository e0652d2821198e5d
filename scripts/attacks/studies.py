"""Studies and scenarios with a mistake: refused with a message, or another study by its name.

What is accepted is not silent: the run is named by a hash of the study, and keeps its text.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attacks import world
from attacks.row import Row
from bayesgap.cli.faults import machine_fault
from bayesgap.data.tables import read_tables, require_regions
from bayesgap.errors import BayesgapError
from bayesgap.study.blocks import block_priors
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.scenario_files import embedded_folder, resolve
from bayesgap.study.study import Study, load_study, require_whole_study
from bayesgap.study.text import study_text

SECTION = "studies"
NUMBERS = ("nan", "inf", "-inf", "-1", "0", "1e308", "1e-320", "3.5", "99999999999999999999",
           "true", '"seven"', "[]", "{}", "[1, 2]")  # fmt: skip
TEXTS = ('""', '"$x_{"', f'"{"x" * 300}"', '"=SUM(A1)"', '"../../etc"', r'"\u202eabc"', r'"\u0007"',
         '"Hallingdal"', '"Oslo"', "5", "[]", '"<script>"', r'"a\nb"', '"normal"')  # fmt: skip
LINE = re.compile(r"(?m)^(\s*\"?[\w.-]+\"? = )(.+)$")
VALUE = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])|\"[^\"]*\"")


def rows(seed: int, number: int) -> Iterator[Row]:
    """`number` mistakes, two thirds of them in studies and one in scenarios."""
    rng = np.random.default_rng(seed)
    scenarios = sorted(embedded_folder().glob("*.toml"))
    for count in range(number):
        path = default_study() if count % 3 else scenarios[int(rng.integers(len(scenarios)))]
        text = path.read_text(encoding="utf-8")
        name, changed = mistaken(text, rng)
        outcome, note = judged(path, text, changed, scenario=count % 3 == 0)
        yield Row(SECTION, name, "scenario" if count % 3 == 0 else "study", seed, outcome, note)


def mistaken(text: str, rng: np.random.Generator) -> tuple[str, str]:
    """Name of a mistake, and `text` with it."""
    lines = text.splitlines(keepends=True)
    at = int(rng.integers(len(lines)))
    match int(rng.integers(7)):
        case 0:
            return "line deleted", "".join(lines[:at] + lines[at + 1 :])
        case 1:
            return "line repeated", "".join([*lines[: at + 1], *lines[at:]])
        case 2:
            return "cut off", text[: int(rng.integers(len(text)))]
        case 3:
            place = int(rng.integers(len(text)))
            return "letter changed", text[:place] + chr(int(rng.integers(1, 400))) + text[
                place + 1 :
            ]
        case 4:
            return "key renamed", _one(LINE, text, rng, lambda m: "x" + m[0].lstrip())
        case _:
            return "value replaced", _one(VALUE, text, rng, lambda m: _value(m[0], rng))


def _value(old: str, rng: np.random.Generator) -> str:
    choices = TEXTS if old.startswith('"') else NUMBERS
    return choices[int(rng.integers(len(choices)))]


def _one(pattern: re.Pattern[str], text: str, rng: np.random.Generator, change: Any) -> str:
    """`text` with one match changed."""
    found = list(pattern.finditer(text))
    one = found[int(rng.integers(len(found)))]
    return text[: one.start()] + change(one) + text[one.end() :]


@cache
def _tables() -> dict[str, pd.DataFrame]:
    return read_tables(bundle_root() / "data" / "buskerud")


def judged(path: Path, text: str, changed: str, *, scenario: bool) -> tuple[str, str]:
    """Outcome and note of a changed file."""
    copy = world.home() / "mistaken" / path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(changed, encoding="utf-8", errors="surrogatepass")
    try:
        same = _scenario(path, copy) if scenario else _study(path, copy)
    except BayesgapError as error:
        return "refused", str(error).replace(str(copy), copy.name)[:200]
    except OSError as error:
        told = machine_fault(error)
        return ("silent", repr(error)[:200]) if told is None else ("refused", told[-120:])
    except Exception as error:  # what a user would meet as a fault of the program
        return "silent", f"{type(error).__name__}: {error} of {_difference(text, changed)}"[:300]
    if same is None:
        return "silent", f"not finite: {_difference(text, changed)}"
    return ("no change", "") if same else ("told", "another name of the run")


def _study(path: Path, copy: Path) -> bool | None:
    """Whether a study is as it was; None where a number in it is none."""
    study, usual = load_study(copy), load_study(path)
    require_whole_study(study)
    require_regions(_tables(), study)
    for block in usual.priors:
        for prior in block_priors(study, block).values():
            if not all(math.isfinite(value) for value in prior.params().values()):
                return None
    back = copy.with_name("back.toml")
    back.write_text(study_text(study), encoding="utf-8")
    if load_study(back) != study:
        raise ValueError("its text does not read back equal")
    return study == usual


def _scenario(path: Path, copy: Path) -> bool | None:
    plan, usual = resolve(copy, _usual()), resolve(path, _usual())
    numbers = re.findall(r"(?i)\b(?:nan|inf|infinity)\b",
                         "".join(e.model_dump_json(exclude={"why"}) for m in plan.measures
                                 for e in m.events))  # fmt: skip
    return None if numbers else plan == usual


@cache
def _usual() -> Study:
    return load_study(default_study())


def _difference(text: str, changed: str) -> str:
    old, new = text.splitlines(), changed.splitlines()
    return next((repr(b[:80]) for a, b in zip(old, new, strict=False) if a != b), "its end")

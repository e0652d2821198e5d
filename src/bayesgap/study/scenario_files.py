"""Scenario files: found by name or path, validated with every problem at once, resolved."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from bayesgap.errors import RunError, StudyError, nearest
from bayesgap.study.bundle import bundle_root
from bayesgap.study.cut import LEAST, percent
from bayesgap.study.mistakes import mistakes
from bayesgap.study.scenario import BOUNDS, EducationProfile, Event, Scenario
from bayesgap.study.study import Study
from bayesgap.study.toml_files import read_toml, require_one_file

ALL = "all"


@dataclass(frozen=True)
class Measure:
    """Events that belong together: what a contribution is told of."""

    name: str
    title: str
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Plan:
    """A scenario resolved to its measures, in the order of its file."""

    name: str
    title: str
    measures: tuple[Measure, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of everything that the scenario says."""
        parts = [f"{m.name}:{event.model_dump_json()}" for m in self.measures for event in m.events]
        return hashlib.sha256("\n".join([self.name, *parts]).encode()).hexdigest()


def embedded_folder() -> Path:
    """Folder of the scenarios that come with bayesgap."""
    return bundle_root() / "models" / "scenarios"


def load_scenario(path: Path) -> Scenario:
    """Read and validate one scenario file.

    Raises
    ------
    StudyError
        Missing, not TOML, or not a valid scenario; names the file and every key that is wrong.
    """
    raw = read_toml(path, "scenario file")
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        lines = mistakes(error.errors(), Scenario.model_json_schema(), partial(_key, raw))
        raise StudyError(f"{path} is not a valid scenario:\n" + "\n".join(lines)) from None
    if scenario.name != path.stem:
        raise StudyError(f'{path}: name must be that of the file, "{path.stem}"; found '
                         f'"{scenario.name}".')  # fmt: skip
    return scenario


def _key(raw: dict[str, Any], item: Any) -> str:
    """Place of a problem as in the file: pydantic's names of alternatives are left out."""
    words: list[str] = []
    here: Any = raw
    loc: Sequence[int | str] = item["loc"]
    absent = loc[-1:] if item["type"] == "missing" else ()
    passed = 0  # the distribution whose name has been passed: `beta` has a key of that name
    for part in loc:
        if isinstance(part, str) and id(cast(object, here)) != passed and _dist(here) == part:
            passed = id(cast(object, here))
        elif isinstance(part, int):
            words[-1] = f"{words[-1]}[{part}]"
            here = cast(list[Any], here)[part] if isinstance(here, list) else None
        elif isinstance(here, dict) and (part in here or part in absent):
            words.append(part)
            here = cast(dict[str, Any], here).get(part)
    return ".".join(words) or "scenario"


def _dist(value: Any) -> str | None:
    return cast(dict[str, Any], value).get("dist") if isinstance(value, dict) else None


def find_plans(wanted: Sequence[str], study: Study) -> list[Plan]:
    """Resolved scenarios: `all` embedded ones, names of embedded ones, or paths of files.

    Raises
    ------
    StudyError
        Unknown name, invalid file, or a scenario that does not fit the study.
    """
    found = (resolve(path, study) for name in wanted for path in _paths(name))
    plans = list({(plan.name, plan.hash): plan for plan in found}.values())
    require_apart(plans)
    return plans


def require_apart(plans: Sequence[Plan]) -> None:
    """Raise StudyError where two different scenarios have one name: one would replace the other."""
    first: dict[str, str] = {}
    for plan in plans:
        if first.setdefault(plan.name, plan.hash) != plan.hash:
            raise StudyError(
                f'Two different scenarios are named "{plan.name}". Rename one: its file and `name`.'
            )


def _paths(name: str) -> Iterator[Path]:
    if name == ALL:
        yield from sorted(embedded_folder().glob("*.toml"))
    elif name.endswith(".toml"):
        yield Path(name)
    else:
        require_one_file(name, Path(), embedded_folder(), "scenario")
        yield _named(name, embedded_folder(), "There")


def _named(name: str, folder: Path, where: str) -> Path:
    require_one_file(name, folder, embedded_folder(), "scenario", where)
    path = folder / f"{name}.toml"
    if path.exists() or (embedded_folder() / path.name).exists():
        return path if path.exists() else embedded_folder() / path.name
    known = sorted({p.stem for f in (folder, embedded_folder()) for p in f.glob("*.toml")})
    hint = nearest(name, known)
    raise StudyError(
        f'{where} is no scenario "{name}".{hint} Known: {", ".join(known)}; or name a file.'
        if where == "There"
        else f'{where}: combines: there is no scenario "{name}".{hint} Known: {", ".join(known)}.'
    )


def costs_of(text: str) -> dict[str, float]:
    """Costs per unit by measure, from `NAME` or `NAME=COST,NAME=COST`; the unit is the file's.

    Raises
    ------
    RunError
        A cost that is not a positive number, or a mix without costs.
    """
    costs: dict[str, float] = {}
    names = [item.strip() for item in text.split(",") if item.strip()]
    for item in names:
        name, sign, value = item.partition("=")
        if not sign and len(names) > 1:
            raise RunError(f"A mix must give each measure a cost; found {item!r}. Write {item}=1.")
        try:
            costs[name] = float(value) if sign else 1.0
        except ValueError:
            raise RunError(f"A cost must be a number; found {item!r}.") from None
        if not 0 < costs[name] < math.inf:
            raise RunError(f"A cost must be above 0 and finite; found {item!r}.")
    if not costs:
        raise RunError("Name at least one measure.")
    return costs


def resolve(path: Path, study: Study) -> Plan:
    """Scenario of a file with its combinations followed, checked against `study`."""
    scenario = load_scenario(path)
    once = {measure.name: measure for measure in _measures(scenario, path, study, ())}
    return Plan(scenario.name, scenario.title, tuple(once.values()))


def _measures(
    scenario: Scenario, path: Path, study: Study, seen: tuple[str, ...]
) -> Iterator[Measure]:
    if scenario.name in seen:
        raise StudyError(f"{path}: combines: it combines itself through {', '.join(seen)}.")
    if scenario.events:
        require_fits(scenario, path, study)
        yield Measure(scenario.name, scenario.title, scenario.events)
    for name in scenario.combines:
        part = _named(name, path.parent, str(path))
        yield from _measures(load_scenario(part), part, study, (*seen, scenario.name))


def cut_notes(plans: Sequence[Plan]) -> list[str]:
    """What is cut of the distributions of `plans` to keep their strengths within bounds."""
    events = {f"{m.name}: events[{place}]": event for plan in plans for m in plan.measures
              for place, event in enumerate(m.events)}  # fmt: skip
    cuts = [(f"{where}.{name}", event.cut(name), BOUNDS[bound]) for where, event in events.items()
            for name, bound in type(event).bounds().items()]  # fmt: skip
    return [
        f"{where}: {percent(share)} of it lies outside {low:g} to {high:g}, and is cut to that"
        for where, share, (low, high) in cuts
        if share >= LEAST
    ]


def require_fits(scenario: Scenario, path: Path, study: Study) -> None:
    """Raise StudyError where an event names a region or a year that `study` does not have."""
    problems: list[str] = []
    for place, event in enumerate(scenario.events):
        key = f"events[{place}]"
        if not study.base_year <= event.start < study.horizon:
            problems.append(
                f"{key}.start: must be from {study.base_year} (the base year) to "
                f"{study.horizon - 1}; found {event.start}"
            )
        problems += [
            f'{key}.regions: "{region}" is no target region; known: {", ".join(study.targets)}'
            for region in event.regions
            if region not in study.targets
        ]
        if isinstance(event, EducationProfile) and event.like not in study.regions:
            problems.append(
                f'{key}.like: "{event.like}" is no region of the study; known: '
                f"{', '.join(study.regions)}"
            )
    if problems:
        raise StudyError("\n  - ".join([f"{path} does not fit the study {study.name}:", *problems]))

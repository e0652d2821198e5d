"""SIGKILL at random moments of every stage: nothing finished is lost, and the end is equal."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from attacks import world
from attacks.forked import started
from attacks.row import Row
from bayesgap.runs.run import Run
from bayesgap.runs.store import STAGES, damage, stage_done

SECTION = "kills"
LONG, FEW = ("panel", "posterior"), 3  # stages whose kills take long, and how many of each
LATE = 1.2  # kills come up to so many times a stage's usual seconds after it began


def rows(seed: int, number: int) -> Iterator[Row]:
    """`number` kills or a few more: `FEW` of each stage that takes long, the rest of the others."""
    others = [stage for stage in world.ORDER if stage not in LONG]
    each = -(-(number - FEW * len(LONG)) // len(others))
    plans = [(dict.fromkeys(LONG, FEW)), *({stage: each} for stage in others)]
    for place, plan in enumerate(plans):
        yield from of_one_run(plan, seed + place)


def of_one_run(plan: Mapping[str, int], seed: int) -> Iterator[Row]:
    """Kills of some stages in a row, so many of each, of one run that then goes on to its end."""
    rng = np.random.default_rng(seed)
    first = next(iter(plan))
    out = world.home() / f"kills-{first}"
    folder = world.begun(first, out)
    every = [stage for stage, number in plan.items() for _ in range(number)]
    noted = [(stage, *_kill(stage, out, folder, rng)) for stage in every]
    equal = _goes_on(out, folder)
    for stage, moment, fault in noted:
        outcome = "silent" if fault or equal else "healed"
        yield Row(SECTION, f"SIGKILL in {stage}", stage, seed, outcome, fault or equal or moment)


def _kill(stage: str, out: Path, folder: Path, rng: np.random.Generator) -> tuple[str, str]:
    """Moment of a kill, and what it broke (nothing: "")."""
    before = _done(folder)
    wait = float(rng.uniform(0, LATE * max(world.seconds(stage), 0.1)))
    process, heard = started(world.study(), out, world.SCENARIO)
    with suppress(EOFError):
        while not heard.recv().startswith(f"{stage} ..."):
            pass
        time.sleep(wait)
    process.kill()
    process.join()
    left = world.orphans(process.pid or 0)
    lost = before - _done(folder)
    changed = [line for line in damage(Run(folder, {})) if "missing" not in line]
    fault = f"left {left}" if left else f"lost {sorted(lost)}" if lost else "; ".join(changed)
    return f"{wait:.2f} s after it began", fault


def _done(folder: Path) -> set[str]:
    return {stage for stage in STAGES if stage_done(Run(folder, {}), stage)}


def _goes_on(out: Path, folder: Path) -> str:
    """What differs from the undisturbed run once the killed one is finished; "" if nothing does."""
    process, heard = started(world.study(), out, world.SCENARIO)
    said: list[str] = []
    with suppress(EOFError):
        while True:
            said.append(heard.recv())
    process.join()
    if process.exitcode != 0:
        return f"exit code {process.exitcode}: {''.join(said)[-200:]}"
    wanted, found = world.fingerprint(world.finished()), world.fingerprint(folder)
    left = [path.name for path in folder.glob(".*")]
    unequal = sorted(k for k in {*wanted, *found} if wanted.get(k) != found.get(k))
    return f"differs: {unequal[:5]}" if unequal else f"left over: {left}" if left else ""

"""A disk that is full at a random moment: a message, nothing half written, and the same run after.

Files may grow to a random size only (RLIMIT_FSIZE), as on a full disk; so may exports and pages.
"""

import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from attacks import world
from attacks.row import Row
from bayesgap.runs.run import Run
from bayesgap.runs.store import damage

SECTION = "disk"
STAGES = ("summary", "outlook", "health", "figures", "scenarios")
PAGES = {"export": ["--to", "csv"], "report": ["--lang", "en"], "explore": []}


def rows(seed: int, number: int) -> Iterator[Row]:
    """`number` runs that meet a full disk, and as many pages and exports."""
    rng = np.random.default_rng(seed)
    for count in range(number):
        stage = STAGES[count % len(STAGES)]
        limit = int(np.exp(rng.uniform(np.log(1_000), np.log(300_000))))
        outcome, note = _run(stage, limit, world.home() / f"disk-{count}")
        yield Row(SECTION, "full while a run is written", stage, seed, outcome, note)
    for count in range(number):
        command = list(PAGES)[count % len(PAGES)]
        limit = int(rng.integers(500, 50_000))
        outcome, note = _page(command, limit)
        yield Row(SECTION, "full while a page is written", command, seed, outcome, note)


def _limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def _run(stage: str, limit: int, out: Path) -> tuple[str, str]:
    folder = world.begun(stage, out)
    done = world.finish(out, preexec_fn=_limited(limit))
    told = f"{limit} bytes: {done.stderr.splitlines()[-1] if done.stderr else ''}"[:200]
    fault = _wrong(done.returncode, done.stderr, Run(folder, {}))
    again = world.finish(out)
    equal = world.fingerprint(folder) == world.fingerprint(world.finished())
    shutil.rmtree(out)
    if fault or again.returncode != 0 or not equal:
        return "silent", f"{fault or 'not equal after'}; {told}"
    return ("no change", told) if done.returncode == 0 else ("refused", told)


def _wrong(code: int, said: str, run: Run) -> str:
    """What is wrong with an answer to a full disk; "" if nothing."""
    if code not in (0, 2) or "Traceback" in said:
        return f"exit code {code}: {said[-200:]}"
    changed = [line for line in damage(run) if "missing" not in line]
    partial = [path.name for path in run.path.rglob(".partial*")]
    return "; ".join([*changed, *partial])


def _page(command: str, limit: int) -> tuple[str, str]:
    place = world.home() / f"page-{command}"
    place.mkdir(exist_ok=True)
    target = place / "it"
    words = [*world.CALL, command, str(world.finished()), *PAGES[command], "--out", str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          preexec_fn=_limited(limit))  # fmt: skip
    left = [path.name for path in place.iterdir()]
    shutil.rmtree(place)
    if done.returncode == 0:
        return "no change", f"{limit} bytes are enough"
    if done.returncode != 2 or left:
        return "silent", f"exit code {done.returncode}, left {left}: {done.stderr[-200:]}"
    return "refused", done.stderr[:150]

"""A whole run, cold and warm, and the commands that read it, each as a user calls it.

Cold is a run with nothing compiled before (an empty folder for PyTensor and Numba); warm is the
same run once more, into another folder. Python's own bytecode is there both times.
"""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.rows import Row

SECTION, READING = "runs", "commands"
SCENARIO = "reskilling"
TIMES = 5


class Program(NamedTuple):
    """The command of one checkout, and what a page calls it."""

    way: str
    command: Path
    environment: Mapping[str, str]


def program(way: str, root: Path, compiled: Path, environment: Mapping[str, str]) -> Program:
    """Command of the checkout in `root`, which keeps compiled code in `compiled`."""
    flags = {"PYTENSOR_FLAGS": f"base_compiledir={compiled}"}
    return Program(way, root / ".venv" / "bin" / "bayesgap", {**environment, **flags})


def whole_runs(of: Program, study: Path, folder: Path) -> Iterator[Row]:
    """Rows of a cold and of a warm run of `study`; run folders lie in `folder`."""
    done([of.command, "run", study, "--draws", "x"], of)  # writes bytecode
    for state in ("cold", "warm"):
        item = f"{study.stem}, {state}"
        clock, processors, problem = done([of.command, "run", study, "--out", folder / state], of)
        if problem:
            yield Row(SECTION, item, "whole run", of.way, float("nan"), "s", problem)
            continue
        stages = json.loads((only(folder / state) / "timings.json").read_text())["stages"]
        each = ", ".join(f"{name} {stage['seconds']:.1f}" for name, stage in stages.items())
        yield Row(SECTION, item, "whole run", of.way, clock, "s", each)
        yield Row(SECTION, item, "processors", of.way, processors, "CPU-s")
        peak = max(stage["peak_mb"] for stage in stages.values())
        yield Row(SECTION, item, "peak memory", of.way, peak, "MB")
    more = [of.command, "run", study, "--out", folder / "warm", "--scenarios", SCENARIO]
    clock, _, problem = done(more, of)
    value = float("nan") if problem else clock
    measure = f"the scenario {SCENARIO} on top"
    yield Row(SECTION, study.stem, measure, of.way, value, "s", problem)


def only(folder: Path) -> Path:
    """The run in a folder of one run."""
    return next(path for path in sorted(folder.iterdir()) if (path / "study.toml").exists())


def reading(of: Program, run: Path) -> Iterator[Row]:
    """Rows of commands that read a run: median of five, after one that is not counted."""
    for item, words in commands(run).items():
        call = [of.command, *words]
        problem = done(call, of)[2] if item != "a mistyped region" else ""
        seconds = statistics.median(done(call, of)[0] for _ in range(TIMES))
        yield Row(READING, item, "seconds to the answer", of.way, seconds, "s", problem)


def commands(run: Path) -> dict[str, Sequence[str | Path]]:
    """Words of every reading command, by what a page calls it."""
    found: dict[str, Sequence[str | Path]] = {
        "show": ("show", run),
        "health": ("health", run),
        "chance": ("chance", run),
        "priors show": ("priors", "show"),
        "a mistyped region": ("show", run, "--region", "Halingdal"),
        "--help": ("--help",),
    }
    if (run / "scenarios" / f"{SCENARIO}.parquet").exists():
        found["compare"] = ("compare", run, SCENARIO)
    return found


def done(words: Sequence[str | Path], of: Program) -> tuple[float, float, str]:
    """Seconds of the clock and of processors of a command, and the end of what went wrong."""
    begun = time.monotonic(), sum(os.times()[2:4])
    ended = subprocess.run(
        [str(word) for word in words], env=dict(of.environment), capture_output=True, text=True
    )
    clock, processors = time.monotonic() - begun[0], sum(os.times()[2:4]) - begun[1]
    faults = [line for line in ended.stderr.splitlines() if line.startswith("bayesgap:")]
    problem = (faults or [f"ended with {ended.returncode}"])[-1] if ended.returncode else ""
    return clock, processors, problem

"""How fast it is, in one table of ratios: docs/performance.md and docs/results/performance.csv.

Usage: ./dev bench [SECTION ...] [--quick] [--full] [--against FOLDER] [--run RUN]

Sections: density, posteriors, projection, quantiles, refits, calibration, runs, commands; all of
them if none is named (about twenty minutes on two cores; --quick about five minutes, on small
blocks and few draws; --full adds every block to the posteriors, an hour). Every figure stands
beside its like of the same run of this script: other machines give other seconds, and nearly the
same ratios. The page is written where all is measured; a call for less prints its table, and --docs
writes it. --against times another checkout, made ready by its own `./dev`, beside ours.

`./dev bench` brings JAX, NumPyro and BlackJAX (group `bench`) into an environment of its own. Where
they cannot be had, `./dev python scripts/bench.py` does without, and the table says so.
"""

import argparse
import importlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import page, runs
from benchmarks.page import SECTIONS
from benchmarks.rows import OURS, Row, installed, table_of

ROOT = Path(__file__).parents[1]
LONGEST = 300  # seconds of one way in one section; --full has twelve times as many
SMALL = ("participation", "skill_mix", "imbalance")
FITTED = ("skill_mix", "sectors")  # one small, one large
REST = ("participation", "education", "population")
REFITTED = {"skill_mix": 6, "commuting": 6, "education": 4, "sectors": 4}  # and how often
READERS = ("commands", "projection", "quantiles", "refits")  # sections that read a finished run
WARM = ("refits", "calibration")  # whose compiling is not timed
DENSITY_WAYS = {OURS: [], "PyMC": [], "JAX": ["jax"]}  # and the packages that each needs
SAMPLERS = {
    OURS: "",
    "PyMC, pm.sample": "pymc",
    "nutpie, pm.sample": "nutpie",
    "NumPyro": "numpyro",
    "BlackJAX": "blackjax",
}
OF_JAX = ("numpyro", "blackjax")
SLOW = "nutpie, pm.sample"  # compiles anew for each fit: the small block only, unless --full


def worker(job: dict[str, Any]) -> Iterator[Row]:
    """Rows of one way in one section; runs in a process of its own, maybe of another checkout."""
    if job["section"] == "density":
        return importlib.import_module("benchmarks.density").rows(job["way"], job["blocks"])
    if job["section"] == "posteriors":
        of = importlib.import_module("benchmarks.posteriors")
        return of.rows(job["way"], SAMPLERS[job["way"]], job["block"], job["few"])
    if job["section"] == "refits":
        of = importlib.import_module("benchmarks.refits")
        return of.rows(Path(job["run"]), job["times"])
    if job["section"] == "calibration":
        return importlib.import_module("benchmarks.simulations").rows(job["name"], job["number"])
    return importlib.import_module("benchmarks.projection").rows(Path(job["run"]))


def rows_of(job: dict[str, Any], python: Path, folder: Path, kept: Path | None = None) -> list[Row]:
    """Rows of a worker, from an empty folder of compiled code or `kept`; its failure is one too."""
    if missing := [name for name in job["needs"] if not installed(name)]:
        return [failure(job, f"{', '.join(missing)} not installed")]
    out = folder / "rows.json"
    out.unlink(missing_ok=True)
    compiled = kept or folder / f"compiled-{time.monotonic_ns()}"
    environment = without_marks() | {"PYTENSOR_FLAGS": f"base_compiledir={compiled}"}
    words = [python, __file__, "--worker", json.dumps(job), "--rows", out]
    problem = ""
    try:
        done = subprocess.run(
            words, env=environment, stderr=subprocess.PIPE, text=True, timeout=job["longest"]
        )
        if done.returncode:
            problem = (done.stderr.strip().splitlines() or ["failed"])[-1][:200]
    except subprocess.TimeoutExpired:
        problem = f"stopped after {job['longest']} s"
    found = [Row(**row) for row in json.loads(out.read_text())] if out.exists() else []
    return [*found, failure(job, problem)] if problem else found


def failure(job: dict[str, Any], problem: str) -> Row:
    """Row that says why there is no figure."""
    item = job.get("block", "rest of the blocks")
    return Row(job["section"], item, "-", job.get("way", OURS), float("nan"), "", problem)


def without_marks() -> dict[str, str]:
    """Environment in which Python keeps its bytecode, and uv the plain environment."""
    marks = ("PYTHONDONTWRITEBYTECODE", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in marks}


def jobs(asked: argparse.Namespace, run: Path | None) -> Iterator[dict[str, Any]]:
    """Jobs of the sections that workers do, ours before the others."""
    blocks = SMALL if asked.quick else (*SMALL, "commuting", "sectors", "education", "population")
    every = {"longest": LONGEST * (12 if asked.full else 1), "needs": []}
    if "density" in asked.sections:
        for way, needs in DENSITY_WAYS.items():
            yield every | {"section": "density", "way": way, "blocks": blocks, "needs": needs}
    if "posteriors" in asked.sections:
        fitted = FITTED[:1] if asked.quick else FITTED + (REST if asked.full else ())
        for block, way in itertools.product(fitted, SAMPLERS):
            if way == SLOW and block != FITTED[0] and not asked.full:
                continue
            needs = ["jax", SAMPLERS[way]] if SAMPLERS[way] in OF_JAX else []
            more = {"block": block, "way": way, "few": asked.quick, "needs": needs}
            yield every | {"section": "posteriors"} | more
    if run and {"projection", "quantiles"} & set(asked.sections):
        yield every | {"section": "projection", "run": str(run)}
    if run and "refits" in asked.sections:
        times = {"skill_mix": 2} if asked.quick else REFITTED
        yield every | {"section": "refits", "run": str(run), "times": times}
    if "calibration" in asked.sections:
        what = {"name": "skill_mix", "number": 1} if asked.quick else {"name": "chain", "number": 1}
        yield every | {"section": "calibration"} | what


def measured(asked: argparse.Namespace, folder: Path) -> list[Row]:
    """Rows of every section asked for; whole runs first, since others read what they made."""
    checkouts = {OURS: ROOT}
    if asked.against:
        checkouts[f"bayesgap-{commit(asked.against)}"] = asked.against.resolve()
    rows, made = [], {}
    for way, root in checkouts.items():
        ready(root)
        made[way], found = of_checkout(way, root, asked, folder)
        rows += found
    for job in jobs(asked, made[OURS]):
        said(" ".join(str(job[key]) for key in ("section", "block", "way") if key in job))
        rows += rows_of(job, Path(sys.executable), folder, kept_of(job, OURS, folder))
        for way in list(checkouts)[1:]:
            if job.get("way", OURS) == OURS:
                own = job | ({"run": str(made[way])} if "run" in job else {})
                python = checkouts[way] / ".venv" / "bin" / "python"
                found = rows_of(own, python, folder, kept_of(job, way, folder))
                rows += [replace(row, way=way) for row in found if of_us(row)]
    return [row for row in rows if row.section in asked.sections]


def kept_of(job: dict[str, Any], way: str, folder: Path) -> Path | None:
    """Code that whole runs of a checkout compiled, for sections that do not time compiling."""
    return folder / f"{way}-compiled" if job["section"] in WARM else None


def of_us(row: Row) -> bool:
    """Whether a row is of bayesgap itself."""
    return row.way == OURS


def of_checkout(
    way: str, root: Path, asked: argparse.Namespace, folder: Path
) -> tuple[Path | None, list[Row]]:
    """A run of one checkout, if a section needs one, and rows of whole runs and of commands."""
    study = root / "models" / ("quick.toml" if asked.quick else "buskerud.toml")
    of = runs.program(way, root, folder / f"{way}-compiled", without_marks())
    own, rows, run = folder / f"{way}-runs", [], asked.run if way == OURS else None
    if "runs" in asked.sections or (run is None and set(asked.sections) & set(READERS)):
        said(f"whole runs, {way}")
        rows += runs.whole_runs(of, study, own)
        run = run or runs.only(own / "warm")
    if "commands" in asked.sections and run:
        said(f"commands, {way}")
        rows += runs.reading(of, run)
    return run, rows


def ready(root: Path) -> None:
    """Make the plain environment of a checkout, without this script's own packages."""
    words = [root / "dev", "bayesgap", "--help"]
    subprocess.run(words, cwd=root, env=without_marks(), check=True, stdout=subprocess.DEVNULL)


def commit(root: Path) -> str:
    """Short name of a checkout's commit."""
    words = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def said(what: str) -> None:
    """Tell what is being measured."""
    print(f"bench: {what}", file=sys.stderr, flush=True)  # noqa: T201 - a script's output


def parsed(words: list[str] | None = None) -> argparse.Namespace:
    """Options of a call."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="Small blocks, few draws.")
    parser.add_argument("--full", action="store_true", help="Large blocks by every sampler too.")
    parser.add_argument("--against", type=Path, help="Another checkout, timed between ours.")
    parser.add_argument("--run", type=Path, help="A finished run for sections that read one.")
    parser.add_argument("--docs", type=Path, help="Folder of the page; docs if all is measured.")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"SECTION must be of {', '.join(SECTIONS)}; found {', '.join(unknown)}.")
    if not asked.sections and not asked.quick:
        asked.docs = asked.docs or ROOT / "docs"
    asked.sections = asked.sections or list(SECTIONS)
    return asked


def main() -> None:
    """Measure, print, and write the table and its page."""
    asked = parsed()
    if asked.worker:
        found = []
        for row in worker(json.loads(asked.worker)):
            found.append(asdict(row))
            asked.rows.write_text(json.dumps(found))
        return
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        rows = measured(asked, Path(folder))
    table = table_of(rows)
    about = page.about(commit(ROOT), time.monotonic() - begun, sys.argv[1:])
    if asked.docs:
        page.write(table, about, asked.docs)
    print(page.plain(table))  # noqa: T201 - a script's output


if __name__ == "__main__":
    main()

"""The table as a page of the documentation, as CSV and on the screen."""

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

SECTIONS = {
    "density": "log density with gradient",
    "posteriors": "whole fits of our own posteriors",
    "projection": "projection of one chunk of draws",
    "quantiles": "quantiles of the gap",
    "refits": "refits under changed priors",
    "calibration": "simulations of the calibration",
    "runs": "whole runs",
    "commands": "commands that read a run",
}
PACKAGES = ("pymc", "pytensor", "nutpie", "numba", "numpy", "jax", "numpyro", "blackjax")
COLUMNS = ("what", "measure", "by", "value", "unit", "ours : this", "note")
HEAD = """# How fast it is

Written by `./dev bench`; not edited by hand. All figures are of one run of it, on one machine,
so that ratios can be trusted and seconds cannot be carried over. `ours : this` is our figure
over that of the row: for seconds and memory, below 1 is better for us; for cells and effective
draws a second, above 1. Nothing tests these times.

- **density**: milliseconds of one log density with its gradient, in processor seconds. *Compiling*
  starts from empty caches. What JAX does at once is divided by the number of points.
- **posteriors**: smallest bulk effective sample size (ESS) of any variable, a second of the clock
  and a second of processors (CPU-s). Ours has the study's settings and one core, as a run has two
  blocks side by side; the others have the defaults of `pm.sample`, four chains, two cores. One
  block is small and one large, that without nutpie's own compiling: more would take long
  (`--full`).
- **projection**: cells that are written, a second, beside a plain copy of the same bytes.
- **quantiles**: of the gap's draws, beside NumPy's.
- **refits**: a block fitted again under one changed prior, as `bayesgap sensitivity` does, compiled
  before; asked are 0.3 s up to 100 parameters, 5 s beyond. Those with a large R-hat are done again
  there, longer.
- **calibration**: a simulation of a block, and of the chain of all blocks, compiled before.
- **runs**: a run cold (nothing compiled, Python's bytecode there) and warm; the note has seconds
  of its stages, memory is that of all its processes together.
- **commands**: from the call to the end of the answer; median of five.
"""


def about(commit: str, seconds: float, words: Sequence[str]) -> dict[str, str]:
    """Where and when the table was made."""
    return {
        "call": " ".join(["./dev bench", *words]),
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "machine": f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "the bench took": f"{seconds / 60:.0f} min",
    }


def processor() -> str:
    """Name of the processor, or of its kind."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def version(package: str) -> str:
    """Version of a package, or that it is not there."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def formatted(value: float) -> str:
    """Three significant figures."""
    if not np.isfinite(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """Table as it is shown, sections in their order."""
    order = {name: i for i, name in enumerate(SECTIONS)}
    kept = table.sort_values("section", key=lambda names: names.map(order), kind="stable")
    columns = [kept["item"], kept["measure"], kept["way"], kept["value"].map(formatted)]
    columns += [kept["unit"], kept["ratio"].map(formatted), kept["note"]]
    shown = pd.concat(columns, axis=1)
    shown.columns = list(COLUMNS)
    shown.insert(0, "section", kept["section"])
    return shown.reset_index(drop=True)


def plain(table: pd.DataFrame) -> str:
    """Table for a terminal."""
    return cells(table).to_string(index=False)


def written(table: pd.DataFrame, about_it: dict[str, str]) -> str:
    """Text of the page."""
    shown = cells(table)
    head = "".join(f"| {name} | {value} |\n" for name, value in about_it.items())
    lines = [HEAD, f"| | |\n|---|---|\n{head}", "## The table\n"]
    missing = [name for name in SECTIONS if name not in set(table["section"])]
    if missing:
        lines.append(f"Not measured in this call: {', '.join(missing)}.\n")
    names = ["section", *COLUMNS]
    rows = [names, ["---"] * len(names), *shown.astype(str).to_numpy().tolist()]
    lines.append("\n".join("| " + " | ".join(map(_escaped, row)) + " |" for row in rows) + "\n")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write(table: pd.DataFrame, about_it: dict[str, str], docs: Path) -> None:
    """Write performance.md and results/performance.csv into `docs`."""
    (docs / "results").mkdir(parents=True, exist_ok=True)
    (docs / "performance.md").write_text(written(table, about_it), encoding="utf-8")
    dated = table.assign(date=about_it["date"], commit=about_it["commit"])
    path = docs / "results" / "performance.csv"
    dated.to_csv(path, index=False, float_format="%.6g")

"""Write what the checks say of seeded mistakes in tables: docs/results/attack_tables.csv.

Usage: ./dev python scripts/attack_tables.py [--seed N] [--number N] [NAME=FOLDER ...]

NAME=FOLDER: folders of tables beside the embedded ones, such as Linköping's of `transfer_study.py`;
each gets a third of the number. `--silent FILE` lists mistakes of which nothing was said.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from attacks.tables import EMBEDDED, FACTOR, Folder, trials

from bayesgap.health.versions import provenance_now

OUT = Path(__file__).parents[1] / "docs" / "results" / "attack_tables.csv"


def table(found: pd.DataFrame) -> pd.DataFrame:
    """Counts by folder and kind; of all but `made`, of changes by more than `FACTOR`."""
    changed = found["change"] > FACTOR
    counts = {"made": pd.Series(1, found.index), "changed": changed.astype(int)}
    for outcome in ("told", "refused", "silent"):
        counts[outcome] = (changed & (found["outcome"] == outcome)).astype(int)
    counts["silent_before"] = (changed & (found["before"] == "silent")).astype(int)
    by = [found["folder"], found["kind"]]
    return pd.DataFrame(counts).groupby(by, sort=False).sum().reset_index()


def main() -> None:
    """Make the mistakes and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--number", type=int, default=748)
    parser.add_argument("--silent", type=Path)
    arguments = parser.parse_args()
    others = dict(text.split("=", 1) for text in arguments.folders)
    parts = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, source in {"embedded": EMBEDDED, **others}.items():
            number = arguments.number // (1 if name == "embedded" else 3)
            folder = Folder(Path(source), Path(scratch) / name)
            made = [vars(one) for one in trials(folder, arguments.seed, number)]
            parts.append(pd.DataFrame(made).assign(folder=name))
    found = pd.concat(parts)
    about = {k: v for k, v in provenance_now(arguments.seed).items() if k != "bayesgap"}
    table(found.reset_index(drop=True)).assign(**about).to_csv(OUT, index=False)
    silent = found[(found["outcome"] == "silent") & (found["change"] > FACTOR)]
    if arguments.silent:
        columns = ["folder", "kind", "table", "place", "change"]
        silent.assign(change=silent["change"].replace(np.inf, np.nan).round(2))[columns].to_csv(
            arguments.silent, index=False
        )
    matter = (found["change"] > FACTOR).sum()
    print(f"{OUT}: {len(found)} made, {matter} mattered, {len(silent)} silent")  # noqa: T201


if __name__ == "__main__":
    main()

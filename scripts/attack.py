"""What breaks bayesgap: a campaign of seeded attacks, in one table; docs/results/attack.csv.

Usage: ./dev attack [SECTION ...] [--seed N] [--quick] [--docs] [--home FOLDER]

Sections: kills, damage, studies, tables, bank, disk, injections; all of them if none is named.
At full size it takes half an hour on two cores; --quick takes a few minutes. --docs writes
the table. It ends with exit code 1 where an attack was silent: a wrong figure without a word, a
finished stage that was lost, or a message that calls it a fault of the program.
"""

import argparse
import importlib
import importlib.util
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from platform import machine, python_version

import pandas as pd
from attacks import world
from attacks.row import OUTCOMES, Row

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "results" / "attack.csv"
SIZES = {"kills": 56, "damage": 150, "studies": 600, "tables": 1000, "bank": 48, "disk": 10,
         "injections": 40}  # fmt: skip
QUICK = {"kills": 7, "damage": 24, "studies": 60, "tables": 40, "bank": 12, "disk": 2,
         "injections": 20}  # fmt: skip
SEED = 20_261_130


def sections() -> list[str]:
    """Sections whose module is there."""
    return [name for name in SIZES if importlib.util.find_spec(f"attacks.{name}") is not None]


def attacked(section: str, seed: int, number: int) -> list[Row]:
    """Rows of one section; what is silent is told at once."""
    found = []
    for row in importlib.import_module(f"attacks.{section}").rows(seed, number):
        found.append(row)
        if row.outcome == "silent":
            sys.stderr.write(f"SILENT {row.section}, {row.attack}, {row.place}: {row.note}\n")
    sys.stderr.write(f"{section}: {len(found)} attacks.\n")
    return found


def table_of(rows: Iterable[Row], date: str) -> pd.DataFrame:
    """One row an attack: how many ended how, with seed, date and machine."""
    counts: dict[tuple[str, str, int], Counter[str]] = {}
    for row in rows:
        counts.setdefault((row.section, row.attack, row.seed), Counter())[row.outcome] += 1
    where = f"{machine()}, Python {python_version()}"
    lines = [
        {"section": section, "attack": attack, "number": sum(found.values()),
         **{name: found[name] for name in OUTCOMES}, "seed": seed, "date": date, "machine": where}
        for (section, attack, seed), found in counts.items()
    ]  # fmt: skip
    return pd.DataFrame(lines)


def with_others(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """`table` with the sections of an earlier one that it lacks."""
    if not path.exists():
        return table
    earlier = pd.read_csv(path)
    return pd.concat([earlier[~earlier["section"].isin(set(table["section"]))], table])


def main(words: Sequence[str] | None = None) -> int:
    """Attack, print the table, and say by the exit code whether anything was silent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("section", nargs="*", choices=[[], *sections()], metavar="SECTION")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--home", type=Path, help="folder whose finished run is used again")
    given = parser.parse_args(words)
    if given.home is not None:
        given.home.mkdir(parents=True, exist_ok=True)
        world.KEPT[:] = [given.home.absolute()]
    sizes = QUICK if given.quick else SIZES
    try:
        rows = [row for section in given.section or sections()
                for row in attacked(section, given.seed, sizes[section])]  # fmt: skip
    finally:
        if given.home is None:
            shutil.rmtree(world.home(), ignore_errors=True)
    table = table_of(rows, datetime.now(UTC).date().isoformat())
    print(table.drop(columns=["date", "machine"]).to_string(index=False))  # noqa: T201
    print(f"{len(rows)} attacks, {int(table['silent'].sum())} silent.")  # noqa: T201
    if given.docs:
        with_others(table, RESULTS).sort_values(["section", "attack"]).to_csv(RESULTS, index=False)
    return int(table["silent"].sum() > 0)


if __name__ == "__main__":
    sys.exit(main())

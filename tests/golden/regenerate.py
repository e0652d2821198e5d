"""Write `tests/golden/outlook.csv` anew: `./dev python -m tests.golden.regenerate`.

Only after a change of the equations of `src/bayesgap/project/`: change `by_hand.py` to the new
equations by themselves, run this, and say in the commit which figures moved and why.
"""

import csv
from pathlib import Path

from tests.golden.by_hand import outlook_of
from tests.golden.tiny import DRAWS, YEARS, tiny_rates

GOLDEN = Path(__file__).with_name("outlook.csv")
COLUMNS = [(year, draw) for year in YEARS for draw in range(DRAWS)]


def table() -> list[list[str]]:
    """Header and rows: quantity, region, member, then one column a year and draw."""
    found = outlook_of(tiny_rates())
    keys = dict.fromkeys(key[:3] for key in found)
    header = ["quantity", "region", "member", *(f"{year} draw {draw}" for year, draw in COLUMNS)]
    rows = [
        [*key, *(f"{found[(*key, *column)]:.6g}" for column in COLUMNS)] for key in sorted(keys)
    ]
    return [header, *rows]


if __name__ == "__main__":
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table())

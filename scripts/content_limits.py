"""Print what tables need of every limit on their content, beside the limit.

Usage: ./dev python scripts/content_limits.py [FOLDER ...]

FOLDER is a folder of tables beside the embedded ones: those of `transfer_study.py` (Linköping) and
`new_studies.py` (Finnmark, Trondheim, Linköping) made the limits. A limit is the largest share that
a series needs, times 1.25, or the smallest and largest ratio, times 0.8 and 1.25.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bayesgap.data.content.accounts import LIMIT, balances
from bayesgap.data.content.bounds import RATIOS
from bayesgap.data.content.compositions import COMPOSITIONS
from bayesgap.data.content.finding import Frames
from bayesgap.data.content.neighbours import Series, expected, share_needed
from bayesgap.data.content.ratios import measured
from bayesgap.data.content.series import SERIES
from bayesgap.data.tables import read_lined
from bayesgap.study.bundle import bundle_root

EMBEDDED = bundle_root() / "data" / "buskerud"
Limit = tuple[str, float, float]  # its name, what the tables need, and the limit


def needed(series: Series, frames: Frames) -> dict[str, float]:
    """Largest share that a series needs between two neighbours, and at an end."""
    rows = expected(frames[series.table], series)
    share = share_needed(rows, series)
    found = {"inner": share[rows["inside"]].max(), "ends": share[~rows["inside"]].max()}
    return {name: float(value) for name, value in found.items() if pd.notna(value)}


def limits(frames: Frames) -> Iterator[Limit]:
    """Every limit whose tables are there."""
    for series in SERIES:
        if series.table in frames:
            for end, value in needed(series, frames).items():
                yield f"{series.name}, {end}", value, getattr(series, end)
    for ratio in (*RATIOS, *COMPOSITIONS):
        if {ratio.of.table, ratio.to.table} <= set(frames):
            found = measured(ratio, frames)["ratio"]
            if len(found):
                yield f"{ratio.says} ({ratio.of.table}), low", float(found.min()), ratio.low
                yield f"{ratio.says} ({ratio.of.table}), high", float(found.max()), ratio.high
    yield "migration_flows balance", float(balances(frames)["ratio"].max()), LIMIT


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    folders = [EMBEDDED, *parser.parse_args().folders]
    columns = {}
    for folder in folders:
        found = list(limits(read_lined(folder)))
        columns[folder.parent.name] = pd.Series({name: value for name, value, _ in found})
        columns["limit"] = pd.Series({name: value for name, _, value in found})
    print(pd.DataFrame(columns).to_string(float_format="{:.4g}".format))  # noqa: T201


if __name__ == "__main__":
    main()

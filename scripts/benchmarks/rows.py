"""What every section gives: rows of figures; and how seconds are taken."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

OURS = "bayesgap"
KEYS = ("section", "item", "measure", "unit")


@dataclass(frozen=True)
class Row:
    """One figure: of `item`, got in one `way`; `value` is in `unit`."""

    section: str
    item: str
    measure: str
    way: str
    value: float
    unit: str
    note: str = ""


def table_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows with the ratio of our own figure to each of the same item and measure."""
    table = pd.DataFrame([asdict(row) for row in rows], columns=[f.name for f in fields(Row)])
    base = table[table["way"] == OURS].drop_duplicates(list(KEYS)).set_index(list(KEYS))["value"]
    own = base.reindex(pd.MultiIndex.from_frame(table[list(KEYS)])).to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = own / table["value"].to_numpy(dtype=float)
    return table


def seconds_of(what: Callable[[], Any], repeats: int = 5) -> float:
    """Least processor seconds of `repeats` calls, all threads together."""
    return min(_spent(what) for _ in range(repeats))


def seconds_per_call(what: Callable[[], Any], least: float = 0.05, batches: int = 7) -> float:
    """Least processor seconds a call, in batches of at least `least` seconds."""
    what()
    number = 1
    while (spent := _spent_by(what, number)) < least:
        number = max(2 * number, int(1.2 * least / max(spent, 1e-6) * number))
    return min(_spent_by(what, number) for _ in range(batches)) / number


def _spent(what: Callable[[], Any]) -> float:
    return _spent_by(what, 1)


def _spent_by(what: Callable[[], Any], number: int) -> float:
    begun = time.process_time()
    for _ in range(number):
        what()
    return time.process_time() - begun


def installed(*packages: str) -> bool:
    """Whether all `packages` are here; they are the dependency group `bench`."""
    return all(find_spec(name) is not None for name in packages)

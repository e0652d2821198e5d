"""Two vintages of a data folder: which figures came, went and moved."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.data.schemas import TABLES, Number


@dataclass(frozen=True)
class Change:
    """One table in two vintages.

    `moved` has the keys, `old` and `new` of figures that changed, the largest change first.
    """

    table: str
    added: int
    gone: int
    moved: pd.DataFrame
    statuses: str


def compare(old: Path, new: Path) -> list[Change]:
    """Changes of every table from `old` to `new`; tables without any are left out."""
    names = sorted({p.stem for p in (*old.glob("*.csv"), *new.glob("*.csv"))} & set(TABLES))
    changes = [_change(name, _read(old, name), _read(new, name)) for name in names]
    return [c for c in changes if c.added or c.gone or len(c.moved) or c.statuses]


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    columns = list(TABLES[name].columns)
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _change(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Change:
    table = TABLES[name]
    key = list(table.key)
    both = old.merge(new, on=key, how="outer", suffixes=("_old", "_new"), indicator=True)
    kept = both[both["_merge"] == "both"]
    parts = []
    for column, kind in table.columns.items():
        if isinstance(kind, Number) and column not in (*key, "border_year"):
            before = pd.to_numeric(kept[f"{column}_old"], errors="coerce")
            after = pd.to_numeric(kept[f"{column}_new"], errors="coerce")
            differs = ~((before == after) | (before.isna() & after.isna()))
            figures = {"old": before[differs], "new": after[differs]}
            rows = kept.loc[differs, key].assign(figure=column, **figures)
            parts.append(rows)
    moved = pd.concat(parts) if parts else pd.DataFrame(columns=[*key, "figure", "old", "new"])
    order = (moved["old"] - moved["new"]).abs().fillna(0.0).to_numpy(dtype=float).argsort()[::-1]
    return Change(
        name,
        int((both["_merge"] == "right_only").sum()),
        int((both["_merge"] == "left_only").sum()),
        moved.iloc[order],
        _statuses(old, new),
    )


def _statuses(old: pd.DataFrame, new: pd.DataFrame) -> str:
    """How the rows' status moved: "assumed 64 → observed 64"."""
    if "status" not in old or "status" not in new or old.empty or new.empty:
        return ""
    before, after = (f["status"].value_counts().to_dict() for f in (old, new))
    if set(before) == set(after):
        return ""
    told = (", ".join(f"{name} {n}" for name, n in sorted(c.items())) for c in (before, after))
    return " → ".join(told)

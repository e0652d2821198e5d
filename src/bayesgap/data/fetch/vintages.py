"""Two vintages of a data folder: which figures came, went and moved.

Tables of the models have their keys in the schema. Of others (`extra/`) what is numeric is a
figure, but for years, ages and codes that have a label beside them.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.data.columns import Number, provenance
from bayesgap.data.schemas import TABLES

EXTRA = "extra"  # folder of tables that models do not read
PROVENANCE = set(provenance())
TIMES = {"year", "age"}


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
    paths = sorted({p.relative_to(f) for f in (old, new) for p in f.glob("*.csv")})
    more = sorted({p.relative_to(f) for f in (old, new) for p in (f / EXTRA).glob("*.csv")})
    ours = [p for p in paths if p.stem in TABLES]
    changes = [_change(path, _read(old / path), _read(new / path)) for path in (*ours, *more)]
    return [c for c in changes if c.added or c.gone or len(c.moved) or c.statuses]


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame()
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _change(path: Path, old: pd.DataFrame, new: pd.DataFrame) -> Change:
    like = old if new.empty else new
    key, figures = _roles(path, like)
    old, new = (f.reindex(columns=like.columns.union(f.columns)) for f in (old, new))
    both = old.merge(new, on=key, how="outer", suffixes=("_old", "_new"), indicator=True)
    kept = both[both["_merge"] == "both"]
    parts = []
    for column in figures:
        before = pd.to_numeric(kept[f"{column}_old"], errors="coerce")
        after = pd.to_numeric(kept[f"{column}_new"], errors="coerce")
        differs = ~((before == after) | (before.isna() & after.isna()))
        both_figures = {"old": before[differs], "new": after[differs]}
        parts.append(kept.loc[differs, key].assign(figure=column, **both_figures))
    moved = pd.concat(parts) if parts else pd.DataFrame(columns=[*key, "figure", "old", "new"])
    order = (moved["old"] - moved["new"]).abs().fillna(0.0).to_numpy(dtype=float).argsort()[::-1]
    return Change(
        path.with_suffix("").as_posix(),
        int((both["_merge"] == "right_only").sum()),
        int((both["_merge"] == "left_only").sum()),
        moved.iloc[order],
        _statuses(old, new),
    )


def _roles(path: Path, like: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Columns that name a row, and those that hold its figures."""
    if path.stem in TABLES and path.parent == Path():
        table = TABLES[path.stem]
        numbers = [c for c, kind in table.columns.items() if isinstance(kind, Number)]
        return list(table.key), [c for c in numbers if c not in (*table.key, "border_year")]
    names = [c for c in like.columns if c not in PROVENANCE and not c.endswith("_label")]
    coded = {c.removesuffix("_label") for c in like.columns if c.endswith("_label")}
    free = [c for c in names if c not in coded | TIMES]
    figures = [c for c in free if pd.to_numeric(like[c], errors="coerce").notna().any()]
    return [c for c in names if c not in figures], figures


def _statuses(old: pd.DataFrame, new: pd.DataFrame) -> str:
    """How the rows' status moved: "assumed 64 → observed 64"."""
    if "status" not in old or "status" not in new or old.empty or new.empty:
        return ""
    before, after = (f["status"].value_counts().to_dict() for f in (old, new))
    if set(before) == set(after):
        return ""
    told = (", ".join(f"{name} {n}" for name, n in sorted(c.items())) for c in (before, after))
    return " → ".join(told)

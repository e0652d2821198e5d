"""A data folder from gathered tables: written beside, checked, then put in place; the old is kept.

STUDY/data/            the tables of now, with manifest.toml and reference/
STUDY/data/extra/      tables that models do not read
STUDY/vintages/<time>/ what stood in data/ before, never overwritten
"""

import filecmp
import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from bayesgap.data.checks import cross_checks
from bayesgap.data.columns import Number
from bayesgap.data.fetch.catalogue import Catalogue
from bayesgap.data.fetch.gather import Gathered
from bayesgap.data.fetch.vintages import EXTRA
from bayesgap.data.manifest import (
    NAME,
    Entry,
    Exemption,
    companion,
    file_hash,
    read_manifest,
    refresh_manifest,
)
from bayesgap.data.schemas import TABLES
from bayesgap.data.tables import examine, read_regions, table_paths
from bayesgap.errors import StudyError

DIFFERS = "The sources differ"


def put_in_place(
    study: Path, gathered: Gathered, catalogue: Catalogue, known: Mapping[str, Entry]
) -> Path | None:
    """Write the gathered tables as `study`/data; what was there becomes a vintage.

    Returns
    -------
    The vintage; None if there was nothing before, or nothing is new and the folder stays.
    """
    now = datetime.now(UTC)
    staged = study / f".fetching-{now:%Y%m%dT%H%M%S%f}"
    data = study / "data"
    try:
        write_tables(staged, gathered, catalogue, known, now)
        if (data / "reference").is_dir():
            shutil.copytree(data / "reference", staged / "reference")
        for reason in declare_differences(staged):
            gathered.note("sums", reason)
        if same_tables(data, staged):
            shutil.rmtree(staged)
            return None
        vintage = keep_vintage(study)
        staged.replace(data)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return vintage


def same_tables(one: Path, other: Path) -> bool:
    """Whether two folders have the same tables, byte for byte."""
    names, others = (sorted(p.relative_to(f) for p in f.rglob("*.csv")) for f in (one, other))
    if not any(one.glob("*.csv")) or names != others:
        return False
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names)


def replace_tables(study: Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Put `tables` in the place of those in `study`/data; the folder before becomes a vintage.

    Raises
    ------
    StudyError
        The study has no tables of its own yet.
    """
    data, now = study / "data", datetime.now(UTC)
    if not any(data.glob("*.csv")):
        raise StudyError(f"{data} must have tables: bayesgap data fetch, or copy some there.")
    staged = study / f".replacing-{now:%Y%m%dT%H%M%S%f}"
    shutil.copytree(data, staged)
    for name, frame in tables.items():
        frame.to_csv(staged / f"{name}.csv", index=False)
    if (staged / NAME).is_file():
        refresh_manifest(staged / NAME)
    vintage = keep_vintage(study)
    staged.replace(data)
    return vintage or data


def keep_vintage(study: Path) -> Path | None:
    """Move `study`/data to a vintage named by the time that it was made."""
    data = study / "data"
    if not any(data.glob("*.csv")):
        shutil.rmtree(data, ignore_errors=True)
        return None
    made = datetime.fromtimestamp(max(p.stat().st_mtime for p in data.glob("*.csv")), UTC)
    vintage = study / "vintages" / f"{made:%Y%m%dT%H%M%S}"
    while vintage.exists():
        vintage = vintage.with_name(vintage.name + "x")
    vintage.parent.mkdir(parents=True, exist_ok=True)
    data.replace(vintage)
    return vintage


def write_tables(
    folder: Path,
    gathered: Gathered,
    catalogue: Catalogue,
    known: Mapping[str, Entry],
    now: datetime,
) -> None:
    """CSV of every table and the manifest that describes them."""
    folder.mkdir(parents=True)
    for name, frame in gathered.tables.items():
        if len(frame):
            frame.to_csv(folder / f"{name}.csv", index=False)
    for name, frame in gathered.extra.items():
        (folder / EXTRA).mkdir(exist_ok=True)
        frame.to_csv(folder / EXTRA / f"{name}.csv", index=False)
    entries = {
        name: _entry(name, frame, folder, gathered, catalogue, known, now)
        for name, frame in gathered.tables.items()
        if len(frame)
    }
    text = [f"# Written by bayesgap data fetch on {now:%Y-%m-%d %H:%M} UTC.\n"]
    for name, entry in entries.items():
        fields = entry.model_dump(exclude_defaults=True, mode="json")
        text.append(f"[tables.{name}]")
        text += [f"{key} = {toml_value(value)}" for key, value in fields.items()]
        text.append("")
    (folder / NAME).write_text("\n".join(text), encoding="utf-8")


def declare_differences(folder: Path) -> list[str]:
    """Append the totals in which official sources differ to the manifest, each with its figures.

    Returns
    -------
    What was declared, in words.
    """
    manifest, regions = read_manifest(folder), read_regions(folder)
    frames = {
        name: examine(path, TABLES[name], manifest.tables.get(name), regions)
        for name, path in table_paths(folder).items()
    }
    sums = {name: e.frame for name, e in frames.items() if e.frame is not None and e.sums_known}
    said: dict[str, list[Exemption]] = {}
    for problem in cross_checks(sums, manifest, companion(folder, "reference")):
        if problem.check is not None:
            keys = dict(problem.where)
            year = keys.pop("year", None)
            name = problem.file.removesuffix(".csv")
            said.setdefault(name, []).append(
                Exemption(
                    check=problem.check,
                    where={key: (str(value),) for key, value in keys.items()},
                    years=None if year is None else (int(float(str(year))),) * 2,
                    reason=f"{DIFFERS}: {problem.found}",
                )
            )
    path = folder / NAME
    text = path.read_text(encoding="utf-8")
    for name, found in said.items():
        entry = manifest.tables[name]
        rows = [e.model_dump(exclude_defaults=True, mode="json") for e in (*entry.totals, *found)]
        head, line = f"[tables.{name}]\n", f"totals = {toml_value(rows)}\n"
        start = text.index(head) + len(head)
        end = text.find("\n[tables.", start)
        block = text[start:] if end < 0 else text[start:end]
        kept = "".join(x for x in block.splitlines(True) if not x.startswith("totals = "))
        text = text[:start] + line + kept + ("" if end < 0 else text[end:])
    path.write_text(text, encoding="utf-8")
    return [exemption.reason for found in said.values() for exemption in found]


def _entry(
    name: str,
    frame: pd.DataFrame,
    folder: Path,
    gathered: Gathered,
    catalogue: Catalogue,
    known: Mapping[str, Entry],
    now: datetime,
) -> Entry:
    source = next(iter(catalogue.tables.get(name, ())), None)
    old = known.get(name)
    statuses = list(frame["status"].unique()) if "status" in frame else ["observed"]
    borrowed = gathered.origins.get(name, "").startswith("embedded")
    licence = old.licence if borrowed and old else catalogue.bank.licence if catalogue.bank else ""
    kept = old if borrowed and old is not None else None
    return Entry(
        file=f"{name}.csv",
        title=source.title if source else old.title if old else name,
        source=gathered.origins.get(name, "bayesgap data fetch"),
        extracted=f"{now:%Y-%m-%d %H:%M} UTC",
        licence=licence or "see the source",
        status="observed" if "observed" in statuses else statuses[0],
        sha256=file_hash(folder / f"{name}.csv"),
        defects=(*(kept.defects if kept else ()), *gathered.notes.get(name, ())),
        gaps=(*(old.gaps if old else ()), *missing_years(name, frame)),
        empty_cells=(*(kept.empty_cells if kept else ()), *_unknown(name, frame)),
        totals=old.totals if old else (),
    )


def missing_years(name: str, frame: pd.DataFrame) -> tuple[Exemption, ...]:
    """Years that some of a table's series lack, declared as gaps."""
    table = TABLES[name]
    if "year" not in frame or not table.series:
        return ()
    first, last = int(frame["year"].min()), int(frame["year"].max())
    out = []
    for values, group in frame.groupby(list(table.series)):
        lost = sorted(set(range(first, last + 1)) - set(group["year"].astype(int)))
        where = dict(zip(table.series, ((str(v),) for v in values), strict=True))
        reason = "The source has no figures for every part in these years."
        out += [Exemption(where=where, years=(y, y), reason=reason) for y in lost]
    return tuple(out)


def _unknown(name: str, frame: pd.DataFrame) -> tuple[Exemption, ...]:
    """Cells without a figure (missing or confidential at the source), declared by their keys."""
    table = TABLES[name]
    values = [c for c, k in table.columns.items() if isinstance(k, Number) and c not in table.key]
    unknown = frame[frame[[c for c in values if c in frame]].isna().any(axis=1)]
    keys = [key for key in table.key if key != "year"]
    return tuple(
        Exemption(
            where={key: (row[key],) for key in keys},
            years=(int(row["year"]), int(row["year"])) if "year" in row else None,
            reason="No figure at the source: missing or confidential.",
        )
        for row in unknown.to_dict("records")
    )


def toml_value(value: Any) -> str:
    """A value of a manifest as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)

"""What a folder of tables lacks, assumes, or has from long ago: the lines of `data check`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from bayesgap.data.fetch.catalogue import Catalogue
from bayesgap.data.fetch.write import DIFFERS, EXTRA
from bayesgap.data.manifest import read_manifest
from bayesgap.data.tables import table_paths
from bayesgap.study.study import Study

LEARNED_FROM = {"employment_status": "region", "commuting": "home"}  # pooling regions may lack


def overview(
    tables: Mapping[str, pd.DataFrame], folder: Path, catalogue: Catalogue, study: Study
) -> Iterator[str]:
    """What a user may not expect of `tables`: gaps, assumed rows, sums that differ, early ends."""
    here = table_paths(folder)
    for name in dict.fromkeys((*catalogue.tables, *catalogue.borrow)):
        if name not in here:
            yield f"missing: {name} ({_origin(catalogue, name)}); the models do without it"
    for name, frame in tables.items():
        if "status" in frame and (frame["status"] == "assumed").any() and "region" in frame:
            of = sorted(frame.loc[frame["status"] == "assumed", "region"].unique())
            yield f"{name}: assumed for {', '.join(map(str, of))}"
    for name, column in LEARNED_FROM.items():
        told = set(tables[name][column]) if name in tables else set()
        if silent := [region for region in study.pooling if region not in told]:
            yield f"{name}: no rows for {', '.join(silent)}; its block learns from the others"
    for name, entry in read_manifest(folder).tables.items():
        if name in here and here[name].parent == folder:
            if entry.empty_cells:
                count = len(entry.empty_cells)
                yield f"{name}: cells without a figure at the source, declared in {count} entries"
            declared = [e.reason for e in entry.totals if e.reason.startswith(DIFFERS)]
            yield from (f"{name}: {reason}" for reason in declared)
    base_year = study.base_year
    years = {n: int(f["year"].max()) for n, f in tables.items() if "year" in f}
    early = [f"{n} {y}" for n, y in sorted(years.items()) if y < base_year]
    if early:
        yield f"end before the base year {base_year}: {', '.join(early)}"
    later = [f"{n} {y}" for n, y in sorted(years.items()) if y >= base_year]
    yield f"reach it: {', '.join(later)}"
    extra = sorted(path.stem for path in (folder / EXTRA).glob("*.csv"))
    if extra:
        yield f"kept in {EXTRA}/, not read by the models: {', '.join(extra)}"


def _origin(catalogue: Catalogue, name: str) -> str:
    sources = catalogue.tables.get(name, ())
    bank = catalogue.bank.name if catalogue.bank else ""
    named = [f"{bank} {s.table}" if s.table else str(s.file) for s in sources]
    return ", ".join(named) or "the embedded study"

"""What the bank has today that a study's tables do not: an opt-in check over the network."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bayesgap.data.fetch.catalogue import Source
from bayesgap.data.fetch.gather import fitted
from bayesgap.data.fetch.opened import described
from bayesgap.data.fetch.places import Places, read_places
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.data.fetch.session import Call, catalogue_of, open_bank
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.data.fetch.write import EXTRA
from bayesgap.data.manifest import NAME, read_manifest
from bayesgap.errors import FetchError
from bayesgap.study.study import load_study


def ask_bank(study: Path, folder: Path, call: Call) -> Iterator[str]:
    """One line a table: its codes are as the mapping file says, and whether it is newer."""
    catalogue = catalogue_of(study)
    if catalogue.bank is None:
        yield "the mapping file names no bank"
        return
    entries = read_manifest(folder).tables if (folder / NAME).is_file() else {}
    plan, places = load_study(study), read_places(folder)
    wanted = Wanted(plan.targets, plan.pooling, plan.base_year)
    bank = open_bank(catalogue.bank, call, lambda _text: None, catalogue.bank.api)
    with bank.line:
        for name, sources in (*catalogue.tables.items(), *catalogue.extra.items()):
            for source in (source for source in sources if source.table is not None):
                where = folder / EXTRA / f"{name}.csv"
                ours = entries[name].source if name in entries else _of_extra(where)
                found = _says(bank, source, ours, places, wanted)
                yield f"{name} ({source.table}, {source.seen}): {found}"


def _of_extra(path: Path) -> str:
    """Source of an extra table, as its first row tells it."""
    return str(pd.read_csv(path, nrows=1)["source"].iloc[0]) if path.is_file() else ""


def _says(bank: Bank, source: Source, ours: str, places: Places, wanted: Wanted) -> str:
    try:
        metadata = bank.metadata(source.table or "")
        source, told = fitted(source, metadata, places, wanted)
    except FetchError as error:
        return str(error)
    wrong = [s.variable for s in source.columns.values() if s.variable not in metadata.variables]
    asked = {**source.fixed, source.measure: tuple(source.values.values())}
    asked |= {s.variable: tuple(s.map) for s in source.columns.values() if isinstance(s.map, dict)}
    for variable, codes in asked.items():
        known = metadata.variables.get(variable)
        lost = [c for c in codes if c and (known is None or c not in known.codes)]
        wrong += [f"{variable} {code}" for code in lost]
    if wrong:
        has = described(metadata)
        return f"the mapping file must be corrected: no {', '.join(wrong)}; the table has {has}"
    when = metadata.updated[:10]
    state = (
        "we have none" if not ours else "ours is the same" if when in ours else "ours is another"
    )
    return "; ".join((f"updated {when}", state, *told))

"""What the bank has today that a study's tables do not: an opt-in check over the network."""

from collections.abc import Iterator
from pathlib import Path

from bayesgap.data.manifest import read_manifest
from bayesgap.data.statbank.catalogue import Source
from bayesgap.data.statbank.pxweb import Bank
from bayesgap.data.statbank.session import Call, catalogue_of, open_bank
from bayesgap.errors import FetchError


def ask_bank(study: Path, folder: Path, call: Call) -> Iterator[str]:
    """One line a table: its codes are as the mapping file says, and whether it is newer."""
    catalogue = catalogue_of(study)
    if catalogue.bank is None:
        yield "the mapping file names no bank"
        return
    entries = read_manifest(folder).tables
    bank = open_bank(catalogue.bank, call, lambda _text: None, catalogue.bank.api)
    with bank.line:
        for name, sources in catalogue.tables.items():
            for source in sources:
                if source.table is not None:
                    ours = entries[name].source if name in entries else ""
                    yield f"{name} ({source.table}): {_says(bank, source, ours)}"


def _says(bank: Bank, source: Source, ours: str) -> str:
    try:
        metadata = bank.metadata(source.table or "")
    except FetchError as error:
        return str(error)
    wrong = [s.variable for s in source.columns.values() if s.variable not in metadata.variables]
    for variable, codes in {**source.fixed, source.measure: tuple(source.values.values())}.items():
        known = metadata.variables.get(variable)
        lost = [c for c in codes if c and (known is None or c not in known.codes)]
        wrong += [f"{variable} {code}" for code in lost]
    if wrong:
        return f"the mapping file must be corrected: the table has no {', '.join(wrong)}"
    when = metadata.updated[:10]
    return f"updated {when}" + ("; ours is the same" if when in ours else "; ours is another")

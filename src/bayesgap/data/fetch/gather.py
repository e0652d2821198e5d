"""All tables of a study from its mapping file: from the bank, from own files, or standing in.

Nothing is written here: `gather` gives frames and what must be told about them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from bayesgap.data.columns import Number
from bayesgap.data.fetch.catalogue import BankSpec, Catalogue, ColumnSpec, Source
from bayesgap.data.fetch.klass import read_borders
from bayesgap.data.fetch.opened import labelled, opened
from bayesgap.data.fetch.places import Places, with_history
from bayesgap.data.fetch.pxweb import Bank, Metadata
from bayesgap.data.fetch.tidy import (
    Wanted,
    long_frame,
    tidy,
    translation,
    whole_numbers,
    with_provenance,
)
from bayesgap.data.schemas import TABLES
from bayesgap.errors import FetchError, printable

Tell = Callable[[str], None]
UNCONFIRMED = (
    " The bank never confirmed it: bayesgap data check STUDY --live tells what is wrong with it;"
    " correct a copy of the mapping file (bayesgap data sources) beside the study."
)
BORDER_YEAR = 2024  # of own files, which say nothing of it


@dataclass
class Gathered:
    """Frames by table, with their origin, and notes: what is missing, left out or standing in."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    extra: dict[str, pd.DataFrame] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def note(self, table: str, text: str) -> None:
        """Tell something about a table, once."""
        known, text = self.notes.setdefault(table, []), printable(text)
        if text not in known:
            known.append(text)


def gather(
    catalogue: Catalogue,
    places: Places,
    wanted: Wanted,
    bank: Bank | None,
    own: Path | None,
    tell: Tell = lambda _text: None,
) -> Gathered:
    """Every table of the mapping file that can be had.

    Raises
    ------
    FetchError
        A table that is not optional cannot be had.
    """
    out = Gathered()
    if bank is not None and catalogue.bank is not None and catalogue.bank.klass:
        places = _followed(catalogue.bank, places, wanted, bank, out)
    work = _Work(catalogue.bank, places, wanted, bank, own, out)
    for name, sources in (*catalogue.tables.items(), *catalogue.extra.items()):
        frames = []
        for source in sources:
            tell(f"{name}: {source.table or source.file}")
            try:
                frames.append(_table(name, source, work))
            except FetchError as error:
                hint = UNCONFIRMED if source.seen == "unconfirmed" and source.table else ""
                if not (source.optional or source.open):
                    raise FetchError(f"{name}: {error}{hint}") from None
                out.note(name, f"not to be had: {error}{hint}")
        if frames := [frame for frame in frames if frame is not None]:
            kept = out.extra if name in catalogue.extra else out.tables
            kept[name] = _shaped(name, pd.concat(frames, ignore_index=True))
    return out


@dataclass(frozen=True)
class _Work:
    """What every table is made from, and where it is told of."""

    spec: BankSpec | None
    places: Places
    wanted: Wanted
    bank: Bank | None
    own: Path | None
    out: Gathered


def _table(name: str, source: Source, work: _Work) -> pd.DataFrame | None:
    """Rows of one source in our columns, None if there are none for the study."""
    metadata = None
    if source.file is not None:
        rows, origin = read_own(source, work.own), source.source or source.file
    else:
        if work.bank is None or work.spec is None or source.table is None:
            raise FetchError(f"Table {source.table} needs a bank in the mapping file.")
        metadata = work.bank.metadata(source.table)
        source, told = fitted(source, metadata, work.places, work.wanted)
        for text in told:
            work.out.note(name, text)
        rows = _asked(source, work.spec, metadata, work.places, work.wanted, work.bank)
        origin = f"{work.spec.name} {source.table} ({metadata.updated[:10]})"
    rows = _whole_regions(name, rows, source, work.places, work.wanted, work.out)
    if rows.empty:
        work.out.note(name, "no rows for the regions of the study")
        return None
    border = work.spec.border_year if work.spec else BORDER_YEAR
    frame = tidy(rows, source, work.places, work.wanted)
    work.out.origins[name] = origin
    if metadata is not None and name not in TABLES:
        frame = labelled(frame, source, metadata)
    if not any(column.places for column in source.columns.values()) and name not in TABLES:
        return frame.assign(source=origin, status=source.status)  # regions, if any, of its own
    return with_provenance(frame, source, origin, border)


def fitted(
    source: Source, metadata: Metadata, places: Places, wanted: Wanted
) -> tuple[Source, list[str]]:
    """`source` as its table is, and what must be told: an open one, or one measure by its name.

    A table with one measure is read by it, whatever the mapping file calls it.
    """
    if source.open:
        return opened(source, metadata, places, wanted)
    measure = metadata.variables.get(source.measure)
    if measure is None or len(measure.codes) != 1 or len(source.values) != 1:
        return source, []
    [(ours, code)], [there] = source.values.items(), measure.codes
    if code in ("", there):
        return source, []
    told = f"{source.measure} {code} is not there: read as {there}, the only one"
    return source.model_copy(update={"values": {ours: there}}), [told]


def _followed(spec: BankSpec, places: Places, wanted: Wanted, bank: Bank, out: Gathered) -> Places:
    """Past codes of the study's municipalities, from KLASS."""
    line = bank.line
    asked = Bank(line, bank.cache, refresh=bank.refresh, offline=bank.offline, root=spec.klass)
    borders = read_borders(asked, f"{spec.border_year}-01-02")
    codes = [code for code in places.now(wanted.of("study")) if code in borders.names]
    for past, elsewhere in borders.divided(codes).items():
        names = ", ".join(f"{c} {borders.names[c]}" for c in elsewhere)
        out.note("municipalities", f"{past} was divided; a part of it is now in {names}")
    bank.used += asked.used
    return with_history(places, {code: borders.history(code) for code in codes})


def read_own(source: Source, own: Path | None) -> pd.DataFrame:
    """A file of the user's, as it is; a wide one with its columns as rows if `melt` says so.

    Raises
    ------
    FetchError
        No such file, or a file that is neither CSV nor Parquet.
    """
    path = None if own is None or source.file is None else own / source.file
    if path is None or not path.is_file():
        where = "no folder of own files is given (--own)" if path is None else f"there is no {path}"
        raise FetchError(f"{source.file} is a file of your own, and {where}.")
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
    else:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if source.melt is not None:
        kept = {spec.variable for spec in source.columns.values()} | set(source.fixed)
        value = next(iter(source.values.values()))
        heads = [c for c in frame.columns if c in kept]
        frame = frame.melt(heads, var_name=source.melt, value_name=value)
    return frame


def _asked(
    source: Source,
    spec: BankSpec,
    metadata: Metadata,
    places: Places,
    wanted: Wanted,
    bank: Bank,
) -> pd.DataFrame:
    """Cells of the bank: one query for the regions, another for codes such as the nation's."""
    fixed = {name: list(codes) for name, codes in source.fixed.items()}
    codes = [code for code in source.values.values() if code]
    if codes:
        fixed[source.measure] = codes
    for name in source.summed:
        if (asked := metadata.variables.get(name)) is not None and not asked.elimination:
            fixed[name] = list(asked.codes)
    plain: dict[str, list[str]] = {}
    summed: dict[str, str] = {}
    also: dict[str, list[str]] = {}
    for column in source.columns.values():
        variable = metadata.variables.get(column.variable)
        if variable is None:
            known = ", ".join(metadata.variables)
            raise FetchError(f"Table {metadata.table} has no {column.variable}; it has {known}.")
        found, codelist = _codes(
            column, variable.codes, variable.codelists, spec, places, wanted, bank
        )
        plain[column.variable] = found
        if codelist is not None:
            summed[column.variable] = codelist
        extra = [code for code in column.also if code in variable.codes]
        if extra:
            also[column.variable] = extra
    frames = []
    if all(plain.values()):
        frames.append(long_frame(bank.cells(metadata.table, {**fixed, **plain}, summed)))
        for name in summed:
            frames[0][name] = frames[0][name].str.removeprefix(spec.sum_prefix)
    if also:
        frames.append(long_frame(bank.cells(metadata.table, {**fixed, **plain, **also})))
    if not frames:
        none = [name for name, found in plain.items() if not found]
        raise FetchError(f"Table {metadata.table} has no {', '.join(none)} that the study wants.")
    return pd.concat(frames, ignore_index=True)


def _codes(
    column: ColumnSpec,
    known: tuple[str, ...],
    codelists: tuple[str, ...],
    spec: BankSpec,
    places: Places,
    wanted: Wanted,
    bank: Bank,
) -> tuple[list[str], str | None]:
    """Codes of a variable to ask for, and the codelist that they are of."""
    if column.places is None:
        return list(translation(column, known, places, wanted)), None
    if spec.sum_codelist is not None and spec.sum_codelist in codelists:
        sums = bank.codelist(spec.sum_codelist)
        ours = [spec.sum_prefix + code for code in places.now(wanted.of(column.places))]
        return [code for code in ours if code in sums], spec.sum_codelist
    found = translation(column, known, places, wanted)
    return [code for code in found if code not in column.also], None


def _whole_regions(
    name: str,
    frame: pd.DataFrame,
    source: Source,
    places: Places,
    wanted: Wanted,
    out: Gathered,
) -> pd.DataFrame:
    """Rows of regions and years in which every municipality has a figure; others are told."""
    column = next((c for c in source.columns.values() if c.places is not None), None)
    if column is None or column.places is None or column.each is not None:
        return frame
    region = places.region_of(wanted.of(column.places))
    code = frame[column.variable].astype(str).str.removeprefix(column.prefix)
    now = code.map(lambda c: places.old.get(c, c))
    year = next((c.variable for c in source.columns.values() if c.number), None)
    when = frame[year].astype(str) if year else pd.Series("", index=frame.index)
    figure = frame["status"] != "." if "status" in frame else pd.Series(True, index=frame.index)
    mine = code.isin(list(region)) & figure
    have = pd.DataFrame({"region": code.map(region), "when": when, "now": now})[mine]
    counted = have.drop_duplicates().groupby(["region", "when"])["now"].nunique()
    needed = pd.Series(places.now(wanted.of(column.places))).value_counts()
    short = counted[counted < counted.index.get_level_values("region").map(needed).to_numpy()]
    for place, found in short.groupby(level="region"):
        periods = [when for when in sorted(found.index.get_level_values("when")) if when]
        which = f" of {', '.join(periods[:3])}" + (" ..." if periods[3:] else "") if periods else ""
        out.note(name, f"{place} is left out{which}: a municipality lacks figures")
    none = sorted(set(needed_regions(places, wanted, column)) - set(have["region"]))
    if none:
        out.note(name, f"no figures for {', '.join(none)}")
    lost = pd.MultiIndex.from_arrays([code.map(region), when]).isin(short.index)
    return frame[~lost]


def needed_regions(places: Places, wanted: Wanted, column: ColumnSpec) -> tuple[str, ...]:
    """Regions that a column should have rows of."""
    listed = set(places.now(wanted.of(column.places or "study")).values())
    return tuple(region for region in wanted.of(column.places or "study") if region in listed)


def _shaped(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns in the order of the table's schema; counts as whole numbers."""
    if name not in TABLES:
        return frame
    columns: Mapping[str, object] = TABLES[name].columns
    missing = [column for column in columns if column not in frame]
    if missing:
        raise FetchError(f"The mapping of {name} must give {', '.join(missing)}.")
    counts = {n: True for n, c in columns.items() if isinstance(c, Number) and c.whole}
    return whole_numbers(frame[list(columns)].copy(), counts)

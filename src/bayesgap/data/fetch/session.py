"""One fetch of one study, from its file to its data folder: what the command line calls."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bayesgap.data.fetch.cache import Cache
from bayesgap.data.fetch.catalogue import BankSpec, Catalogue, norwegian, read_catalogue
from bayesgap.data.fetch.gather import Gathered, gather
from bayesgap.data.fetch.http import Limits, Line, Tally
from bayesgap.data.fetch.imputation import complete, keep_own
from bayesgap.data.fetch.klass import Borders, read_borders
from bayesgap.data.fetch.places import read_places
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.data.fetch.write import put_in_place
from bayesgap.data.manifest import read_manifest
from bayesgap.data.tables import read_tables, require_regions
from bayesgap.errors import DataError, StudyError
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import Study, load_study

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Call:
    """How a fetch talks to the bank: its cache, and a `server` that plays it (rehearsals)."""

    cache: Path
    refresh: bool = False
    offline: bool = False
    server: str | None = None
    limits: Limits | None = None


@dataclass(frozen=True)
class Fetched:
    """What a fetch did."""

    folder: Path
    vintage: Path | None
    gathered: Gathered
    tally: Tally
    new: bool


def open_bank(spec: BankSpec, call: Call, tell: Tell, root: str) -> Bank:
    """Client of the bank of a mapping file; https unless a server on this machine plays it."""
    limits = call.limits or Limits(calls=spec.calls, window=spec.window)
    line = Line(call.server or f"https://{spec.host}", limits, tell)
    return Bank(
        line,
        Cache(call.cache),
        language=spec.language,
        max_cells=spec.max_cells,
        refresh=call.refresh,
        offline=call.offline,
        root=root,
    )


def catalogue_of(study: Path) -> Catalogue:
    """Mapping file of a study: `sources.toml` beside it, else the Norwegian one."""
    own = study.parent / "sources.toml"
    return read_catalogue(own if own.is_file() else norwegian())


def borders_now(call: Call, tell: Tell = lambda _text: None) -> Borders:
    """Norwegian municipalities and their changes, from KLASS."""
    spec = read_catalogue(norwegian()).bank
    if spec is None or spec.klass is None:  # pragma: no cover - the embedded file has both
        raise StudyError("The embedded mapping file must name a bank with klass.")
    with (bank := open_bank(spec, call, tell, spec.klass)).line:
        return read_borders(bank, f"{spec.border_year}-01-02")


def fetch_study(
    path: Path, call: Call, own: Path | None, tell: Tell = lambda _text: None
) -> Fetched:
    """Fetch every table of the study at `path` into the folder `data` beside it.

    Raises
    ------
    FetchError, StudyError
        A needed table cannot be had; the folder is as it was.
    """
    study, folder, catalogue = load_study(path), path.parent, catalogue_of(path)
    places = read_places(folder / "data")
    wanted = Wanted(study.targets, study.pooling, study.base_year)
    embedded = bundle_root() / "data" / "buskerud"
    bank = (
        None
        if catalogue.bank is None
        else open_bank(catalogue.bank, call, tell, catalogue.bank.api)
    )
    try:
        gathered = gather(catalogue, places, wanted, bank, own, tell)
    finally:
        if bank is not None:
            bank.line.__exit__()
    catalogue = catalogue.model_copy(update={"borrow": borrowed(study, catalogue)})
    complete(gathered, embedded, wanted, catalogue, places)
    keep_own(gathered, folder / "data")
    data = folder / "data"
    before = any(data.glob("*.csv"))
    vintage = put_in_place(folder, gathered, catalogue, read_manifest(embedded).tables)
    tally = bank.line.tally if bank else Tally()
    return Fetched(data, vintage, gathered, tally, new=vintage is not None or not before)


def unready(path: Path, folder: Path) -> list[str]:
    """Why the study at `path` cannot run on the tables in `folder`, line by line."""
    try:
        require_regions(read_tables(folder), load_study(path))
    except DataError as error:
        return [str(problem) for problem in error.problems]
    return []


def borrowed(study: Study, catalogue: Catalogue) -> dict[str, str]:
    """Tables to take from the embedded study; a study of its regions keeps all the others too."""
    if set(study.targets) == set(load_study(default_study()).targets):
        embedded = bundle_root() / "data" / "buskerud"
        every = {p.stem: "the same regions" for p in sorted(embedded.glob("*.csv"))}
        return every | catalogue.borrow
    return catalogue.borrow


def copy_default(folder: Path) -> Path:
    """The embedded study as a folder of its own, so that its tables can be fetched.

    Raises
    ------
    StudyError
        The folder holds another study already.
    """
    source = default_study()
    path = folder / source.name
    if path.is_file():
        return path
    reference = bundle_root() / "data" / "reference"
    (folder / "data" / "reference").mkdir(parents=True, exist_ok=True)
    for file in sorted(reference.glob("*.csv")):
        (folder / "data" / "reference" / file.name).write_bytes(file.read_bytes())
    text = source.read_text(encoding="utf-8")
    path.write_text(text.replace('data = "data/buskerud"', 'data = "data"'), encoding="utf-8")
    return path

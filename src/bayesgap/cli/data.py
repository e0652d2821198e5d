"""Commands on input tables: data check, data fetch, diff, template, convert, reconcile."""

from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import INPUTS, Debug, app, embedded
from bayesgap.cli.study import CACHE, CacheFolder, Server
from bayesgap.errors import StudyError

data_app = typer.Typer(no_args_is_help=True, help="The input tables.")
app.add_typer(data_app, name="data", rich_help_panel=INPUTS)

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="Tables; the embedded ones if none.")
]


@data_app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER|STUDY.toml", help="Tables, or a study; embedded if none."),
    ] = None,
    live: Annotated[bool, typer.Option(help="Ask the bank what is newer there.")] = False,
    cache: CacheFolder = CACHE,
    server: Server = None,
    debug: Debug = False,
) -> None:
    """Say everything that is wrong with a folder of input tables; exit code 2 if anything is.

    Figures that are odd but possible, and files that differ from manifest.toml, are noted.
    """
    study = folder if folder is not None and folder.suffix == ".toml" else None
    where = study.parent / "data" if study else folder or embedded()[0]
    try:
        _check_tables(where, study)
    finally:  # the bank may tell why tables are not there
        if live:
            from bayesgap.data.fetch.live import ask_bank
            from bayesgap.data.fetch.session import Call
            from bayesgap.study.bundle import default_study

            call = Call(cache, refresh=True, server=server)
            for line in ask_bank(study or default_study(), where, call):
                typer.echo(f"  {line}")


def _check_tables(where: Path, study: Path | None) -> None:
    from bayesgap.data.columns import require_tables
    from bayesgap.study.bundle import default_study
    from bayesgap.study.study import load_study

    path = study or default_study()
    plan = load_study(path)
    require_tables(where)

    from bayesgap.data.content.notes import data_notes
    from bayesgap.data.fetch.overview import overview
    from bayesgap.data.fetch.session import catalogue_of
    from bayesgap.data.tables import joined, read_lined, require_regions

    lined = read_lined(where, derived=False)
    notes = data_notes(lined, where)
    tables = joined(lined)
    if study is not None:
        require_regions(tables, plan)
    rows = sum(len(table) for table in tables.values())
    many = "s" if len(notes.warnings) > 1 else ""
    odd = f"{len(notes.warnings)} odd figure{many}" if notes.warnings else "no problem found"
    typer.echo(f"{where}: {len(tables)} tables, {rows} rows, {odd}.")
    for line in notes.lines:
        typer.echo(f"  note: {line}")
    for line in overview(tables, where, catalogue_of(path), plan):
        typer.echo(f"  {line}")


@data_app.command()
def fetch(
    study: Annotated[
        Path | None, typer.Argument(metavar="STUDY.toml", help="A study; the embedded if none.")
    ] = None,
    own: Annotated[Path | None, typer.Option(help="Folder of files of your own.")] = None,
    cache: CacheFolder = CACHE,
    refresh: Annotated[
        bool, typer.Option(help="Ask what has been updated since, and fetch that.")
    ] = False,
    offline: Annotated[bool, typer.Option(help="Send nothing; use the cache.")] = False,
    server: Server = None,
    debug: Debug = False,
) -> None:
    """Fetch every table of a study; what it had before is kept as a vintage."""
    from bayesgap.study.study import load_study

    if study is not None:
        load_study(study)  # what is wrong with its words, before anything is loaded

    from bayesgap.data.fetch.session import Call, copy_default, fetch_study, unready

    path = study or copy_default(Path("buskerud"))
    call = Call(cache, refresh=refresh, offline=offline, server=server)
    done = fetch_study(path, call, own, lambda text: typer.echo(text, err=True))
    for name, frame in done.gathered.tables.items():
        status = ", ".join(f"{n} {s}" for s, n in frame["status"].value_counts().items())
        typer.echo(f"{name}: {status}; {done.gathered.origins.get(name, 'made here')}")
    for name, notes in done.gathered.notes.items():
        for note in notes:
            typer.echo(f"  {name}: {note}")
    tally = done.tally
    typer.echo(
        f"{tally.requests} requests, {tally.retries} of them repeated, {tally.cached} answers from "
        f"the cache, {tally.bytes_received / 1e6:.1f} MB."
    )
    if done.vintage is not None:
        typer.echo(f"The tables from before: {done.vintage}")
    if "employment_workplace_base" not in done.gathered.tables:
        typer.echo(f"Next: bayesgap data reconcile {done.folder}")
    said = "written" if done.new else "nothing is new, and the tables stay as they were"
    typer.echo(f"{done.folder}: {said}. Check it: bayesgap data check {path}")
    for line in unready(path, done.folder):
        typer.echo(f"  it cannot run yet: {line}")


@data_app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="A folder of tables: a vintage.")],
    new: Annotated[Path, typer.Argument(help="Another.")],
    shown: Annotated[int, typer.Option(min=0, help="Largest changes listed per table.")] = 5,
    debug: Debug = False,
) -> None:
    """Say which figures came, went and moved from one vintage of the tables to another."""
    for folder in (old, new):
        if not any(folder.glob("*.csv")):
            raise StudyError(f"{folder} must be a folder of tables; it has none.")

    from bayesgap.data.fetch.vintages import compare

    changes = compare(old, new)
    if not changes:
        typer.echo("No figure differs.")
    for change in changes:
        says = f"{change.table}: {change.added} rows came, {change.gone} went, "
        says += f"{len(change.moved)} figures moved"
        typer.echo(says + (f"; status {change.statuses}" if change.statuses else ""))
        for row in change.moved.head(shown).to_dict("records"):
            place = ", ".join(str(v) for k, v in row.items() if k not in ("old", "new", "figure"))
            typer.echo(f"  {place}: {row['figure']} {row['old']:g} → {row['new']:g}")


@data_app.command()
def sources(
    file: Annotated[Path, typer.Argument(help="Where it goes.")] = Path("sources.toml"),
    debug: Debug = False,
) -> None:
    """Write the mapping file of Statistics Norway, to be corrected beside a study of your own."""
    from bayesgap.data.fetch.catalogue import norwegian

    if file.exists():
        raise StudyError(f"{file} exists already. Name another file.")
    file.write_bytes(norwegian().read_bytes())
    typer.echo(f"{file}: written. A study whose folder has it as sources.toml fetches by it.")


@data_app.command()
def template(
    folder: Annotated[Path, typer.Argument(help="Where the two files go.")] = Path("own"),
    study: Annotated[Path | None, typer.Option(help="Whose region the example names.")] = None,
    debug: Debug = False,
) -> None:
    """Write an example of an own extract and of the codes that it needs."""
    from bayesgap.study.bundle import default_study
    from bayesgap.study.study import load_study

    region = load_study(study or default_study()).targets[0]

    from bayesgap.data.fetch import microdata

    extract, codes = microdata.template(folder, region)
    typer.echo(f"{extract}: your figures, one row a cell; suppressed cells as <5 or 1-4.")
    typer.echo(f"{codes}: which codes make a group.")


@data_app.command()
def convert(
    extract: Annotated[Path, typer.Argument(help="CSV or Parquet of your own.")],
    study: Annotated[Path, typer.Option(help="The study whose tables it replaces.")],
    codes: Annotated[Path, typer.Option(help="Mapping file of codes.")],
    language: Annotated[str, typer.Option(help="Of messages: en or no.")] = "en",
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing.")] = False,
    debug: Debug = False,
) -> None:
    """Check an own extract and put its tables in the place of the assumed ones."""
    from bayesgap.study.study import load_study

    if language not in ("en", "no"):
        raise StudyError(f"The language must be en or no; found {language!r}.")
    if not extract.is_file():
        raise StudyError(f"There is no extract {extract}. Name an existing CSV or Parquet file.")
    targets = load_study(study).targets

    from bayesgap.data.fetch import microdata
    from bayesgap.data.fetch.write import replace_tables

    frame, mapping = microdata.read_extract(extract), microdata.read_mapping(codes)
    tables = microdata.convert(frame, extract.name, mapping, targets, language)
    if only_check:
        typer.echo("Ingen feil funnet." if language == "no" else "No problem found.")
        return
    vintage = replace_tables(study.parent, tables)
    typer.echo(f"{study.parent / 'data'}: {', '.join(tables)} replaced; before: {vintage}")


@data_app.command()
def reconcile(
    folder: FolderArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; into FOLDER itself if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Make the assumed base tables anew: fitted to the observed margins, with their spread."""
    from bayesgap.data.columns import require_tables

    tables_folder, study = embedded()
    where = folder or tables_folder
    require_tables(where)

    from bayesgap.data.reconcile import write_reconciled
    from bayesgap.data.reconcile_mix import write_skill_mix
    from bayesgap.data.tables import read_tables

    tables = read_tables(where, derived=False)
    into = out or where
    into.mkdir(parents=True, exist_ok=True)
    written = (
        write_reconciled(into, tables, list(study.targets)),
        write_skill_mix(into, tables),
    )
    typer.echo("\n".join(f"{path}: written" for path in written))

"""Write docs/fetch.md: a full fetch against the loopback bank, its faults, speed, new studies.

Usage, with ../shared beside the checkout; RUN_FOLDER are runs of studies made from nothing:
    uv run --with pyjstat python scripts/fetch_evidence.py [RUN_FOLDER ...]
"""

import json
import sys
import tempfile
import time
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import statbank_server as play
import typer
from recorded_bank import recorded_bank

from bayesgap.data.fetch.cache import Cache
from bayesgap.data.fetch.catalogue import ColumnSpec, Source, norwegian, read_catalogue
from bayesgap.data.fetch.http import Limits, Line
from bayesgap.data.fetch.jsonstat import read_dataset
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.data.fetch.session import Call, Fetched, copy_default, fetch_study
from bayesgap.errors import FetchError

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
EMBEDDED = ROOT / "data" / "buskerud"
LIMITS = Limits(calls=1000, seconds=3.0, attempts=4, first_wait=0.1, patience=5.0)
PATIENT = Limits(calls=1000, seconds=120.0)
RUNS = "## Studies made from nothing"
OF_THE_PLAY = ("no figures for", "is left out", "Non-existent table")
FAULTS = (
    "429 with Retry-After",
    "429 without Retry-After",
    "503",
    "500 with empty body",
    "slow",
    "truncated body",
    "HTML 404",
    "wrong encoding",
    "changed metadata",
    "redirect",
)


def fetched(bank: play.Bank, folder: Path, *, offline: bool = False) -> tuple[Fetched, list[str]]:
    """The default study fetched into `folder`, and what the user was told on the way."""
    said: list[str] = []
    call = Call(folder / "cache", offline=offline, server=bank.base, limits=PATIENT)
    return fetch_study(copy_default(folder / "study"), call, None, said.append), said


def full_fetch(bank: play.Bank, folder: Path) -> Iterator[str]:
    """Requests and bytes of a first fetch, of a second one, and per table."""
    start, used = time.perf_counter(), time.process_time()
    first, _ = fetched(bank, folder)
    took, used, sent = time.perf_counter() - start, time.process_time() - used, len(bank.log)
    size = sum(n for *_, n in bank.log)
    second, _ = fetched(bank, folder, offline=True)
    posts = sum(method == "POST" for method, *_ in bank.log)
    yield f"First fetch: {sent} requests ({posts} by POST), {size} bytes, {took:.0f} s, of which"
    yield f"{used:.0f} s of processor (client and bank). Second, offline: {len(bank.log) - sent}"
    yield f"requests, {second.tally.cached} answers from the cache.\n"
    yield "| table | rows by status | origin |\n|---|---|---|"
    frames = first.gathered.tables | {f"extra/{n}": f for n, f in first.gathered.extra.items()}
    for name, frame in sorted(frames.items()):
        status = ", ".join(f"{n} {s}" for s, n in frame["status"].value_counts().items())
        origin = first.gathered.origins.get(name.removeprefix("extra/"), "made here")
        yield f"| {name} | {status} | {origin} |"
    yield "\nTold to the user:\n"
    notes = [(name, note) for name, found in first.gathered.notes.items() for note in found]
    gaps = [(name, note) for name, note in notes if any(words in note for words in OF_THE_PLAY)]
    yield from (f"- {name}: {note}" for name, note in notes if (name, note) not in gaps)
    yield "\nTold too, because the played bank has only what was recorded:\n"
    host = bank.base.removeprefix("http://")
    for name, note in gaps:
        yield f"- {name}: {note.replace(host, 'data.ssb.no').replace('127.0.0.1', 'data.ssb.no')}"


def asked(bank: play.Bank) -> Iterator[str]:
    """Per table of the bank: which dims are asked for, who reads it, requests and bytes."""
    catalogue = read_catalogue(norwegian())
    yield "Codes are `recorded` from an answer of the bank, `documented` by published queries of"
    yield "others, or `unconfirmed`. Dims that are not named are summed over by the bank. An extra"
    yield "table enters no run. Requests and bytes are those of the first fetch below.\n"
    yield "| bank's table | ours | dims asked | codes | requests | bytes |"
    yield "|---|---|---|---|---|---|"
    kinds = (("", catalogue.tables), ("extra/", catalogue.extra))
    every = [
        (source.table or str(source.file), prefix + name, source)
        for prefix, tables in kinds
        for name, sources in tables.items()
        for source in sources
    ]
    for table in dict.fromkeys(table for table, *_ in every):
        mine = [(name, source) for found, name, source in every if found == table]
        log = [size for _, url, _, size in bank.log if f"/tables/{table}/" in url]
        dims = dict.fromkeys(dims_of(source) for _, source in mine)
        names = ", ".join(name for name, _ in mine)
        size = f"{len(log)} | {sum(log)}" if mine[0][1].table else "own file | "
        yield f"| {table} | {names} | {'; '.join(dims)} | {mine[0][1].seen} | {size} |"


def dims_of(source: Source) -> str:
    """Dims of a source that are asked for, with the codes that are fixed."""
    if source.open:
        return "all that its metadata name, regions those of the study"
    parts = [f"{c.variable}{_kept(c)}" for c in source.columns.values()]
    parts += [f"{name} = {' + '.join(codes)}" for name, codes in source.fixed.items()]
    codes = [code for code in source.values.values() if code]
    if codes and source.table:
        parts.append(f"{source.measure} = {', '.join(codes)}")
    return " x ".join([*parts, *(f"{name} (summed)" for name in source.summed)])


def _kept(column: ColumnSpec) -> str:
    if column.first is not None:
        return f" from {column.first}" + (f" to {column.last}" if column.last else "")
    return f" ({len(column.map)} codes)" if isinstance(column.map, dict) else ""


UNREAD = """
### What the models do not read yet

11615 and 12850 have employed persons by level and field of education. Their categories have not
been seen by this project, so that no mapping to the 21 groups is claimed: the tables are kept in
`data/extra`, and fields within levels are the nation's (tables of `data/national`). `bayesgap data
convert` makes the region's own from microdata: `education_fields` and
`employed_sector_education`, which the models read. 05539 is kept
likewise: migration by age stays that of the embedded extracts. 11713 ends in 2019, and the
embedded table is its whole.
"""


def faults(bank: play.Bank, folder: Path) -> Iterator[str]:
    """Each fault once, on a table that is asked for anew: what the user sees, and how it ends."""
    wanted = {"Region": ["1103", "0301"], "ContentsCode": ["BefolkningBosted"], "Tid": ["2022"]}
    wanted |= {"Kjonn": ["0"], "Alder": ["15-74"]}
    yield "| fault | what the user sees | ends |\n|---|---|---|"
    for number, kind in enumerate(FAULTS):
        bank.faults = [play.Fault(kind, path="/11618/data", wait="1", seconds=4.0)]
        said: list[str] = []
        with Line(bank.base, LIMITS, said.append) as line:
            client = Bank(line, Cache(folder / str(number)), root="api/pxwebapi/v2")
            try:
                client.cells("11618", wanted)
                ends = f"the figures come, {line.tally.retries} request repeated"
            except FetchError as error:
                said, ends = [str(error)], "stops at once; nothing is kept or written"
        bank.faults = []
        host = bank.base.removeprefix("http://")
        text = "; ".join(said).replace(host, "data.ssb.no").replace("127.0.0.1", "data.ssb.no")
        yield f"| {kind} | {text.replace('|', '/')} | {ends} |"


def speed(cells: int = 800_000) -> Iterator[str]:
    """Seconds to parse one document of `cells` cells, here and by pyjstat, in one run."""
    shape = (400, 100, 20)
    assert np.prod(shape) == cells
    rng = np.random.default_rng(7)
    value: list[int | None] = rng.integers(0, 10_000, cells).tolist()
    status = {}
    for place in range(0, cells, 50):
        value[place], status[str(place)] = None, ".."
    names = ("Region", "Alder", "Tid")
    dimension = {
        name: {"label": name, "category": {"index": {f"{i:04d}": i for i in range(size)}}}
        for name, size in zip(names, shape, strict=True)
    }
    for part in dimension.values():
        part["category"]["label"] = {code: code for code in part["category"]["index"]}
    document = {"version": "2.0", "class": "dataset", "label": "x", "id": names, "size": shape}
    document |= {"dimension": dimension, "value": value, "status": status}
    document["role"] = {"time": ["Tid"]}
    content = json.dumps(document).encode()
    start = time.process_time()
    found = read_dataset(content)
    ours = time.process_time() - start
    yield f"{cells} cells, {len(content) / 1e6:.1f} MB, processor seconds in one process:\n"
    coded = int((found["status"] != "").sum())
    yield f"- bayesgap, values and status: {ours:.2f} s ({coded} cells with a status code)"
    try:
        from pyjstat import pyjstat
    except ImportError:
        yield "- pyjstat: not installed in this run"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.process_time()
        frame = pyjstat.Dataset.read(content.decode()).write("dataframe")
        theirs = time.process_time() - start
    yield f"- pyjstat, values only: {theirs:.2f} s ({len(frame)} rows): {theirs / ours:.0f} times"


def verdicts(runs: list[Path]) -> Iterator[str]:
    """Verdict of each run folder: too few draws fail the checks of convergence, and say so."""
    yield "Made by `study new`, `data fetch`, `run`. Few draws cannot pass checks of convergence:"
    yield "these runs show that the chain reaches a verdict, not what the regions' gaps are.\n"
    yield "| study | chains x draws | verdict | checks that fail: convergence | others |"
    yield "|---|---|---|---|---|"
    sampled = ("R-hat", "ESS", "divergences", "BFMI")
    for run in runs:
        health = json.loads((run / "health.json").read_text(encoding="utf-8"))
        plan = tomllib.loads((run / "study.toml").read_text(encoding="utf-8"))["sampling"]
        failed = [c["name"] for c in health["checks"] if c["verdict"] == "FAIL"]
        others = [name for name in failed if not name.endswith(sampled)]
        yield (
            f"| {run.name} | {plan['chains']} x {plan['draws']} | {health['verdict']} "
            f"| {len(failed) - len(others)} | {', '.join(others) or 'none'} |"
        )


def main(runs: list[Path]) -> None:
    """Write the page."""
    lines = ["# Fetching: what was measured\n"]
    lines.append("Written by `scripts/fetch_evidence.py`; the bank is played on this machine by")
    lines.append(
        "`scripts/statbank_server.py`, filled with recorded figures (`recorded_bank.py`).\n"
    )
    with (
        tempfile.TemporaryDirectory() as name,
        play.serving(recorded_bank(SHARED, EMBEDDED)) as bank,
    ):
        fetch = list(full_fetch(bank, Path(name) / "full"))
        lines += ["## What is asked\n", *asked(bank), UNREAD]
        lines += ["## The default study\n", *fetch]
        lines += ["\n## Faults\n", *faults(bank, Path(name) / "faults")]
    lines += ["\n## Speed of the parser\n", *speed()]
    page = ROOT / "docs" / "fetch.md"
    if runs:
        lines += [f"\n{RUNS}\n", *verdicts(runs)]
    else:  # keep what an earlier call wrote of its runs
        _, heading, kept = page.read_text(encoding="utf-8").partition(RUNS)
        lines += [f"\n{heading}{kept.rstrip()}"] if heading else []
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    typer.echo(f"docs/fetch.md: {len(lines)} lines")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])

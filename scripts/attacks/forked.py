"""A run in a process of its own that begins at once: all that it imports and reads is there.

The server that it is forked from loads this module before the first run.
"""

import os
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from bayesgap.data.tables import read_tables, tables_hash
from bayesgap.pipeline import run_tables
from bayesgap.present.progress import Reporter
from bayesgap.study.bundle import bundle_root
from bayesgap.study.scenario_files import find_plans
from bayesgap.study.study import load_study, with_overrides

DATA = bundle_root() / "data" / "buskerud"
LOADED = (
    {"tables": read_tables(DATA), "hash": tables_hash(DATA)} if os.environ.get("ATTACKED") else {}
)


class Told:
    """A stream whose lines go to the parent."""

    def __init__(self, mouth: Connection) -> None:
        self.mouth = mouth

    def write(self, text: str) -> None:
        """Pass on what is said."""
        self.mouth.send(text)

    def flush(self) -> None:
        """Nothing waits."""


def run_tiny(study: Path, out: Path, scenario: str, mouth: Connection) -> None:
    """Run the tiny study, telling each stage, in a session of its own."""
    os.setsid()
    wanted = with_overrides(load_study(study), None, 1)
    plans = find_plans([scenario], wanted)
    stream: Any = Told(mouth)
    run_tables(wanted, LOADED["tables"], LOADED["hash"], out, Reporter(stream), plans)


def started(study: Path, out: Path, scenario: str) -> tuple[ForkServerProcess, Connection]:
    """The process of a run that begins, and where it is heard."""
    os.environ["ATTACKED"] = "1"
    context = get_context("forkserver")
    context.set_forkserver_preload(["attacks.forked"])
    heard, mouth = context.Pipe(duplex=False)
    process = context.Process(target=run_tiny, args=(study, out, scenario, mouth))
    process.start()
    mouth.close()
    return process, heard

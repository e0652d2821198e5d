"""What a run tells while it works, and what it measures: seconds and peak memory per stage."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol, TextIO

import psutil
from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column

_Tell = Callable[[int, int, str, bool], None]  # done, total, words for the rest, whether it is news
_INTERVAL = 0.2  # seconds between looks at memory
_LINES = 5.0  # seconds between lines that nothing new is the reason for


class Advance(Protocol):
    """What a stage calls as it goes on."""

    def __call__(
        self,
        done: int,
        total: int,
        left: float | None = None,
        doing: str = "",
        news: bool = True,
    ) -> None:
        """Tell that `done` of `total` steps are behind.

        Parameters
        ----------
        left : seconds that the rest takes, where the stage knows; else steps take equally long
        doing : what is being done
        news : whether it is worth a line of its own, however short the last one is ago
        """
        ...


class Progress(Protocol):
    """What `pipeline.run_study` needs: named stages, and a word about those already done."""

    timings: dict[str, dict[str, float]]

    def stage(self, name: str) -> AbstractContextManager[Advance]:
        """Time a stage; the value takes (done, total) steps for the estimate of time left."""
        ...

    def skipped(self, name: str) -> None:
        """Say that a stage was finished by an earlier call."""
        ...

    def damaged(self, fault: str) -> None:
        """Say what is wrong with a file of an earlier call, whose stage is made anew."""
        ...

    def noted(self, line: str) -> None:
        """Say what is odd about the tables of the run."""
        ...


def memory_of_family() -> float:
    """Resident memory of this process and its descendants [megabyte]."""
    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it may have ended since it was listed
            total += process.memory_info().rss / 1e6
    return total


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Fill the value with `seconds` and `peak_mb` of what runs inside."""
    found = {"seconds": 0.0, "peak_mb": memory_of_family()}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(_INTERVAL):
            found["peak_mb"] = max(found["peak_mb"], memory_of_family())

    watcher = threading.Thread(target=watch, daemon=True)
    start = time.monotonic()
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()
        found["seconds"] = time.monotonic() - start
        found["peak_mb"] = max(found["peak_mb"], memory_of_family())  # short stages too


def readable(seconds: float) -> str:
    """Duration as people say it: 4.2 s, 1 min 05 s."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


class Reporter:
    """Progress on a terminal as bars with time left, elsewhere as plain lines.

    `timings` holds what was measured, stage by stage: `seconds` and `peak_mb`.
    """

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(file=stream, highlight=False)
        self.timings: dict[str, dict[str, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """Time one stage and tell about it."""
        show = self._bar if self.console.is_terminal else self._lines
        start = time.monotonic()
        with measured() as found, show(name) as tell:

            def advance(
                done: int, total: int, left: float | None = None, doing: str = "", news: bool = True
            ) -> None:
                rest = remaining(time.monotonic() - start, done, total, left, doing)
                tell(done, total, rest, news)

            yield advance
        self.timings[name] = {key: round(value, 1) for key, value in found.items()}
        spent, most = readable(found["seconds"]), found["peak_mb"]
        self.say(f"{name}: done in {spent}, at most {most:.0f} MB")

    def skipped(self, name: str) -> None:
        """Say that a stage was finished by an earlier call."""
        self.say(f"{name}: kept from an earlier call")

    def damaged(self, fault: str) -> None:
        """Say what is wrong with a file of an earlier call, whose stage is made anew."""
        self.say(f"{fault} It is made anew.")

    def noted(self, line: str) -> None:
        """Say what is odd about the tables of the run."""
        self.say(f"note: {line}")

    def say(self, line: str) -> None:
        """One line, unwrapped."""
        self.console.print(line, markup=False, soft_wrap=True)

    @contextmanager
    def _bar(self, name: str) -> Iterator[_Tell]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            TextColumn("{task.fields[rest]}", table_column=Column(no_wrap=True)),
        )
        with Bars(*columns, console=self.console, transient=True) as bars:
            task = bars.add_task(name, total=None, rest="")
            yield lambda done, total, rest, _: bars.update(
                task, completed=done, total=total, rest=rest
            )

    @contextmanager
    def _lines(self, name: str) -> Iterator[_Tell]:
        self.say(f"{name} ...")
        last = time.monotonic()

        def tell(done: int, total: int, rest: str, news: bool) -> None:
            nonlocal last
            if news or time.monotonic() - last >= _LINES:
                last = time.monotonic()
                self.say(f"{name}: {done} of {total}, {rest}")

        yield tell


def remaining(taken: float, done: int, total: int, left: float | None, doing: str) -> str:
    """Words for what is left, by plain proportion unless it is known; and what is being done."""
    rest = taken / max(done, 1) * (total - done) if left is None else left
    words = f"about {readable(rest)} left"
    return f"{words} ({doing})" if doing else words

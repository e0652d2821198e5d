"""Processes that work beside this one: Ctrl-C is for the parent, and they go when it goes.

What they write for themselves lies in a folder of the pool, which goes with it: compilers leave
the source of every function.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from itertools import starmap
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import psutil

PATIENCE = 3.0  # seconds that processes are given to go
_mouths: list[Connection] = []  # of a worker: where its parent listens


class Workers(ProcessPoolExecutor):
    """A pool of processes; `said` is where their parent can hear them.

    All share one pipe without a lock, which one that is killed might hold for ever: the system
    writes messages as short as theirs whole, or not at all. Temporary files lie in `folder`.
    """

    def __init__(self, number: int, folder: Path) -> None:
        self.number, self.folder, context = number, folder, get_context("spawn")
        self.said, self.mouth = context.Pipe(duplex=False)
        super().__init__(number, context, _begin, (self.mouth, str(folder)))

    def hush(self) -> None:
        """Listen no longer."""
        self.said.close()
        self.mouth.close()


def say(*words: object) -> None:
    """Tell the parent of this worker a few words; lost where nobody listens, or not fast enough."""
    for mouth in _mouths:
        with suppress(OSError):
            mouth.send(words)


def _begin(mouth: Connection, folder: str) -> None:
    """Leave Ctrl-C to the parent, and go when it goes: it may be stopped while we start."""
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        os.set_blocking(mouth.fileno(), False)  # a pipe that is full must not stop the work
    _mouths[:] = [mouth]
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _stop(started: Iterable[psutil.Process]) -> None:
    """Ask processes to go, then make them: one that is between fork and program hears no asking."""
    left = [process for process in started if not _tracks(process)]
    for send in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                send(process)
        end = time.monotonic() + PATIENCE
        while (left := [process for process in left if _lives(process)]) and time.monotonic() < end:
            time.sleep(0.05)


def _lives(process: psutil.Process) -> bool:
    """Whether it runs still; how it ended is left for the pool to ask."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _tracks(process: psutil.Process) -> bool:
    """Whether it is the one that `multiprocessing` keeps for itself, which hears nothing either."""
    with suppress(psutil.Error):
        return any("resource_tracker" in word for word in process.cmdline())
    return False


@contextmanager
def workers(number: int, folder: Path | None = None) -> Iterator[Workers]:
    """A pool of `number` processes; when the work stops early, so do they, at once.

    The system is asked for them: one that was being started when Ctrl-C came is known to nobody
    else, takes work, and the end of this process would wait until that is done.

    Parameters
    ----------
    folder : where their temporary files lie, in a folder that goes with the pool
    """
    others = set(psutil.Process().children())
    with TemporaryDirectory(prefix="bayesgap-", dir=folder, ignore_cleanup_errors=True) as own:
        yield from _pool(number, Path(own), others)


def _pool(number: int, own: Path, others: set[psutil.Process]) -> Iterator[Workers]:
    pool = Workers(number, own)
    try:
        yield pool
    except BaseException:
        _stop(set(psutil.Process().children()) - others)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        pool.hush()


def each_of[T](
    call: Callable[..., T], arguments: Iterable[tuple[object, ...]], number: int
) -> Iterator[T]:
    """Results of `call` for each of `arguments` as they are done, by `number` processes.

    One process is this one, and keeps the order.
    """
    if number == 1:
        yield from starmap(call, arguments)
        return
    with workers(number) as pool:
        waiting = [pool.submit(call, *one) for one in arguments]
        yield from (future.result() for future in as_completed(waiting))

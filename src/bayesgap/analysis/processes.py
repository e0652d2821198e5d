"""Processes that work beside this one: Ctrl-C is for the parent, and they go when it goes."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from itertools import starmap
from multiprocessing import get_context, parent_process
from threading import Thread

import psutil


def _begin() -> None:
    """Leave Ctrl-C to the parent, and go when it goes: it may be stopped while we start."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of `number` processes; when the work stops early, so do they, at once.

    The system is asked for them: one that was being started when Ctrl-C came is known to nobody
    else, takes work, and the end of this process would wait until that is done.
    """
    others = set(psutil.Process().children())
    pool = ProcessPoolExecutor(number, get_context("spawn"), _begin)
    try:
        yield pool
    except BaseException:
        for process in set(psutil.Process().children()) - others:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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

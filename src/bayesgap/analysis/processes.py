"""Processes that work beside this one: Ctrl-C is for the parent, and they go when it goes."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from threading import Thread


def _begin() -> None:
    """Leave Ctrl-C to the parent, and go when it goes: it may be stopped while we start."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of `number` processes; when the work stops early, so do they, at once."""
    pool = ProcessPoolExecutor(number, get_context("spawn"), _begin)
    try:
        yield pool
    except BaseException:
        for process in active_children():  # the pool may not yet know the one just started
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)

"""Hears what workers say while they fit, and tells it on twice a second."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from threading import Event, Thread

from bayesgap.analysis.time_left import Said, TimeLeft, Told

EVERY = 0.5  # seconds
MOST = 100  # messages that are heard before the next word


@contextmanager
def followed(
    said: Connection, known: TimeLeft, follow: Callable[[Told], None] | None
) -> Iterator[None]:
    """Tell `follow` how far the fits are while the work inside goes on."""
    if follow is None:
        yield
        return
    stop = Event()

    def listen() -> None:
        while not stop.wait(EVERY):
            hear(said, known)
            follow(known.told(time.monotonic()))

    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def hear(said: Connection, known: TimeLeft) -> None:
    """Take in what has been said; a pipe that is broken says nothing."""
    try:
        for _ in range(MOST):
            if not said.poll(0):
                return
            known.hear(Said(*said.recv()))
    except (EOFError, OSError, UnpicklingError, TypeError):
        return

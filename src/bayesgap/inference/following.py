"""Hears what workers say while they fit, and tells it on twice a second."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from threading import Event, Thread

import psutil

from bayesgap.inference.time_left import Said, TimeLeft, TimeReport

EVERY = 0.5  # seconds
MOST = 100  # messages that are heard before the next word
LATELY, FEW, LEAST = 20.0, 2.0, 0.05  # seconds that count, seconds at first; the smallest share


@contextmanager
def followed(
    said: Connection, known: TimeLeft, follow: Callable[[TimeReport], None] | None
) -> Iterator[None]:
    """Tell `follow` how far the fits are while the work inside goes on."""
    if follow is None:
        yield
        return
    stop, share = Event(), Share()

    def listen() -> None:
        while not stop.wait(EVERY):
            hear(said, known)
            known.shared(share.now(len(known.running())), time.monotonic())
            follow(known.told(time.monotonic()))

    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Share:
    """Share of a processor that each busy worker gets, of late."""

    def __init__(self) -> None:
        self.time, self.used = time.monotonic(), seconds_of_children()
        self.got = self.could = FEW

    def now(self, busy: int) -> float:
        """The share, where `busy` workers have worked since the last call."""
        now, used = time.monotonic(), seconds_of_children()
        passed, spent = busy * (now - self.time), max(0.0, used - self.used)
        self.time, self.used = now, used
        if busy:
            kept = max(0.0, 1 - passed / LATELY)
            self.got, self.could = kept * self.got + spent, kept * self.could + passed
        return min(1.0, max(LEAST, self.got / self.could))


def seconds_of_children() -> float:
    """Seconds of processors that processes below this one have used."""
    total = 0.0
    for process in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it may have ended since it was listed
            times = process.cpu_times()
            total += times.user + times.system
    return total


def hear(said: Connection, known: TimeLeft) -> None:
    """Take in what has been said; a pipe that is broken says nothing."""
    try:
        for _ in range(MOST):
            if not said.poll(0):
                return
            known.hear(Said(*said.recv()))
    except (EOFError, OSError, UnpicklingError, TypeError):
        return

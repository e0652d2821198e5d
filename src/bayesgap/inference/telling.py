"""What a fit tells while it works: the step it is at, and how much of its sampling is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, float], None]
LOADING, COMPILING, SAMPLING, ENDING = "loading", "compiling", "sampling", "ending"


def _nobody(step: str, left: float) -> None:
    """Nobody listens."""


_listeners: list[Tell] = [_nobody]  # the last one hears; threads of the sampler read it too


def listener() -> Tell:
    """Who is told now: step, and what is left of the sampling [share of an ordinary one]."""
    return _listeners[-1]


def is_heard() -> bool:
    """Whether anybody listens."""
    return len(_listeners) > 1


def tell(step: str, left: float = 1.0) -> None:
    """Tell whoever listens."""
    listener()(step, left)


@contextmanager
def heard_by(hear: Tell) -> Iterator[None]:
    """All that is told inside goes to `hear`."""
    _listeners.append(hear)
    try:
        yield
    finally:
        _listeners.pop()


@contextmanager
def part(own: float, later: float = 0.0) -> Iterator[None]:
    """What is done inside is the share `own` of the whole; `later` is what follows it."""
    outer = listener()
    with heard_by(lambda step, left: outer(step, later + own * left)):
        yield

"""Work on draws side by side: NumPy's long loops leave the interpreter to other threads.

Threads share the posterior, which processes would each have to be given.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from threadpoolctl import threadpool_limits

AT_ONCE = 2  # chunks of draws in memory at a time: some 400 megabytes each


def side_by_side[Item, Result](
    call: Callable[[Item], Result], items: Iterable[Item], number: int = AT_ONCE
) -> Iterator[Result]:
    """`call(item)` of each of `items`, in their order, `number` at a time.

    One thread of linear algebra for each: more would wait for each other.
    """
    waiting: deque[Future[Result]] = deque()
    with threadpool_limits(1), ThreadPoolExecutor(number) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(call, item))
                if len(waiting) == number:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
    _give_back()


def _give_back() -> None:
    """Return freed memory to the system: glibc keeps what threads used, for threads to come."""
    with suppress(TypeError, AttributeError):  # other systems have no such function
        ctypes.CDLL(None).malloc_trim(0)

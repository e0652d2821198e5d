"""Chunks of draws computed side by side: NumPy's long loops leave the interpreter to others.

Threads share the posterior, which processes would each have to be given.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

AT_ONCE = 2  # chunks of draws in memory at a time: some 400 megabytes each


def side_by_side[Item, Result](
    call: Callable[[Item], Result], items: Iterable[Item], number: int = AT_ONCE
) -> Iterator[Result]:
    """`call(item)` of each of `items`, in their order, `number` at a time."""
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(number) as pool:
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

"""Work side by side: the order of the items, no more at a time than asked for, errors come out."""

from threading import Barrier, Lock

import pytest

from bayesgap.inference.threads import side_by_side


def test_results_come_in_the_order_of_the_items():
    assert list(side_by_side(lambda n: n * n, range(7), 3)) == [n * n for n in range(7)]
    assert list(side_by_side(str, [])) == []


def test_two_work_at_once():
    together = Barrier(2, timeout=60)  # breaks unless two threads meet
    assert len(list(side_by_side(lambda _: together.wait(), range(4), 2))) == 4


def test_items_are_taken_when_there_is_room():
    taken, lock, most, now = [], Lock(), 0, 0

    def items():
        for n in range(9):
            taken.append(n)
            yield n

    def call(n: int) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        with lock:
            now -= 1
        return n

    for done in side_by_side(call, items(), 2):
        assert len(taken) <= done + 2
    assert most <= 2


def test_an_error_stops_the_work():
    started = []

    def call(n: int) -> None:
        started.append(n)
        raise ValueError(f"item {n}")

    with pytest.raises(ValueError, match="item 0"):
        list(side_by_side(call, range(50), 2))
    assert len(started) <= 2

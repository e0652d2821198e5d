"""Workers are heard in order; one that is killed and a pipe that is broken break nothing."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pymc as pm
import pytest
from speaking import say_all, say_for_ever

from bayesgap.inference.fit import fit
from bayesgap.inference.following import followed
from bayesgap.inference.processes import Workers, say, workers
from bayesgap.inference.telling import SAMPLING, heard_by, part, tell
from bayesgap.inference.time_left import DONE, Cost, TimeLeft, TimeReport
from bayesgap.study.study import Sampling

PATIENCE = 20.0  # seconds, on a machine with much else to do
LONG = "x" * 1000  # of which a pipe holds few


def known() -> TimeLeft:
    return TimeLeft(("sectors",), {"sectors": Cost(1, 2, 3, 4)}, 1, 0.0, Sampling())


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not true():
        time.sleep(0.05)
    return true()


def test_a_real_small_fit_tells_what_is_left_in_order() -> None:
    told: list[tuple[str, float]] = []
    with pm.Model() as model:
        pm.Normal("seen", pm.Normal("mean"), observed=1.0)
        pm.Normal("other", pm.Normal("second"), observed=1.0)
    with heard_by(lambda step, left: told.append((step, left))):
        tree = fit(model, Sampling(chains=2, draws=50, tune=50), seed=1)
    steps, left = zip(*told, strict=True)
    assert tuple(dict.fromkeys(steps)) == ("compiling", "sampling")
    assert list(left) == sorted(left, reverse=True)
    assert left[0] == 1.0
    assert left[-1] < 0.5  # the last word of a call may be older than its end
    unheard = fit(model, Sampling(chains=2, draws=50, tune=50), seed=1)
    assert unheard["posterior"].to_dataset().equals(tree["posterior"].to_dataset())


def test_parts_of_parts_are_shares_of_the_whole() -> None:
    told: list[float] = []
    with heard_by(lambda _, left: told.append(left)):
        with part(0.6, 0.4), part(0.5, 0.5):
            tell(SAMPLING, 1.0)
            tell(SAMPLING, 0.0)
        with part(0.4):
            tell(SAMPLING, 0.5)
    assert told == pytest.approx([1.0, 0.7, 0.2])
    tell(SAMPLING)  # nobody listens


def test_words_of_a_worker_arrive_in_order_and_are_told_on() -> None:
    told: list[TimeReport] = []
    with workers(1) as pool, followed(pool.said, known(), told.append):
        pool.submit(say_all, ["loading", "compiling", "sampling"]).result()
        assert until(lambda: bool(told) and told[-1].doing == "sampling sectors")
        pool.submit(say_all, [DONE]).result()
        assert until(lambda: any(one.news for one in told))
    assert sum(one.news for one in told) == 1


def test_a_worker_that_is_killed_while_it_speaks_ends_the_work_and_no_more() -> None:
    told: list[TimeReport] = []
    with (
        pytest.raises(BrokenProcessPool),
        workers(1) as pool,
        followed(pool.said, known(), told.append),
    ):
        pid = pool.submit(os.getpid).result()
        work = pool.submit(say_for_ever)
        assert until(lambda: bool(told) and told[-1].doing == "sampling sectors")
        os.kill(pid, signal.SIGKILL)
        work.result(PATIENCE)
    assert len(told) > 0


def test_a_pipe_that_nobody_empties_does_not_stop_the_work() -> None:
    with workers(1) as pool:
        began = time.monotonic()
        pool.submit(say_all, [LONG] * 1000).result(PATIENCE)
        assert time.monotonic() - began < PATIENCE
        assert pool.submit(os.getpid).result(PATIENCE) != os.getpid()  # it works on


def test_a_pipe_that_is_closed_stops_nothing(tmp_path: Path) -> None:
    told: list[TimeReport] = []
    pool = Workers(1, tmp_path)
    try:
        pool.submit(os.getpid).result()
        with followed(pool.said, known(), told.append):
            pool.hush()
            pool.submit(say_all, ["sampling"] * 10).result(PATIENCE)
            assert until(lambda: len(told) > 1)
    finally:
        pool.shutdown()


def test_words_that_make_no_sense_are_not_heard() -> None:
    told: list[TimeReport] = []
    with workers(1) as pool, followed(pool.said, known(), told.append):
        pool.submit(say, "nonsense").result()
        pool.submit(say_all, ["sampling"]).result()
        assert until(lambda: bool(told) and told[-1].doing == "sampling sectors")


def test_outside_a_worker_nobody_hears() -> None:
    with workers(1) as pool:
        say("word")
        assert not pool.said.poll(0.1)

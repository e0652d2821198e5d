"""What a run tells, on a terminal and elsewhere."""

import io

import pytest
from rich.console import Console

from bayesgap.present.progress import Reporter, measured, memory_of_family, readable


def test_plain_lines_elsewhere() -> None:
    stream = io.StringIO()
    reporter = Reporter(stream)
    with reporter.stage("fit") as advance:
        advance(1, 4)
    reporter.skipped("panel")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "fit ..."
    assert lines[1].startswith("fit: 1 of 4, about ") and lines[1].endswith("left")
    assert lines[2].startswith("fit: done in ")
    assert lines[3] == "panel: kept from an earlier call"
    assert "\x1b" not in stream.getvalue()


def test_bars_on_a_terminal() -> None:
    reporter = Reporter(io.StringIO())
    stream = io.StringIO()
    reporter.console = Console(file=stream, force_terminal=True)
    with reporter.stage("outlook") as advance:
        advance(1, 2)
    assert "outlook" in stream.getvalue() and "left" in stream.getvalue()


def test_a_stage_that_knows_the_time_left_says_it_and_what_is_done() -> None:
    stream = io.StringIO()
    reporter = Reporter(stream)
    with reporter.stage("posterior") as advance:
        advance(24, 100, 60.0, "compiling education, population", True)
        advance(25, 100, 59.0, "", False)  # nothing new, so soon
        advance(30, 100, 50.0)
    assert stream.getvalue().splitlines()[1:3] == [
        "posterior: 24 of 100, about 1 min 00 s left (compiling education, population)",
        "posterior: 30 of 100, about 50.0 s left",
    ]
    assert len(stream.getvalue().splitlines()) == 4


def test_the_bar_says_the_same() -> None:
    reporter, stream = Reporter(io.StringIO()), io.StringIO()
    reporter.console = Console(file=stream, force_terminal=True, width=120)
    with reporter.stage("posterior") as advance:
        advance(24, 100, 60.0, "compiling education", False)
    assert "about 1 min 00 s left (compiling education)" in stream.getvalue()


def test_a_stage_that_fails_is_not_recorded() -> None:
    reporter = Reporter(io.StringIO())
    with pytest.raises(RuntimeError), reporter.stage("fit"):
        raise RuntimeError
    assert reporter.timings == {}


def test_memory_is_seen_while_it_is_held() -> None:
    before = memory_of_family()
    with measured() as found:
        held = bytearray(80_000_000)
        held[::4096] = b"x" * len(held[::4096])
    assert found["peak_mb"] >= before + 40
    assert found["seconds"] >= 0


def test_durations_as_people_say_them() -> None:
    assert readable(4.23) == "4.2 s"
    assert readable(65.9) == "1 min 05 s"

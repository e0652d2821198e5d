"""Time left, replayed from what workers said in recorded runs (scripts/record_steps.py)."""

import csv
from pathlib import Path

import pytest

from bayesgap.blocks.registry import BLOCKS as RECORDS
from bayesgap.inference.time_left import DONE, Said, TimeLeft
from bayesgap.schema import BLOCKS
from bayesgap.study.study import Sampling

LOGS = sorted((Path(__file__).parent / "steps").glob("*.csv"))
COSTS = {name: block.cost for name, block in RECORDS.items()}
USUAL = Sampling(tune=400)
SLACK = 3.0  # seconds that an estimate may always be wrong by: a third of nothing is nothing
EVERY = 0.5


def recorded(path: Path) -> tuple[list[Said], float]:
    """Words and the end of a run, in seconds of a processor as workers got them.

    The machine had other work that came and went, which no estimate can foresee: workers had from
    0.4 to 0.85 of a processor in the warm run (measured twice a second), 0.27 in the cold one
    (read off a few times with ps, about the same each time, and put into its log by hand).
    """
    words, since, worked, share = [], 0.0, 0.0, 1.0
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            worked += share * (float(row["time"]) - since)
            since = float(row["time"])
            if row["step"] == "share":
                share = float(row["left"])
            else:
                words.append(Said(worked, row["block"], row["step"], float(row["left"])))
    return words[:-1], words[-1].time


def handed_out(words: list[Said]) -> tuple[str, ...]:
    """Blocks in the order in which workers took them."""
    return tuple(dict.fromkeys(said.block for said in words))


def replayed(path: Path) -> list[tuple[float, float]]:
    """Seconds that were left and that were said, from a tenth of the run on."""
    words, end = recorded(path)
    known, found = TimeLeft(handed_out(words), COSTS, 2, 0.0, USUAL), []
    now = EVERY
    while now < end:
        while words and words[0].time <= now:
            known.hear(words.pop(0))
        if now >= end / 10:
            found.append((end - now, known.told(now).left))
        now += EVERY
    return found


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_the_time_left_is_within_a_third_from_a_tenth_of_a_recorded_run_on(path: Path) -> None:
    wrong = [
        (left, said) for left, said in replayed(path) if abs(said - left) > max(left / 3, SLACK)
    ]
    assert not wrong


def test_runs_with_and_without_kept_code_are_recorded() -> None:
    assert {"warm", "cold"} <= {path.stem for path in LOGS}


def test_workers_that_get_half_a_processor_take_twice_as_long() -> None:
    known = TimeLeft(BLOCKS, COSTS, 2, 0.0, USUAL)
    whole = known.left(0.0)
    known.shared(0.5, 0.0)
    assert known.left(0.0) == pytest.approx(2 * whole)


def test_the_end_comes_nearer_when_every_block_is_done() -> None:
    known = TimeLeft(("sectors",), COSTS, 1, 0.0, USUAL)
    known.hear(Said(0.0, "sectors", DONE, 0.0))
    assert known.left(1.0) < known.left(0.5)
    assert TimeLeft((), COSTS, 2, 0.0, USUAL).told(1.0).doing == ""  # every block is kept


def test_two_processes_share_what_is_left() -> None:
    one, two = (TimeLeft(BLOCKS, COSTS, number, 0.0, USUAL).left(0.0) for number in (1, 2))
    assert one / 2 < two < one


def test_a_study_of_more_draws_takes_longer() -> None:
    usual, more = (
        TimeLeft(BLOCKS, COSTS, 2, 0.0, Sampling(tune=400, draws=draws)).left(0.0)
        for draws in (1000, 4000)
    )
    assert more > 2 * usual


def test_compiling_that_lasts_says_that_the_others_will_compile_as_long() -> None:
    known = TimeLeft(("population", "sectors"), COSTS, 1, 0.0, USUAL)
    known.hear(Said(3.0, "population", "compiling", 1.0))
    before = known.left(4.0)
    cold = COSTS["population"].cold
    assert known.left(3.0 + cold / 2) > before + COSTS["sectors"].cold / 2


def test_sampling_that_is_slow_says_that_the_rest_is() -> None:
    rests = []
    for pace in (1.0, 3.0):
        known = TimeLeft(("population", "sectors"), COSTS, 1, 0.0, USUAL)
        known.hear(Said(0.0, "population", "sampling", 1.0))
        end = pace * COSTS["population"].sampling
        known.hear(Said(end, "population", DONE, 0.0))
        rests.append(known.left(end))
    assert rests[1] > 2 * rests[0]


def test_work_that_is_repeated_is_left_again() -> None:
    known = TimeLeft(("sectors",), COSTS, 1, 0.0, USUAL)
    known.hear(Said(0.0, "sectors", "sampling", 1.0))
    known.hear(Said(10.0, "sectors", "sampling", 0.1))
    before = known.told(10.0)
    known.hear(Said(10.1, "sectors", "sampling", 1.0))
    after = known.told(10.1)
    assert after.left > 2 * before.left
    assert after.done >= before.done  # what was said to be done stays so


def test_what_is_done_is_said_by_step() -> None:
    known = TimeLeft(BLOCKS, COSTS, 2, 0.0, USUAL)
    assert known.told(1.0).doing == ""
    known.hear(Said(2.0, "education", "compiling", 1.0))
    known.hear(Said(2.0, "population", "compiling", 1.0))
    assert known.told(3.0).doing == "compiling education, population"
    known.hear(Said(3.0, "population", "sampling", 1.0))
    assert known.told(3.0).doing == "compiling education, sampling population"
    known.hear(Said(4.0, "population", DONE, 0.0))
    assert known.told(4.0)[2:] == ("compiling education", True)
    assert not known.told(4.0).news

"""How long the fits of all blocks will take still, from what their workers have said so far.

Seconds of a processor that blocks take on one machine are known. What a run has taken so far says
how much longer each kind of step takes here: compiling, where nothing is kept on disk, up to
thirty times. Other work on the machine leaves workers a share of a processor, which is measured.
What is left is then dealt out to the processes, as the pool does it.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bayesgap.inference.telling import COMPILING, ENDING, LOADING, SAMPLING
from bayesgap.study.study import Sampling

DONE = "done"


class Cost(NamedTuple):
    """Seconds of one block: compiling with code kept on disk and without, sampling, ending."""

    warm: float
    cold: float
    sampling: float
    ending: float


START = 3.0  # seconds until a process has loaded what it needs
LAST = 6.0  # seconds from the last block to the end
DRAWS = 4 * (400 + 1000)  # tuned and kept, that the sampling of a `Cost` is for
TRUST = 5.0  # seconds of work that must be seen before it counts as much as a `Cost`
COLD = 3.0  # so many times the warm seconds, and code was not kept
OVER = 0.1  # of what a step took so far is left, where it should have ended


class Said(NamedTuple):
    """A worker's word: when, which block, which step begins or goes on, sampling that is left."""

    time: float
    block: str
    step: str
    left: float


class TimeReport(NamedTuple):
    """Per cent of the time that is over, seconds left, what is done, whether a block just ended."""

    done: int
    left: float
    doing: str
    news: bool


@dataclass
class Seen:
    """What is known of one block: its last word, seconds spent by step, sampling that is behind."""

    last: Said
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    sampled: float = 0.0

    def hear(self, said: Said) -> None:
        """Take in the next word."""
        self.spent[self.last.step] += said.time - self.last.time
        if said.step == self.last.step == SAMPLING:
            self.sampled += max(0.0, self.last.left - said.left)
        self.last = said

    def so_far(self, step: str, now: float) -> float:
        """Seconds that `step` has taken."""
        return self.spent[step] + (now - self.last.time if self.last.step == step else 0.0)


class TimeLeft:
    """Listens to workers of the fits of `blocks`, handed out in this order from `begun` on."""

    def __init__(
        self,
        blocks: Sequence[str],
        costs: Mapping[str, Cost],
        processes: int,
        begun: float,
        sampling: Sampling,
    ) -> None:
        self.blocks, self.processes, self.begun = blocks, processes, begun
        self.costs = costs
        self.more = sampling.chains * (sampling.tune + sampling.draws * sampling.thin) / DRAWS
        self.seen: dict[str, Seen] = {}
        self.done, self.news = 0, False
        self.share = 1.0  # of a processor, that a worker gets
        self.since, self.worked = begun, begun  # by the clock, and what a worker has worked by then

    def shared(self, share: float, now: float) -> None:
        """From `now` on, a worker gets `share` of a processor."""
        self.since, self.worked, self.share = now, self._worked(now), share

    def _worked(self, time: float) -> float:
        """Seconds of a processor at a time of the clock, as a worker gets them."""
        return self.worked + self.share * (time - self.since)

    def hear(self, said: Said) -> None:
        """Take in a worker's word."""
        said = said._replace(time=self._worked(said.time))
        if said.block in self.seen:
            self.seen[said.block].hear(said)
        else:
            self.seen[said.block] = Seen(said)
        self.news |= said.step == DONE

    def told(self, now: float) -> TimeReport:
        """What to say at the time `now`; the share that is done never falls."""
        left, taken = self.left(now), now - self.begun
        self.done = max(self.done, min(99, int(100 * taken / (taken + left))))
        news, self.news = self.news, False
        return TimeReport(self.done, left, self.doing(), news)

    def doing(self) -> str:
        """What workers do now: compiling education, sampling population."""
        steps = defaultdict(list)
        for seen in self.running():
            steps[seen.last.step].append(seen.last.block)
        return ", ".join(f"{step} {', '.join(blocks)}" for step, blocks in steps.items())

    def left(self, now: float) -> float:
        """Seconds until every block is done, as the pool hands them out."""
        return self._work_left(self._worked(now)) / self.share

    def _work_left(self, now: float) -> float:
        """Seconds of a processor until then; so are all times from here on."""
        free = [self._rest(seen, now) for seen in self.running()]
        free += [self._start(now)] * (self.processes - len(free))
        heapq.heapify(free)
        ends = list(free) if self.running() else []
        for block in self.blocks:
            if block not in self.seen:
                ends.append(heapq.heappop(free) + self._whole(block, now))
                heapq.heappush(free, ends[-1])
        if ends:
            return max(ends) + LAST
        ended = max((seen.last.time for seen in self.seen.values()), default=self.begun)
        return over(LAST, now - ended)

    def running(self) -> list[Seen]:
        """Blocks that are being fitted."""
        return [seen for seen in self.seen.values() if seen.last.step != DONE]

    def _start(self, now: float) -> float:
        """Seconds until a process without a block can begin one."""
        return 0.0 if len(self.seen) >= self.processes else over(START, now - self.begun)

    def _whole(self, block: str, now: float) -> float:
        """Seconds of a block that nobody has begun."""
        return (
            self._compiling(block, now)
            + self._sampling(block, 1.0)
            + self.costs[block].ending * self._pace()
        )

    def _rest(self, seen: Seen, now: float) -> float:
        """Seconds left of a block that is being fitted."""
        block, step, idle = seen.last.block, seen.last.step, now - seen.last.time
        ending = self.costs[block].ending * self._pace()
        if step == ENDING:
            return over(ending, idle)
        sampling = self._sampling(block, seen.last.left)
        if step == SAMPLING:
            return over(sampling, idle) + ending
        compiling = over(self._compiling(block, now), seen.so_far(COMPILING, now))
        if step == COMPILING:
            return compiling + sampling + ending
        return over(START, idle) + compiling + sampling + ending

    def _sampling(self, block: str, left: float) -> float:
        """Seconds of sampling, at the pace of this block as far as it is known."""
        pace, whole = self._pace(), self.costs[block].sampling * self.more
        if block in self.seen:
            seen = self.seen[block]
            trust = min(TRUST, 0.2 * whole)
            pace = (seen.spent[SAMPLING] + trust * pace) / (whole * seen.sampled + trust)
        return left * whole * pace

    def _pace(self) -> float:
        """Seconds of sampling in this run for one of `costs`; at first as loading was."""
        spent = sum(seen.spent[SAMPLING] for seen in self.seen.values())
        known = sum(
            self.costs[block].sampling * self.more * seen.sampled
            for block, seen in self.seen.items()
        )
        loaded = [seen.spent[LOADING] for seen in self.seen.values() if seen.spent[LOADING] > 0.5]
        machine = (sum(loaded) + TRUST) / (START * len(loaded) + TRUST)
        return (spent + TRUST * machine) / (known + TRUST)

    def _compiling(self, block: str, now: float) -> float:
        """Seconds of compiling of one block, as cold as those were that are known."""
        cold = self._cold(now)
        known = {one: self.costs[one][int(cold[one])] for one in cold}
        spent = {one: self.seen[one].so_far(COMPILING, now) for one in cold}
        ended = {one for one in cold if self.seen[one].last.step != COMPILING}
        # What is not over yet says something only where it has taken longer than it should.
        should = sum(known[one] if one in ended else min(known[one], spent[one]) for one in cold)
        pace = (sum(spent.values()) + TRUST) / (should + TRUST)
        share = sum(cold.values()) / len(cold) if cold else 0.0
        mixed = share * self.costs[block].cold + (1 - share) * self.costs[block].warm
        return known.get(block, mixed) * pace

    def _cold(self, now: float) -> dict[str, bool]:
        """Whether code had to be made, of the blocks where that is known."""
        found = {}
        for block, seen in self.seen.items():
            spent = seen.so_far(COMPILING, now)
            if spent > COLD * self.costs[block].warm:
                found[block] = True
            elif seen.last.step not in (LOADING, COMPILING):
                found[block] = False
        return found


def over(expected: float, taken: float) -> float:
    """Seconds left of a step that has `taken` so long already."""
    return max(expected - taken, OVER * taken)

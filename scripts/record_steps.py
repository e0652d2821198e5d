"""Record what workers say while all blocks are fitted, for tests/inference/test_time_left.py.

./dev python scripts/record_steps.py OUT.csv
PYTENSOR_FLAGS=base_compiledir=EMPTY ./dev python scripts/record_steps.py OUT.csv   # cold
"""

import csv
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bayesgap.blocks import fitting as blocks
from bayesgap.inference.time_left import Said, TimeLeft, TimeReport
from bayesgap.pipeline import run_study
from bayesgap.present.progress import Advance, Reporter
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

HEARD: list[Said] = []


class Recorder(TimeLeft):
    """Keeps every word, its time from the beginning of the stage."""

    def hear(self, said: Said) -> None:
        """Keep it."""
        HEARD.append(said._replace(time=said.time - self.begun))
        super().hear(said)

    def told(self, now: float) -> TimeReport:
        """Keep the share of a processor too, as a word."""
        HEARD.append(Said(now - self.begun, "", "share", self.share))
        return super().told(now)


class UntilPosterior(Reporter):
    """Goes no further than the posterior."""

    def stage(self, name: str) -> AbstractContextManager[Advance]:
        """Time one stage, or stop."""
        if name == "outlook":
            raise KeyboardInterrupt
        return super().stage(name)


def main(path: Path) -> None:
    """Fit the embedded study, into a folder that goes; the log to `path`."""
    blocks.TimeLeft = Recorder
    study, reporter = load_study(default_study()), UntilPosterior(sys.stderr)
    with TemporaryDirectory() as out, suppress(KeyboardInterrupt):
        run_study(study, resolve_data(default_study(), study), Path(out), reporter)
    end = reporter.timings["posterior"]["seconds"]
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(Said._fields)
        rows.writerows(
            (f"{said.time:.2f}", said.block, said.step, f"{said.left:.4f}") for said in HEARD
        )
        rows.writerow([f"{end:.2f}", "", "end", 0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

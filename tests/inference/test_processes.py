"""Workers go when the work is stopped, also one that the pool does not know; stops are heard."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from threading import Thread

import psutil
import pytest

from bayesgap.cli.common import AGAIN, stops_heard
from bayesgap.inference.processes import workers

WAITING = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)"
PATIENCE = 20.0  # seconds for a process that was told to end, on a machine with much else to do


def test_all_that_began_inside_ends_when_the_work_is_stopped() -> None:
    with subprocess.Popen(WAITING) as earlier:
        before = set(psutil.Process().children())  # a browser of other tests, say
        with pytest.raises(KeyboardInterrupt), workers(1) as pool:
            busy = pool.submit(time.sleep, 60)
            half_started = subprocess.Popen(WAITING)
            deaf = subprocess.Popen(
                [sys.executable, "-c", f"{DEAF}; time.sleep(60)"], stdout=subprocess.PIPE
            )
            assert deaf.stdout is not None and deaf.stdout.readline()
            inside = set(psutil.Process().children()) - before
            raise KeyboardInterrupt
        assert half_started.wait(PATIENCE) != 0
        assert deaf.wait(PATIENCE) == -signal.SIGKILL
        deaf.communicate()
        waited = [child for child in inside if "resource_tracker" not in " ".join(cmdline(child))]
        assert not psutil.wait_procs(waited, PATIENCE)[1]
        assert busy.exception(PATIENCE) is not None
        assert earlier.poll() is None
        earlier.kill()


class Finalized:
    """Something that is told to stop while it goes: Python can raise nothing here."""

    def __del__(self) -> None:
        raise KeyboardInterrupt


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_stop_that_comes_in_a_finalizer_is_heard_after_it() -> None:
    hook, handler = sys.unraisablehook, signal.getsignal(signal.SIGALRM)
    with pytest.raises(KeyboardInterrupt), stops_heard():
        Finalized()
        time.sleep(PATIENCE)
    assert sys.unraisablehook is hook
    assert signal.getsignal(signal.SIGALRM) is handler


def test_a_stop_that_is_lost_at_the_very_end_ends_nothing() -> None:
    handler = signal.getsignal(signal.SIGALRM)
    with suppress(KeyboardInterrupt), stops_heard():
        Finalized()
    time.sleep(2 * AGAIN)  # the signal would end this process
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is handler


def test_work_beside_the_main_thread_is_left_alone() -> None:
    done: list[bool] = []

    def work() -> None:
        with stops_heard():
            done.append(True)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert done


def cmdline(process: psutil.Process) -> list[str]:
    """Words that `process` was started with; none when it is gone."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []

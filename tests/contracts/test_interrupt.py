"""A stopped run leaves whole stages only, and the same call goes on from there."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from bayesgap.runs import checksums, store
from bayesgap.runs.run import open_run
from bayesgap.study.bundle import default_study

PATIENCE = 300.0  # seconds until the panel must be there, on a machine with much else to do
# A shell's background job ignores Ctrl-C, and so would every program that it starts.
CALL = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
CALL += "from bayesgap.cli import main; main(sys.argv[1:])"
WHOLE = {"study.toml", "provenance.json", "panel.nc", ".blocks", ".lock", checksums.NAME}


def stopped(out: Path, when: str, with_signal: signal.Signals) -> tuple[int, list[str]]:
    """Exit code and lines of a run that gets a signal as soon as it says `when`."""
    command = [sys.executable, "-c", CALL, "run", str(default_study()), "--out", str(out)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    lines: list[str] = []
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as run:
        guard = threading.Timer(PATIENCE, run.kill)
        guard.start()
        for line in run.stderr or ():
            lines.append(line.rstrip())
            if line.startswith(when):
                time.sleep(1.0)  # the workers are starting: the hardest moment to stop
                run.send_signal(with_signal)
        guard.cancel()
    return run.returncode, lines


def test_a_stopped_run_keeps_whole_stages_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "runs"
    code, first = stopped(out, "posterior ...", signal.SIGINT)
    assert code == 130, first
    assert "goes on after the last finished stage" in first[-1]
    assert not [line for line in first if "Traceback" in line]
    (folder,) = out.iterdir()
    assert {path.name for path in folder.iterdir()} <= WHOLE
    assert not list(folder.rglob("*partial*"))
    run = open_run(folder)
    assert store.stage_done(run, "panel") and checksums.faults_of_run(folder)[1] == []
    assert not store.stage_done(run, "posterior")
    written = (folder / "panel.nc").stat().st_mtime_ns

    code, second = stopped(out, "posterior ...", signal.SIGTERM)
    assert code == 130, second
    assert "panel: kept from an earlier call" in second
    assert (folder / "panel.nc").stat().st_mtime_ns == written
    assert [path.name for path in out.iterdir()] == [folder.name]

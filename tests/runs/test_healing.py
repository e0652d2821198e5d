"""What is damaged is named and made anew by the next run; what was left over is swept."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from damaging import cut, flip, main_ends
from scenario_run import add, plan

from bayesgap.document.workflow import read_facts
from bayesgap.errors import RunError, UncheckedRun
from bayesgap.inference.processes import workers
from bayesgap.runs import checksums, store
from bayesgap.runs.draws import open_draws
from bayesgap.runs.kept import Kept, write_table
from bayesgap.runs.run import SENSITIVITY, Run, open_run
from bayesgap.runs.summary import read_rows
from bayesgap.study.study import Study

READERS: dict[str, tuple[str, Callable[[Run], object]]] = {
    "provenance": ("provenance.json", lambda run: open_run(run.path)),
    "health": ("health.json", lambda run: run.health),
    "study": ("study.toml", lambda run: run.study),
    "posterior": ("posterior.nc", lambda run: run.posterior),
    "draws of blocks": ("posterior.nc", lambda run: run.draws),
    "outlook": ("outlook.zarr", lambda run: run.outlook),
    "cells": ("outlook.zarr", lambda run: open_draws(run).labels("region")),
    "rows": ("summary.parquet", lambda run: run.rows),
    "columns": ("summary.parquet", read_rows),
}


@pytest.mark.filterwarnings("ignore::bayesgap.errors.UncheckedRun")
@pytest.mark.parametrize("name", READERS)
def test_a_reader_without_checksums_names_the_file_and_the_remedy(
    folder: Path,
    name: str,
) -> None:
    file, read = READERS[name]
    (folder / checksums.NAME).unlink()
    run = open_run(folder)
    cut(folder / file)
    with pytest.raises((RunError, ValueError), match=file) as caught:
        read(run)
    assert "JSONDecodeError" not in str(caught.value)


@pytest.mark.parametrize("content", ["[]", "{}", '{"checks": 1}', "[" * 100_000, "\x00"])
@pytest.mark.parametrize("name", ["health.json", "provenance.json"])
def test_json_of_another_kind_is_exit_code_2(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
) -> None:
    (folder / checksums.NAME).unlink()
    (folder / name).write_text(content)
    main_ends(["health", str(folder)], 2)
    told = capsys.readouterr().err
    assert name in told and "is damaged" in told and "Run the study again" in told


@pytest.mark.parametrize("record", [None, "{", "[]", '{"files": []}', '{"files": {"a": 1}}'])
def test_a_lost_record_lets_no_stage_pass_for_done(
    folder: Path,
    study: Study,
    record: str | None,
) -> None:
    run = open_run(folder)
    path = folder / checksums.NAME
    path.unlink() if record is None else path.write_text(record)
    assert not store.stage_done(run, "outlook")
    with store.locked(run, study) as damaged:
        assert len(damaged) == 1 and str(path) in damaged[0] and "no file here can be" in damaged[0]
        assert store.stage_done(run, "study") and not store.stage_done(run, "health")
    assert (folder / "posterior.nc").exists()
    with pytest.raises(RunError, match=r"health\.json has no checksum.*\n.*Run the study again"):
        _ = open_run(folder).health


def test_a_damaged_file_makes_its_stage_anew(folder: Path, study: Study) -> None:
    run = open_run(folder)
    (folder / "health.json").write_text("{")
    with store.locked(run, study) as damaged:
        assert damaged == [f"{run.path / 'health.json'} has changed since it was written."]
        assert not store.stage_done(run, "health")
        store.write_json(run, "health.json", {"verdict": "PASS", "checks": [], "groups": []})
    assert store.stage_done(run, "health")


def test_timings_that_are_damaged_are_begun_anew(folder: Path, study: Study) -> None:
    run = open_run(folder)
    with store.locked(run, study):
        store.record_timings(run, {"fit": {"seconds": 1.0}})
        (folder / "timings.json").write_text("{")
        store.record_timings(run, {"outlook": {"seconds": 2.0}})
    assert list(run.json("timings.json")["stages"]) == ["outlook"]


def test_results_without_a_record_survive_a_stop(folder: Path, study: Study) -> None:
    (folder / checksums.NAME).unlink()
    with pytest.raises(KeyboardInterrupt), store.locked(open_unchecked(folder), study):
        raise KeyboardInterrupt
    assert (folder / "posterior.nc").exists() and (folder / "outlook.zarr").exists()


def open_unchecked(folder: Path) -> Run:
    with pytest.warns(UncheckedRun):
        return open_run(folder)


def test_a_damaged_scenario_names_its_file(folder: Path, study: Study) -> None:
    run = open_run(folder)
    add(run, plan(), study)
    cut(folder / "scenarios" / f"{plan().name}.parquet")
    with pytest.raises(RunError, match=r"parquet has changed since it was written"):
        from bayesgap.runs.scenarios import join_summary

        join_summary(open_run(folder))


ROWS = pd.DataFrame({"value": [1.0, 2.0]})


def test_what_sensitivity_keeps_has_checksums(folder: Path) -> None:
    run = open_run(folder)
    kept = Kept(run.path / SENSITIVITY / "moves", run)
    kept.write("a", ROWS)
    write_table(run, "moves.csv", ROWS)
    known = checksums.read_record(folder) or {}
    assert {"sensitivity/moves/a.parquet", "sensitivity/moves.csv"} <= known.keys()
    assert checksums.faults_of_run(folder)[1] == []
    back = kept.read("a")
    assert back is not None and back.equals(ROWS)
    other = ROWS * 2
    other.to_parquet(run.path / SENSITIVITY / "moves" / "a.parquet", index=False)
    assert kept.read("a") is None  # readable, and not what was written
    flip(folder / SENSITIVITY / "moves.csv")
    with pytest.raises(RunError, match=r"moves\.csv has changed.*\n.*`bayesgap sensitivity`"):
        read_facts(open_run(folder))


def test_kept_rows_that_cannot_be_read_are_made_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.write("a", ROWS)
    cut(tmp_path / "a.parquet")
    assert kept.read("a") is None


def test_chapters_have_checksums(folder: Path) -> None:
    run = open_run(folder)
    place = run.path / "chapters"
    store.write_folder(run, str(place), lambda p: (p / "answers.json").write_text("{}"))
    assert "chapters" in (checksums.read_record(folder) or {})
    (place / "answers.json").write_text('{"focus": 1}')
    with pytest.raises(RunError, match=r"answers\.json has changed.*\n.*`bayesgap chapters`"):
        read_facts(open_run(folder))


def test_draws_stay_read_while_an_analysis_writes(folder: Path) -> None:
    run = open_run(folder)
    before = run.draws
    Kept(run.path / SENSITIVITY / "moves", run).write("a", ROWS)
    assert run.draws is before
    assert "sensitivity/moves/a.parquet" in (run.checksums or {})


def test_workers_write_into_a_folder_that_goes_with_them(tmp_path: Path) -> None:
    with workers(1, tmp_path) as pool:
        found = Path(pool.submit(tempfile.gettempdir).result())
        assert found.parent == tmp_path
        assert pool.submit(os.getenv, "TMPDIR").result() == str(found)
        (found / "source").write_text("x")
    assert not list(tmp_path.iterdir())


KILLED = """
import os, signal, sys
from pathlib import Path
from bayesgap.inference.processes import workers
from bayesgap.runs import store
from bayesgap.study.bundle import default_study
from bayesgap.study.study import load_study
study = load_study(default_study())
run = store.describe_run(study, "data", Path(sys.argv[1]))
with store.locked(run, study), workers(1, store.work_folder(run)) as pool:
    pool.submit(os.getpid).result()
    (pool.folder / "panel.nc").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_leaves_nothing_that_the_next_does_not_sweep(tmp_path: Path) -> None:
    temporary, out = tmp_path / "tmp", tmp_path / "runs"
    temporary.mkdir()
    done = subprocess.run([sys.executable, "-c", KILLED, str(out)], check=False,
                          env={**os.environ, "TMPDIR": str(temporary)})  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert not list(temporary.iterdir())
    (path,) = out.iterdir()
    assert list(path.glob(f"{store.PARTIAL}work/*/panel.nc"))
    from bayesgap.study.bundle import default_study
    from bayesgap.study.study import load_study

    run = Run(path, {**json.loads((path / "provenance.json").read_text())["provenance"]})
    with store.locked(run, load_study(default_study())):
        assert not list(path.glob(f"{store.PARTIAL}*"))
    assert not path.exists()


def test_a_block_is_given_on_as_a_later_call_reads_it(
    study: Study, tmp_path: Path, posterior: xr.DataTree
) -> None:
    """The order of values in memory decides the last digits of sums."""
    run = store.describe_run(study, "data", tmp_path)
    whole = posterior["posterior"].to_dataset()
    odd = xr.DataTree.from_dict(
        {"posterior": whole.map(lambda draws: draws.copy(data=np.asfortranarray(draws)))}
    )
    assert not odd["posterior"]["sigma"].to_numpy().flags["C_CONTIGUOUS"]
    with store.locked(run, study):
        given = store.write_block(run, "population", odd)
        again = store.kept_blocks(run)["population"]
    for tree in (given, again):
        assert tree["posterior"]["sigma"].to_numpy().flags["C_CONTIGUOUS"]
    xr.testing.assert_identical(given["posterior"].to_dataset(), again["posterior"].to_dataset())

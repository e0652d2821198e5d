"""Odd files, a full disk, a terminal without Unicode: one message with what to do, exit code 2."""

import errno
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from damaging import main_ends

from bayesgap import pipeline
from bayesgap.cli import main
from bayesgap.cli.faults import machine_fault
from bayesgap.present.progress import Reporter
from bayesgap.runs import store
from bayesgap.runs.run import open_run
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import Study

CALL = "import sys; from bayesgap.cli import main; main(sys.argv[1:])"
TIME = 60  # seconds within which a pipe that nobody fills must be refused


def called(*words: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", CALL, *words], capture_output=True, check=False,
                          timeout=TIME, **how)  # fmt: skip


def pipe(path: Path) -> None:
    os.mkfifo(path)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere.csv")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


ODD: list[tuple[Callable[[Path], None], str]] = [
    (pipe, "a pipe or a device"),
    (Path.mkdir, "a folder"),
    (dangling, "a link to a file that is not there"),
    (loop, "nothing that can be opened"),
]


@pytest.mark.parametrize(("make", "what"), ODD)
@pytest.mark.parametrize("name", ["employment_status.csv", "population_targets.csv"])
def test_what_is_no_table_is_named(tmp_path: Path, make: Callable, what: str, name: str) -> None:
    folder = tmp_path / "tables"
    shutil.copytree(bundle_root() / "data" / "buskerud", folder)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    done = called("data", "check", str(folder))
    assert done.returncode == 2
    assert f"{name}: it is {what}" in done.stderr.decode()


@pytest.mark.parametrize(("make", "what"), ODD)
def test_what_is_no_study_is_named(tmp_path: Path, make: Callable, what: str) -> None:
    path = tmp_path / "mine.toml"
    make(path)
    done = called("run", str(path), "--out", str(tmp_path / "runs"))
    assert done.returncode == 2
    assert f"The study file {path} must be a file; it is {what}" in done.stderr.decode()


@pytest.mark.parametrize(
    ("parent", "told"),
    [
        ("5", "extends must be the name of one study file; found '5'"),
        ('["buskerud.toml"]', "extends must be the name of one study file"),
        ('""', "extends must be the name of one study file"),
        ('"."', "must be a file; it is a folder"),
        ('"nowhere.toml"', "There is no study file"),
        ('"sub/../mine.toml"', "extends itself through"),
        ('"/dev/zero"', "must be a file; it is a pipe or a device"),
    ],
)
def test_odd_parents_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], parent: str, told: str
) -> None:
    (tmp_path / "sub").mkdir()
    path = tmp_path / "mine.toml"
    path.write_text(f"extends = {parent}\n", encoding="utf-8")
    main_ends(["run", str(path)], 2)
    assert told in capsys.readouterr().err


def test_runs_cannot_lie_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    for out in (file, file / "below"):
        main_ends(["run", str(default_study()), "--draws", "10", "--out", str(out)], 2)
        assert f"{file} is no folder, so no run can lie in it" in capsys.readouterr().err
    assert file.read_text() == "kept"


def test_a_report_never_replaces_a_folder(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("kept")
    main_ends(["report", str(run_folder), "--out", str(tmp_path)], 2)
    assert "--out must name a file" in capsys.readouterr().err
    with pytest.raises(IsADirectoryError):
        store.write_whole(tmp_path, lambda p: p.write_text("x"))
    assert (tmp_path / "mine").read_text() == "kept"


def test_a_page_must_be_a_file_before_anything_is_computed(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for page in (tmp_path, tmp_path / "no" / "page.md"):
        main_ends(["chapters", str(run_folder), "--page", str(page)], 2)
        assert "must be a file, in a folder that exists" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["latin-1", "cp437"])
def test_a_terminal_without_unicode_gets_plain_letters(run_folder: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = called("show", str(run_folder), "--by", "education", env=environment)
    text = done.stdout.decode(encoding)
    assert done.returncode == 0, done.stderr
    assert "Hallingdal" in text and re.search(r"-\d", text) and "\\u" not in text
    assert "?" not in text


def test_a_full_disk_is_told(run_folder: Path, tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    words = ("export", str(run_folder), "--to", "csv", "--out", str(tmp_path / "out"))
    done = called(*words, preexec_fn=small_files)
    told = done.stderr.decode()
    assert done.returncode == 2, told
    assert "ulimit -f" in told and "Traceback" not in told and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (OSError(errno.EROFS, "Read-only", "/runs/a"), "/runs/a: Read-only file system. The disk"),
        (PermissionError(errno.EACCES, "denied", "x"), "Correct its permissions"),
        (OSError("Unable to write (errno = 28, error message = 'No space')"), "The disk is full"),
        (RuntimeError("Can't flush (file write failed, errno = 27)"), "ulimit -f"),
        (MemoryError(), "Memory ran out"),
        (type("BrokenProcessPool", (RuntimeError,), {})("x"), "A worker process was ended"),
    ],
)
def test_what_the_machine_refuses_is_told(error: Exception, told: str) -> None:
    assert told in (machine_fault(error) or "")


@pytest.mark.parametrize("error", [ValueError("conflict"), OSError("file signature not found")])
def test_faults_of_the_program_stay_such(error: Exception) -> None:
    assert machine_fault(error) is None


@pytest.mark.parametrize("words", [("run", "--scenarios", "growth"),
                                   ("run", "--scenarios", "less_exclusion,growth")])  # fmt: skip
def test_an_own_scenario_beside_the_embedded_one_is_ambiguous(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    embedded = bundle_root() / "models" / "scenarios" / "growth.toml"
    (tmp_path / "growth.toml").write_bytes(embedded.read_bytes())
    main_ends([*words], 2)
    told = capsys.readouterr().err
    assert '"growth" is ambiguous: growth.toml lies here' in told
    assert f"Write ./growth.toml for yours, or {embedded} for the other" in told
    assert not (tmp_path / "runs").exists()


def test_an_own_prior_set_beside_the_embedded_one_is_ambiguous(
    run_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wide.toml").write_text("", encoding="utf-8")
    main_ends(["sensitivity", str(run_folder), "--priors", "wide"], 2)
    assert '"wide" is ambiguous' in capsys.readouterr().err


def test_two_scenarios_of_one_name_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded = bundle_root() / "models" / "scenarios" / "less_exclusion.toml"
    own = tmp_path / "less_exclusion.toml"
    text = embedded.read_text(encoding="utf-8")
    changed = re.sub(r"full = (\d+)", lambda m: f"full = {int(m[1]) - 1}", text, count=1)
    own.write_text(changed, encoding="utf-8")
    main_ends(["run", "--scenarios", f"less_exclusion,{own}"], 2)
    assert 'Two different scenarios are named "less_exclusion"' in capsys.readouterr().err


def test_a_finished_run_needs_no_writing(
    run_folder: Path, study: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`run` on a disk that is read only."""
    monkeypatch.setattr(pipeline, "stage_done", lambda *_: True)
    monkeypatch.setattr(store, "describe_run", lambda *_: open_run(run_folder))
    for name in ("mkdir", "write_text", "write_bytes", "touch"):
        monkeypatch.setattr(Path, name, lambda *_, **__: pytest.fail("wrote"))
    said = StringIO()
    data = bundle_root() / "data" / "buskerud"
    assert pipeline.run_study(study, data, tmp_path, Reporter(said)) == run_folder.resolve()
    assert said.getvalue().count("kept from an earlier call") == len(store.STAGES) - 1


def test_debug_still_shows_where_the_disk_was_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bayesgap.study.study.load_study", full)
    with pytest.raises(OSError, match="No space"):
        main(["run", "--debug"])

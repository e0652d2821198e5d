"""Notes on tables: changed files and odd figures are told by `data check` and by a run."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from bayesgap import pipeline
from bayesgap.cli import main
from bayesgap.data.content.notes import changed_files, data_notes
from bayesgap.data.tables import read_lined
from bayesgap.errors import DataError
from bayesgap.runs import store
from bayesgap.runs.run import Run
from bayesgap.study.bundle import bundle_root
from bayesgap.study.study import Study

DATA = bundle_root() / "data" / "buskerud"
pytestmark = pytest.mark.usefixtures("copies_are_cheap")


class Listener:
    """What a run says, and nothing else."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.timings: dict[str, dict[str, float]] = {}

    def noted(self, line: str) -> None:
        self.lines.append(line)

    def skipped(self, name: str) -> None:
        pass


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A copy of the embedded tables where Hallingdal's 20-year-olds of 2015 are ten times more."""
    folder = Path(shutil.copytree(DATA, tmp_path / "tables"))
    path = folder / "population.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Hallingdal,2015,20,"))
    parts = lines[at].split(",")
    parts[4] += "0"
    lines[at] = ",".join(parts)
    path.unlink()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_nothing_is_noted_of_the_embedded_tables(lined: dict[str, pd.DataFrame]) -> None:
    assert data_notes(lined, DATA).lines == []


def test_own_tables_are_named(tmp_path: Path) -> None:
    path = tmp_path / "commuting.csv"
    path.write_text("home,work\n", encoding="utf-8")
    assert changed_files(tmp_path) == ("commuting.csv",)


def test_impossible_figures_are_refused(lined: dict[str, pd.DataFrame]) -> None:
    mix = lined["skill_mix"].copy()
    mix.loc[mix.index[3], "sd"] = 0.0
    with pytest.raises(DataError, match=r"skill_mix\.csv \(row 5, column sd\): a spread of 0"):
        data_notes(lined | {"skill_mix": mix}, DATA)


def test_data_check_names_the_file_and_the_figure(
    odd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["data", "check", str(odd)])
    out, err = capsys.readouterr()
    assert (ended.value.code or 0, err) == (0, "")
    head, changed, *notes = out.splitlines()
    assert head.endswith("1 odd figure.")
    assert "1 of 37 tables differ from manifest.toml: population.csv." in changed
    told = [note for note in notes if "Hallingdal" in note]
    assert len(told) == 1 and "year 2015" in told[0]
    assert "population.csv (row " in told[0] and "column persons" in told[0]
    assert "is outside" in told[0] and "Correct the row" in told[0]


def test_a_run_says_the_notes_before_it_computes(
    odd: Path, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, passed = Listener(), []

    def computes(run: Run, *_: object) -> None:
        passed.append((list(progress.lines), run.json("provenance.json")["data_notes"]))

    monkeypatch.setattr(pipeline, "_make", computes)
    monkeypatch.setattr(pipeline, "stage_done", lambda *_: True)
    monkeypatch.setattr(pipeline, "_finished", lambda *_: False)
    pipeline.run_study(study, odd, tmp_path / "runs", progress)  # type: ignore[arg-type]
    ((said, kept),) = passed
    assert said == kept == data_notes(read_lined(odd), odd).lines
    assert said[0].startswith("1 of 37 tables differ from manifest.toml: population.csv.")


def test_notes_stay_in_the_provenance_and_are_said_again(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path / "runs" / "r-12345678", store.describe_run(study, "d", tmp_path).provenance)
    with store.locked(run, study):
        pipeline.keep_notes(run, ["population.csv is odd."])
        pipeline.keep_notes(run, [])
        found = json.loads((run.path / "provenance.json").read_text(encoding="utf-8"))
        assert found["data_notes"] == ["population.csv is odd."]
        monkeypatch.setattr(pipeline, "_finished", lambda *_: True)
        monkeypatch.setattr(pipeline, "store", SimpleNamespace(describe_run=lambda *_: run))
        progress = Listener()
        pipeline.run_study(study, DATA, tmp_path, progress)  # type: ignore[arg-type]
    assert progress.lines == ["population.csv is odd."]

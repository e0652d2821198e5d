"""The run folder: whole files only, resumed by name, one writer at a time."""

import fcntl
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.errors import RunError
from bayesgap.runs import store
from bayesgap.runs.run import Run, newest_run, open_run
from bayesgap.study.bundle import default_study
from bayesgap.study.study import Study, load_study
from bayesgap.study.text import study_text

MODELS = default_study().parent
STUDIES = sorted(set(MODELS.glob("*.toml")) - {MODELS / "report_mode.toml"})


@pytest.fixture
def run(study: Study, tmp_path: Path) -> Run:
    return store.describe_run(study, "data", tmp_path / "runs")


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_study_text_reads_back_equal(path: Path, tmp_path: Path) -> None:
    declared = load_study(path)
    copy = tmp_path / "study.toml"
    copy.write_text(study_text(declared), encoding="utf-8")
    assert load_study(copy) == declared


def test_awkward_text_survives(study: Study, tmp_path: Path) -> None:
    odd = study.model_copy(update={"title": 'Å "b" \\ c\n\td', "targets": ("x y", "é'")})
    copy = tmp_path / "study.toml"
    copy.write_text(study_text(odd), encoding="utf-8")
    assert load_study(copy) == odd


def test_the_name_follows_study_data_and_seed(study: Study, tmp_path: Path) -> None:
    name = store.describe_run(study, "data", tmp_path).id
    assert name == store.describe_run(study, "data", tmp_path / "elsewhere").id
    assert name.startswith("buskerud-") and len(name) == len("buskerud-") + 8
    assert name != store.describe_run(study, "other data", tmp_path).id
    seeded = study.model_copy(update={"seed": 1})
    assert name != store.describe_run(seeded, "data", tmp_path).id


def test_describing_a_run_writes_nothing(run: Run) -> None:
    assert not run.path.parent.exists()


def test_posterior_comes_back_with_types_and_provenance(
    run: Run, study: Study, posterior: xr.DataTree
) -> None:
    with store.locked(run, study):
        store.write_block(run, "population", posterior)
        store.write_block(run, "education", posterior)
        single = store.kept_blocks(run)
        with pytest.raises(FileNotFoundError):
            store.write_posterior(run, ["population", "sectors"])
        assert not store.stage_done(run, "posterior")
        store.write_posterior(run, ["population", "education"])
    joined = run.blocks
    assert list(joined) == ["population", "education"]
    for block, tree in single.items():
        for group in tree.children:
            xr.testing.assert_identical(joined[block][group].to_dataset(), tree[group].to_dataset())
    back = joined["population"]
    xr.testing.assert_equal(back["posterior"].to_dataset(), posterior["posterior"].to_dataset())
    assert back["sample_stats"]["diverging"].dtype == bool
    attrs = run.posterior.attrs
    assert attrs["seed"] == study.seed
    assert attrs["data_hash"] == "data"
    assert json.loads(attrs["versions"])["pymc"]
    assert not (run.path / ".blocks").exists()


def test_draws_are_kept_to_a_sixteenth_and_add_up(
    run: Run, study: Study, outlook: xr.Dataset
) -> None:
    rough = outlook.drop_vars("gap").map(lambda a: a + np.float32(0.01))
    with store.locked(run, study):
        store.write_outlook(run, rough)
    back = run.outlook.load()
    assert bool((back["gap"] == back["demand"] - back["supply"]).sel(year=2024).all())
    assert float(abs(back["supply"] - rough["supply"]).max()) <= 1 / 32
    assert back["level"].to_numpy().tolist() == outlook["level"].to_numpy().tolist()
    assert back.attrs["run_id"] == run.id


def test_a_failed_write_leaves_what_was_there(run: Run, study: Study) -> None:
    with store.locked(run, study):
        store.write_folder(run, "figures", lambda path: (path / "a.txt").write_text("old"))
        with pytest.raises(RuntimeError):
            store.write_folder(run, "figures", fails)
        assert (run.path / "figures" / "a.txt").read_text() == "old"
        assert not list(run.path.glob(".partial*"))


def fails(path: Path) -> None:
    (path / "half.txt").write_text("half")
    raise RuntimeError


def test_an_interrupted_run_without_results_leaves_nothing(run: Run, study: Study) -> None:
    with pytest.raises(KeyboardInterrupt), store.locked(run, study):
        raise KeyboardInterrupt
    assert not run.path.parent.exists()


def test_an_interrupted_run_keeps_finished_stages_and_blocks(
    run: Run, study: Study, posterior: xr.DataTree
) -> None:
    with pytest.raises(KeyboardInterrupt), store.locked(run, study):
        store.write_tree(run, "panel.nc", posterior)
        store.write_block(run, "population", posterior)
        raise KeyboardInterrupt
    assert store.stage_done(run, "panel")
    assert not store.stage_done(run, "posterior")
    assert set(store.kept_blocks(run)) == {"population"}


def test_a_killed_writers_leftovers_are_swept(run: Run, study: Study) -> None:
    run.path.mkdir(parents=True)
    (run.path / ".partial-outlook.zarr").mkdir()
    with store.locked(run, study):
        assert not list(run.path.glob(".partial*"))


def test_other_folders_survive_a_fruitless_run(run: Run, study: Study) -> None:
    other = run.path.parent / "other"
    other.mkdir(parents=True)
    with pytest.raises(RuntimeError), store.locked(run, study):
        raise RuntimeError
    assert other.exists()
    assert not run.path.exists()


def test_two_writers_do_not_meet(run: Run, study: Study) -> None:
    run.path.mkdir(parents=True)
    with (run.path / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="another process"), store.locked(run, study):
            pass
    assert (run.path / ".lock").exists()


def test_summary_comes_back_with_its_schema_version(
    run_folder: Path, summary: pd.DataFrame
) -> None:
    run = open_run(run_folder)
    back = run.rows
    pd.testing.assert_frame_equal(back, summary)
    assert back.attrs["run_id"] == run.id
    text = pd.read_csv(run_folder / "summary.csv", keep_default_na=False)
    assert list(text.columns) == list(summary.columns)
    np.testing.assert_allclose(text["value"], summary["value"], rtol=1e-6)


def test_a_summary_of_another_version_is_refused(
    run: Run, study: Study, summary: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.locked(run, study):
        store.write_summary(run, summary.head())
    monkeypatch.setattr("bayesgap.schema.SCHEMA_VERSION", "999")
    with pytest.raises(RunError, match="schema version 999"):
        _ = run.rows


def test_timings_add_up_over_sessions(run: Run, study: Study) -> None:
    with store.locked(run, study):
        store.record_timings(run, {"fit": {"seconds": 2.0}})
        store.record_timings(run, {"outlook": {"seconds": 1.0}})
        store.write_folder(run, "figures", lambda path: None)
    stages = run.json("timings.json")["stages"]
    assert stages == {"fit": {"seconds": 2.0}, "outlook": {"seconds": 1.0}}


def test_newest_run_and_the_study_it_ran(run_folder: Path, study: Study) -> None:
    run = newest_run(run_folder.parent)
    assert run.path == run_folder.resolve()
    assert run.study == study


@pytest.mark.parametrize("made", [False, True])
def test_what_is_no_run_is_refused(tmp_path: Path, made: bool) -> None:
    path = tmp_path / "x"
    if made:
        path.mkdir()
    with pytest.raises(RunError, match="run folder"):
        open_run(path)
    with pytest.raises(RunError, match="no finished run"):
        newest_run(tmp_path)

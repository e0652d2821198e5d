"""A run folder whose files are lost or changed says so, and the next run makes them anew."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from damaging import flip, main_ends
from scenario_run import add, plan

from bayesgap import load_run
from bayesgap.cli import main
from bayesgap.errors import RunError, UncheckedRun
from bayesgap.runs import checksums, store
from bayesgap.runs import scenarios as scenario_store
from bayesgap.runs.draws import open_draws, require_sound
from bayesgap.runs.run import Run, open_run
from bayesgap.runs.summary import read_rows
from bayesgap.study.study import Study

WHERE = {"region": "Hallingdal", "year": 2030}


def from_another_region(path: Path) -> None:
    shutil.copyfile(path.parents[2] / "0" / "0" / "0", path)


def chance_of_hallingdal(folder: Path) -> None:
    main(["chance", str(folder), "--region", "Hallingdal"])


@pytest.mark.parametrize("damage", [Path.unlink, flip, from_another_region])
def test_a_damaged_chunk_gives_an_error_and_no_chance(
    folder: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    place = index_of(folder, "Hallingdal")
    damage(place)
    with pytest.raises(SystemExit) as stopped:
        chance_of_hallingdal(folder)
    told = capsys.readouterr()
    assert stopped.value.code == 2 and told.out == ""
    assert str(place) in told.err and "Run the study again" in told.err
    with pytest.raises(RunError, match="gap/c/0/0"):
        load_run(folder).chance(region="Hallingdal")


def index_of(folder: Path, region: str, name: str = "gap") -> Path:
    """Chunk file of one region."""
    labels = open_draws(open_run(folder)).labels("region")
    array = zarr.open_group(folder / "outlook.zarr", mode="r")[name]
    assert isinstance(array, zarr.Array)
    dims = getattr(array.metadata, "dimension_names", ())
    at = [str(labels.index(region)) if dim == "region" else "0" for dim in dims]
    return folder.joinpath("outlook.zarr", name, "c", *at)


def test_what_is_not_read_is_not_checked(folder: Path) -> None:
    expected = load_run(folder).chance(region="Ringeriksregionen")
    index_of(folder, "Hallingdal").unlink()
    assert load_run(folder).chance(region="Ringeriksregionen") == expected


def test_a_lost_array_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "outlook.zarr" / "gap")
    with pytest.raises(RunError, match=r"gap/zarr\.json is missing"):
        _ = load_run(folder).gap


def test_a_chunk_lost_between_two_reads_is_told(folder: Path) -> None:
    draws = open_draws(open_run(folder))
    draws.read("gap", "education", **WHERE)
    index_of(folder, "Hallingdal").unlink()
    with pytest.raises(RunError, match="is missing"):
        draws.read("gap", "education", **WHERE)


@pytest.mark.parametrize("place", ["gap/zarr.json", "zarr.json", "region/c/0"])
def test_lost_labels_and_descriptions_are_told(folder: Path, place: str) -> None:
    (folder / "outlook.zarr" / place).unlink()
    for read in (lambda: open_draws(open_run(folder)).read("gap", "education", **WHERE),
                 lambda: open_run(folder).outlook.load()):  # fmt: skip
        with pytest.raises(RunError, match=place):
            read()


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("summary.parquet", read_rows),
        ("summary.parquet", lambda run: run.rows),
        ("health.json", lambda run: run.health),
        ("posterior.nc", lambda run: run.draws),
        ("study.toml", lambda run: run.study),
    ],
)
def test_a_reader_checks_its_file(folder: Path, name: str, read: Callable[[Run], object]) -> None:
    read(open_run(folder))
    flip(folder / name)
    with pytest.raises(RunError, match=f"{name} has changed since it was written"):
        read(open_run(folder))


def test_verify_tells_every_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main_ends(["verify", str(folder)], 0)
    number = sum(1 for p in folder.rglob("*") if p.is_file()) - 1  # but the record
    assert f"all {number} files are as they were written" in capsys.readouterr().out
    lost = index_of(folder, "Hallingdal")
    lost.unlink()
    flip(folder / "posterior.nc")
    (folder / "outlook.zarr" / "stranger").write_text("x")
    (folder / "summary.csv").unlink()
    main_ends(["verify", str(folder)], 2)
    told = capsys.readouterr().err
    assert f"4 of {number} files" in told
    for line in (f"{lost} is missing", "posterior.nc has changed", "stranger does not belong",
                 "summary.csv is missing"):  # fmt: skip
        assert line in told


def test_a_run_of_before_is_read_with_a_note(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / checksums.NAME).unlink()
    with pytest.warns(UncheckedRun, match="without checksums"):
        open_run(folder)
    main_ends(["show", str(folder)], 0)
    told = capsys.readouterr()
    assert "Hallingdal" in told.out
    assert told.err.startswith("bayesgap: note: ") and len(told.err.splitlines()) == 1
    main_ends(["verify", str(folder)], 2)
    assert "Nothing can be checked" in capsys.readouterr().err


def test_a_damaged_record_is_named(folder: Path) -> None:
    (folder / checksums.NAME).write_text("{")
    with pytest.raises(RunError, match=r"checksums\.json is damaged"):
        open_run(folder)


def test_a_file_that_is_no_json_is_named(folder: Path) -> None:
    (folder / checksums.NAME).unlink()
    (folder / "health.json").write_text("{")
    with pytest.warns(UncheckedRun):
        run = open_run(folder)
    with pytest.raises(RunError, match=r"health\.json is damaged.*Run the study again"):
        _ = run.health


def test_a_damaged_stage_is_not_done(folder: Path, study: Study, outlook: xr.Dataset) -> None:
    run = open_run(folder)
    assert store.stage_done(run, "outlook") and store.stage_done(run, "posterior")
    index_of(folder, "Hallingdal").unlink()
    run.forget()
    assert not store.stage_done(run, "outlook") and store.stage_done(run, "posterior")
    with store.locked(run, study):
        store.write_outlook(run, outlook)
    assert store.stage_done(run, "outlook") and checksums.faults_of_run(folder)[1] == []


def test_a_damaged_block_is_fitted_again(
    study: Study, tmp_path: Path, posterior: xr.DataTree
) -> None:
    run = store.describe_run(study, "data", tmp_path)
    with store.locked(run, study):
        store.write_block(run, "population", posterior)
        store.write_block(run, "sectors", posterior)
        flip(run.path / ".blocks" / "population.nc")
        run.forget()
        assert set(store.kept_blocks(run)) == {"sectors"}
        store.write_block(run, "population", posterior)
        store.write_posterior(run, ["population", "sectors"])
    assert checksums.faults_of_run(run.path)[1] == []


def test_a_damaged_scenario_is_told_and_not_done(folder: Path, study: Study) -> None:
    run = open_run(folder)
    wanted = plan()
    add(run, wanted, study)
    assert scenario_store.is_done(run, wanted)
    chunk = max(p for p in (folder / "scenarios").rglob("*") if "gap/c" in p.as_posix()
                 and p.is_file())  # fmt: skip
    chunk.unlink()
    run.forget()
    with pytest.raises(RunError, match="is missing"):
        run.effect(wanted.name)
    assert not scenario_store.is_done(run, wanted)


def test_a_summary_made_anew_gets_its_scenarios_back(
    folder: Path, study: Study, summary: object
) -> None:
    run = open_run(folder)
    add(run, plan(), study)
    before = run.rows
    store.write_summary(run, before[before["scenario"] == "main"])
    scenario_store.complete_summary(run)
    assert run.rows.equals(before)


def test_a_writer_stopped_between_record_and_file_spoils_neither(
    run_folder: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run(folder)
    old = (folder / "health.json").read_bytes()
    real = store.os.replace

    def stops(source: Path, target: Path) -> None:
        if Path(target).name == "health.json":
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store.os, "replace", stops)
        store.write_json(run, "health.json", {"new": 1})
    assert checksums.faults_of_run(folder)[1] == []
    store.write_json(run, "health.json", {"new": 1})
    assert checksums.faults_of_run(folder)[1] == []
    (folder / "health.json").write_bytes(old)
    run.forget()
    with pytest.raises(RunError, match="has changed"):
        run.json("health.json")


def test_exports_are_no_part_of_the_record(folder: Path, tmp_path: Path) -> None:
    before = json.loads((folder / checksums.NAME).read_text())
    load_run(folder).export(tmp_path / "out")
    assert json.loads((folder / checksums.NAME).read_text()) == before


def test_gaps_must_be_numbers_and_demand_less_supply() -> None:
    demand = np.array([900_000.0625, 10.0], np.float32)
    supply = np.array([800_000.0, 7.5], np.float32)
    gap = demand - supply
    require_sound(gap, demand, supply, "Hallingdal in 2030")
    with pytest.raises(RunError, match="not demand less supply in 1 of 2 draws"):
        require_sound(gap + np.float32([0, 3]), demand, supply, "Hallingdal in 2030")
    with pytest.raises(RunError, match="not a number in 1 of 2 draws"):
        require_sound(gap * np.float32([1, np.nan]), demand, supply, "Hallingdal in 2030")
    with pytest.raises(RunError, match="not demand less supply"):
        require_sound(gap, demand, supply * np.float32([1, np.nan]), "Hallingdal in 2030")


def test_a_run_without_checksums_still_needs_sound_gaps(folder: Path) -> None:
    index_of(folder, "Hallingdal").unlink()
    (folder / checksums.NAME).unlink()
    with pytest.warns(UncheckedRun):
        run = load_run(folder)
    with pytest.raises(RunError, match=r"is not a number in|not demand less supply in"):
        run.chance(region="Hallingdal")

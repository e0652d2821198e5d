"""One real run of the quick study: sampled, projected, written, resumed, shown."""

import json
from pathlib import Path

import numpy as np
import pytest

from bayesgap.cli import main
from bayesgap.projection.inputs import INPUTS, PairedProjection
from bayesgap.projection.propagate import CHUNK
from bayesgap.runs import store
from bayesgap.runs.run import newest_run
from bayesgap.study.bundle import default_study
from bayesgap.study.study import load_study

QUICK = default_study().with_name("quick.toml")


def test_every_stage_is_there_and_timed(quick_runs: Path) -> None:
    run = newest_run(quick_runs)
    assert all(store.stage_done(run, stage) for stage in store.STAGES)
    timed = run.json("timings.json")["stages"]
    assert {"posterior", "outlook", "summary"} <= set(timed)
    assert max(stage["peak_mb"] for stage in timed.values()) < 4000


def test_the_summary_speaks_of_every_region_group_and_year(quick_runs: Path) -> None:
    summary = newest_run(quick_runs).rows
    study = load_study(QUICK)
    gap = summary[(summary["quantity"] == "gap") & (summary["output_type"] == "mean")]
    assert set(gap["region"]) == {*study.targets, study.total}
    assert set(gap["year"]) == set(range(study.base_year, study.horizon + 1))
    assert summary["value"].notna().all()


def test_the_accounting_holds_whatever_the_sampling_says(quick_runs: Path) -> None:
    checks = newest_run(quick_runs).json("health.json")["checks"]
    verdicts = {check["name"]: check["verdict"] for check in checks}
    exact = {name: verdicts[name] for name in ("identity", "coherence", "sound numbers")}
    assert set(exact.values()) == {"PASS"}, exact


def test_no_block_is_far_from_converged(quick_runs: Path) -> None:
    # 4 x 250 draws: the default study's thresholds are for four times as many, so only R-hat
    # beyond REVIEW would mean that something is wrong
    checks = newest_run(quick_runs).json("health.json")["checks"]
    assert not [c for c in checks if c["name"].endswith("R-hat") and c["verdict"] == "FAIL"]


def test_a_second_call_repeats_nothing(
    quick_runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = newest_run(quick_runs)
    before = {path.name: path.stat().st_mtime_ns for path in run.path.iterdir()}
    with pytest.raises(SystemExit):
        main(["run", str(QUICK), "--out", str(quick_runs)])
    out, err = capsys.readouterr()
    assert err.count("kept from an earlier call") == len(store.STAGES) - 1
    after = {path.name: path.stat().st_mtime_ns for path in run.path.iterdir()}
    before.pop("timings.json")
    assert before.items() <= after.items()
    assert out.index("Health: ") < out.index("Drammensregionen")


def test_show_gives_json_of_the_real_run(
    quick_runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = newest_run(quick_runs)
    with pytest.raises(SystemExit):
        main(["show", str(run.path), "--by", "education", "--format", "json"])
    content = json.loads(capsys.readouterr().out)
    assert len(content["rows"]) == 5 * 21


def test_the_gap_by_inputs_is_the_gap_of_the_run(quick_runs: Path) -> None:
    run = newest_run(quick_runs)
    study, panel = run.study, run.panel
    blocks = run.blocks
    draws = {b: t["posterior"].to_dataset().isel(draw=slice(CHUNK)) for b, t in blocks.items()}
    years = [study.base_year, 2030, study.horizon]
    game = PairedProjection(draws, panel, study, years, 0)
    kept = run.outlook["gap"].isel(draw=slice(CHUNK))
    kept = kept.sel(region=list(study.targets), year=years[1:])
    own = game.gap(frozenset(INPUTS)).transpose(*kept.dims).to_numpy()
    # The run keeps draws to 1/16 person; single precision adds a few hundredths.
    assert np.abs(own - kept.to_numpy()).max() < 0.2
    partners = game.gap(frozenset()).transpose(*kept.dims).to_numpy()
    flat = own.reshape(-1, *own.shape[2:])
    assert partners.reshape(flat.shape) == pytest.approx(flat[game.swap], abs=0.2)

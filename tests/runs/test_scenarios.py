"""Scenarios in a run folder: chunks joined, exact sums, resumed by what they say; commands."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scenario_run import MEASURES, add, plan
from scenario_world import measure
from typer.testing import CliRunner

from bayesgap import schema
from bayesgap.accounting.effects import added
from bayesgap.cli.common import app
from bayesgap.errors import RunError
from bayesgap.runs import scenarios as scenario_store
from bayesgap.runs import store
from bayesgap.runs.run import open_run
from bayesgap.scenarios.comparison import Pair, differences, moved_elsewhere, open_pair, waterfall
from bayesgap.scenarios.figures import write_waterfall
from bayesgap.study.scenario_files import Plan
from bayesgap.study.study import Study


@pytest.fixture(scope="module")
def folder(run_folder: Path, study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with one scenario, written in two chunks; nothing may write into it."""
    path = tmp_path_factory.mktemp("scenario") / run_folder.name
    shutil.copytree(run_folder, path)
    store.write_json(open_run(path), "timings.json", {"stages": {}})
    add(open_run(path), plan(), study)
    return path


def test_chunks_are_joined_on_the_grid_and_add_up_exactly(folder) -> None:
    run = open_run(folder)
    effect = run.effect("less_exclusion")
    assert effect.sizes["draw"] == 300
    np.testing.assert_array_equal(effect["gap"], effect["demand"] - effect["supply"])
    whole = effect["contribution"].sum("measure")
    last = effect["gap"].isel(year=-1).transpose(*whole.dims)
    np.testing.assert_array_equal(whole, last)
    outlook = scenario_store.read_scenario(run, "less_exclusion").isel(year=slice(0, -1))
    np.testing.assert_array_equal(outlook["gap"], outlook["demand"] - outlook["supply"])
    assert not list((folder / "scenarios").glob(".partial*"))


def test_done_means_the_same_words(folder, study, tmp_path) -> None:
    run = open_run(Path(shutil.copytree(folder, tmp_path / folder.name)))
    assert scenario_store.is_done(run, plan())
    other = Plan("less_exclusion", "t", (measure("outside", "less_exclusion", points=0.02),))
    assert not scenario_store.is_done(run, other)
    assert not scenario_store.is_done(run, plan("absent"))
    add(run, other, study, scale=600.0)
    assert scenario_store.is_done(run, other)
    summary = run.rows
    assert not summary.duplicated([*schema.SUMMARY_COLUMNS[:-1]]).any()


def test_summary_holds_main_untouched_and_the_changed_quantities(folder, summary) -> None:
    found = open_run(folder).rows
    main = found[found["scenario"] == "main"].reset_index(drop=True)
    pd.testing.assert_frame_equal(main, summary, check_dtype=False)
    rows = found[found["scenario"] == "less_exclusion"]
    assert set(rows["quantity"]) == {"supply", "demand", "gap", "labour_force", "employment"}
    assert set(rows["year"]) == {2024, 2025, 2030}
    assert "health_industry" in set(rows["sector"])


def pair_of(folder: Path) -> Pair:
    return open_pair(open_run(folder), "less_exclusion", "main")


def test_differences_are_of_draws_with_a_small_stated_error(folder) -> None:
    run, pair = open_run(folder), pair_of(folder)
    main, effect = run.outlook, run.effect("less_exclusion")
    rows = differences(pair, "gap", "total", 2030)
    assert [row["region"] for row in rows] == main["region"].to_numpy().tolist()
    for row in rows:
        where = {"region": row["region"], "year": 2030}
        draws = effect["gap"].sum("education").sel(where).to_numpy()
        assert row["0.5"] == pytest.approx(np.median(draws), abs=0.2)
        assert 0 < row["mcse"] < 0.05
        whole = added(main, effect)["gap"].sum("education").sel(where)
        short = main["gap"].sum("education").sel(where) > 0
        closes = float((whole <= 0).where(short).mean()) if bool(short.any()) else np.nan
        assert row["closes"] == pytest.approx(closes, nan_ok=True)
    by_sector = differences(pair, "employment", "sector", 2030, "Drammensregionen")
    assert {row["part"]: row["mean"] for row in by_sector}["health_industry"] > 0


def test_main_against_a_scenario_is_the_opposite(folder) -> None:
    run = open_run(folder)
    pairs = open_pair(run, "less_exclusion", "main"), open_pair(run, "main", "less_exclusion")
    for quantity, by in (("gap", "field"), ("employment", "sector"), ("labour_force", "total")):
        there, back = (
            {
                row["part"]: row["mean"]
                for row in differences(pair, quantity, by, 2030, "Hallingdal")
            }
            for pair in pairs
        )
        assert list(there) == list(back)
        assert list(there.values()) == pytest.approx([-mean for mean in back.values()])


def test_waterfall_adds_up(folder) -> None:
    steps = waterfall(pair_of(folder), "Drammensregionen")
    names = ["gap in main", *(f"effect of {name}" for name in MEASURES), "gap in less_exclusion"]
    assert [step["step"] for step in steps] == names
    means = [step["mean"] for step in steps]
    assert sum(means[:-1]) == pytest.approx(means[-1], abs=0.01)
    moved = moved_elsewhere(pair_of(folder))
    assert sum(row["mean"] for row in moved) == pytest.approx(0, abs=1e-3)


def test_waterfall_is_drawn(folder, tmp_path) -> None:
    steps = waterfall(pair_of(folder), "Drammensregionen")
    write_waterfall(tmp_path / "fall.png", steps, "Drammensregionen", "PASS", "run")
    assert (tmp_path / "fall.png").stat().st_size > 10_000


def test_commands_compare_and_list(folder) -> None:
    shown = CliRunner().invoke(app, ["compare", str(folder), "less_exclusion", "--year", "2030"])
    assert shown.exit_code == 0, shown.output
    for told in (
        "Health:",
        "Gap: less_exclusion minus main. − means that less_exclusion makes the shortage smaller",
        "P(closes)",
        "means add up",
        "adds up to 0",
    ):
        assert told in shown.output
    turned = ["compare", str(folder), "main", "less_exclusion", "--year", "2030"]
    assert CliRunner().invoke(app, turned).output == shown.output
    by = ["compare", str(folder), "less_exclusion", "main", "--year", "2030", "--by", "level"]
    assert "bachelor" in CliRunner().invoke(app, by).output
    page = CliRunner().invoke(app, ["scenarios", str(folder)])
    assert page.exit_code == 0, page.output
    assert "s_exclusion" in page.output


def test_a_scenario_that_is_not_there_is_told(folder) -> None:
    with pytest.raises(RunError, match="has no scenario"):
        open_run(folder).effect("growth")

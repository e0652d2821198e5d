"""The bench runs, at tiny sizes, and its page names every section; no time is tested."""

from pathlib import Path

import bench
import numpy as np
import pytest
import xarray as xr
from benchmarks import density, page, posteriors, projection, rows, runs
from benchmarks.rows import OURS, Row

from bayesgap.blocks.registry import BLOCKS
from bayesgap.schema import QUANTILES

ROOT = Path(__file__).parents[2]


def one_row(section, way=OURS, value=2.0):
    return Row(section, "an item", "a measure", way, value, "s")


def test_ratios_are_ours_to_each_of_the_same_item():
    every = [one_row("density"), one_row("density", "another", 8.0), one_row("runs", "other", 1.0)]
    table = rows.table_of(every)
    assert table["ratio"].iloc[:2].tolist() == [1.0, 0.25]
    assert np.isnan(table["ratio"].iloc[2])  # nothing of ours beside it


def test_the_page_names_every_section(tmp_path):
    table = rows.table_of([one_row(section) for section in page.SECTIONS])
    page.write(table, page.about("abc", 60.0, []), tmp_path)
    text = (tmp_path / "performance.md").read_text()
    assert all(f"**{section}**" in text and f"| {section} |" in text for section in page.SECTIONS)
    assert "Not measured" not in text
    assert (tmp_path / "results" / "performance.csv").exists()


def test_the_committed_page_names_every_section():
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert all(f"**{section}**" in text for section in page.SECTIONS)
    assert all(f"| {name} |" in text for name in ("call", "date", "commit", "machine", "versions"))


def test_a_section_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        bench.parsed(["densty"])
    assert "density, posteriors" in capsys.readouterr().err


def test_part_of_the_bench_leaves_the_page_alone():
    assert bench.parsed(["quantiles"]).docs is None
    assert bench.parsed(["--quick"]).docs is None
    assert bench.parsed([]).docs == ROOT / "docs"


def test_every_section_has_a_job():
    asked = bench.parsed([])
    made = list(bench.jobs(asked, Path("a_run")))
    sections = {"density", "posteriors", "projection", "refits", "calibration"}
    assert {job["section"] for job in made} == sections
    fitted = [job for job in made if job["section"] == "posteriors"]
    assert {job["way"] for job in fitted} == set(bench.SAMPLERS)
    assert {block for job in made for block in job.get("blocks", ())} == set(BLOCKS)


def test_what_is_not_installed_is_a_row(tmp_path):
    job = {"section": "density", "way": "JAX", "needs": ["no_such_package"], "longest": 1}
    (row,) = bench.rows_of(job, Path("python"), tmp_path)
    assert row.note == "no_such_package not installed"
    assert np.isnan(row.value)


def test_a_worker_that_fails_is_a_row(tmp_path):
    job = {"section": "posteriors", "block": "b", "way": "w", "needs": [], "longest": 5}
    (row,) = bench.rows_of(job, Path("false"), tmp_path)
    assert (row.item, row.note) == ("b", "failed")


@pytest.mark.parametrize("way", [OURS, "PyMC"])
def test_densities_are_measured(way, monkeypatch):
    monkeypatch.setattr(density, "seconds_per_call", lambda call: float(call() is None) + 1.0)
    found = list(density.rows(way, ["participation"]))
    assert {row.measure for row in found} == {density.COST, density.COMPILE}
    assert all(row.value > 0 for row in found)


def test_densities_by_jax_are_ours():
    pytest.importorskip("jax", reason="JAX is not installed: ./dev bench brings it")
    held = {}
    for way in (OURS, "JAX"):
        for row in density.rows(way, ["participation"]):
            if "log density " in row.note:
                held.setdefault(row.item, []).append(row.note.rsplit(" ", 1)[1])
    assert held
    assert all(ours == theirs for ours, theirs in held.values())


def test_effective_draws_a_second():
    draws = np.random.default_rng(1).standard_normal((4, 100))
    stats = xr.Dataset({"diverging": (("chain", "draw"), draws > 9)})
    tree = xr.DataTree.from_dict(
        {"posterior": xr.Dataset({"a": (("chain", "draw"), draws)}), "sample_stats": stats}
    )
    seconds = np.array([2.0, 4.0])
    found = list(posteriors.figures("a way", "a block", tree, seconds, seconds))
    by_unit = {row.unit: row.value for row in found}
    assert by_unit["1/s"] == pytest.approx(2 * by_unit["1/CPU-s"])


def test_cells_and_quantiles():
    array = xr.DataArray(np.zeros((3, 4), np.float32))
    ours, copy = projection.of_cells("a part", lambda: array + 1, [array], [array])
    assert (ours.way, copy.way) == (OURS, projection.COPY)
    flat = np.random.default_rng(1).standard_normal((5, 100)).astype(np.float32)
    wanted = np.quantile(flat, QUANTILES, axis=1)
    np.testing.assert_allclose(projection.quantiles(flat), wanted, rtol=1e-6)


def test_seconds_per_call_are_positive():
    assert rows.seconds_per_call(lambda: sum(range(100)), least=1e-4, batches=2) > 0
    assert rows.seconds_of(lambda: None, 1) >= 0


def test_commands_are_those_of_the_command_line(tmp_path):
    found = runs.commands(tmp_path)
    assert {words[0] for words in found.values()} == {
        "show",
        "health",
        "chance",
        "priors",
        "--help",
    }
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / f"{runs.SCENARIO}.parquet").touch()
    assert "compare" in runs.commands(tmp_path)
    assert (ROOT / "models" / "scenarios" / f"{runs.SCENARIO}.toml").exists()

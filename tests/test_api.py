"""The Python interface: quick to import, lazily opened draws, verdicts shown, names escaped."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import bayesgap
from bayesgap.errors import RunError
from bayesgap.present import frames
from bayesgap.present.selection import Query, select
from bayesgap.present.show import run_html
from bayesgap.runs.run import open_run
from bayesgap.runs.store import write_file


@pytest.fixture(scope="module")
def loaded(run_folder: Path) -> bayesgap.Run:
    return bayesgap.load_run(run_folder)


def test_import_is_quick() -> None:
    code = "import sys, bayesgap\nprint(sorted({'xarray','pandas','pymc'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = bayesgap.nonsense


def test_draws_are_opened_lazily_with_their_provenance(
    loaded: bayesgap.Run, outlook: xr.Dataset
) -> None:
    gap = loaded.gap
    assert not gap.variable._in_memory
    assert gap.attrs == {"units": "person", "run_id": loaded.id, "health": "PASS"}
    one = gap.sel(region="Hallingdal", education="master:ict")
    wanted = outlook["gap"].sel(
        region="Hallingdal", education="master:ict", year=loaded.study.horizon
    )
    last = xr.DataArray(one.sel(year=loaded.study.horizon).drop_attrs())
    xr.testing.assert_equal(last, wanted.drop_attrs())
    assert bool(np.isfinite(one).all())  # the year that population alone has is left out


def test_gap_is_demand_less_supply(loaded: bayesgap.Run) -> None:
    whole = loaded.demand - loaded.supply
    np.testing.assert_array_equal(whole.to_numpy(), loaded.gap.to_numpy())


def test_summary_is_what_show_prints(loaded: bayesgap.Run) -> None:
    rows = loaded.summary(region="Hallingdal", by="education")
    assert rows.attrs == {"run_id": loaded.id, "health": "PASS", "scenario": "main"}
    assert rows["assumption_driven"].sum() == 3
    assert (rows["lower95"] <= rows["median"]).all() and (rows["median"] <= rows["upper95"]).all()


def test_summary_is_rounded_as_asked(loaded: bayesgap.Run) -> None:
    ask = {"region": "Buskerud", "year": 2028}
    exact = frames.select(loaded.rows, Query(**ask)).iloc[0]["median"]
    for unit in (1, 500):
        found = loaded.summary(**ask, round_to=unit)["median"].item()
        assert found % unit == 0
        assert abs(found - exact) <= unit / 2


def test_years_say_their_date(loaded: bayesgap.Run) -> None:
    assert loaded.gap["year"].attrs["date"] == "4th quarter"


def test_comparing_asks_for_another_scenario(loaded: bayesgap.Run) -> None:
    with pytest.raises(RunError, match="found main twice"):
        loaded.compare("main")
    with pytest.raises(RunError, match="no scenario"):
        loaded.compare("nothing")


def test_report_and_export_are_written(loaded: bayesgap.Run, tmp_path: Path) -> None:
    page = loaded.report(tmp_path / "report.html", "en").read_text(encoding="utf-8")
    assert loaded.id in page and "<table" in page
    folder = loaded.export(tmp_path / "csv")
    rows = pd.concat(pd.read_csv(path) for path in folder.glob("*.csv"))
    assert len(rows) > 100
    with pytest.raises(RunError, match="must be new"):
        loaded.export(folder)


def test_chance_counts_draws(loaded: bayesgap.Run, outlook: xr.Dataset) -> None:
    nurses = ["bachelor:health_care", "master:health_care"]
    gap = outlook["gap"].sel(region="Buskerud", year=2028, education=nurses).sum("education")
    wanted = float((gap >= 100).mean())
    assert 0 < wanted < 1
    found = loaded.chance(100, region="Buskerud", education=nurses, year=2028)
    assert found == pytest.approx(wanted, abs=1e-12)


def test_chance_of_the_total_is_that_of_the_table(loaded: bayesgap.Run) -> None:
    row = frames.select(loaded.rows, Query(region="Buskerud")).iloc[0]
    assert loaded.chance(region="Buskerud") == pytest.approx(row["probability"], abs=1e-3)


@pytest.mark.parametrize(
    "wrong", [{"region": "Drammen"}, {"education": "bachelor:nurse"}, {"year": 1999}]
)
def test_chance_of_what_is_not_there(loaded: bayesgap.Run, wrong: dict) -> None:
    with pytest.raises(RunError, match="There is no"):
        loaded.chance(**({"region": "Buskerud"} | wrong))


def test_it_prints_the_verdict_first(loaded: bayesgap.Run) -> None:
    assert "Health: PASS" in repr(loaded).splitlines()[1]
    assert "PASS" in loaded._repr_html_() and "<table" in loaded._repr_html_()
    assert "identity" in repr(loaded.health) and "identity" in loaded.health._repr_html_()


def test_a_failed_run_warns(run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "failed"
    shutil.copytree(run_folder, copy)
    content = json.loads((copy / "health.json").read_text(encoding="utf-8"))
    content["checks"][0]["verdict"] = "FAIL"
    text = json.dumps(content)
    write_file(open_run(copy), "health.json", lambda path: path.write_text(text, encoding="utf-8"))
    with pytest.warns(UserWarning, match="not to be used"):
        assert bayesgap.load_run(copy).verdict == "FAIL"


def test_names_are_escaped(loaded: bayesgap.Run, summary: pd.DataFrame) -> None:
    name = '<script>alert("Ål")</script>'
    rows = summary.replace({"region": {"Hallingdal": name}})
    text = run_html("<b>", name, loaded.health, select(frames.rows_of(rows), Query()))
    assert "<script" not in text and "&lt;script&gt;" in text and "Ål" in text


def test_plots_show_themselves(loaded: bayesgap.Run) -> None:
    for figure in (loaded.plot_fan("Hallingdal"), loaded.plot_groups(year=2028)):
        assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(RunError, match="Did you mean"):
        loaded.plot_fan("Halingdal")


def test_a_label_that_is_not_there_is_answered_with_the_nearest(loaded: bayesgap.Run) -> None:
    with pytest.raises(RunError, match='Did you mean "Hallingdal"'):
        loaded.gap.sel(region="Halingdal")
    with pytest.raises(RunError, match="There is no year"):
        loaded.gap.sel(region="Hallingdal").sum("education").sel(year=1999)
    assert loaded.gap.sel(region="Hallingdal").dims == ("chain", "draw", "year", "education")
    assert loaded.chance(region="hallingdal", education="nurse") == loaded.chance(
        region="Hallingdal", education="bachelor:health_care"
    )

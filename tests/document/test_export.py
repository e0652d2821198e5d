"""Exports against the summary and the draws that they come from."""

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

from bayesgap.cli import main
from bayesgap.document.export import BANDS, DICTIONARY, bands, write_export
from bayesgap.document.hub import STANDARD, TASKS
from bayesgap.runs.run import open_run

ROW = {"region": "Hallingdal", "year": 2030, "quantity": "gap", "education": "bachelor:ict"}


def exported(run_folder: Path, to: str, out: Path, *more: str) -> Path:
    with pytest.raises(SystemExit) as ended:
        main(("export", str(run_folder), "--to", to, "--out", str(out), *more))
    assert not ended.value.code
    return out


def one(frame: pd.DataFrame, **where: object) -> pd.Series:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.fixture(scope="module")
def wanted(outlook: xr.Dataset) -> np.ndarray:
    draws = outlook["gap"].sel(region="Hallingdal", year=2030, education="bachelor:ict")
    return draws.to_numpy().ravel()


def require_figures(row: pd.Series, wanted: np.ndarray) -> None:
    for name, at in (*BANDS.items(), ("median", "0.5")):
        assert row[name] == pytest.approx(np.quantile(wanted, float(at)), rel=1e-5), name
    assert row["mean"] == pytest.approx(wanted.mean(dtype=float), rel=1e-4)
    assert row["p_shortage"] == pytest.approx(np.mean(wanted > 0), abs=1e-4)
    assert bool(row["assumption_driven"]) and row["health"] == "PASS"


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx"])
def test_tables_have_the_bands_of_the_draws(
    run_folder: Path, tmp_path: Path, wanted: np.ndarray, to: str
) -> None:
    out = exported(run_folder, to, tmp_path / to)
    readers = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}
    frame = readers[to](out / f"figures.{to}")
    assert list(frame.columns) == list(DICTIONARY)
    assert frame[list(BANDS)].notna().all(axis=None)
    require_figures(one(frame, **ROW), wanted)
    text = (out / "README.md").read_text(encoding="utf-8")
    assert "Health: PASS" in text and all(f"`{name}`" in text for name in DICTIONARY)


def test_a_workbook_explains_itself(run_folder: Path, tmp_path: Path) -> None:
    out = exported(run_folder, "xlsx", tmp_path / "book")
    book = openpyxl.load_workbook(out / "figures.xlsx", read_only=True)
    assert book.sheetnames == ["figures", "dictionary", "health", "about"]


def test_a_name_is_no_formula(summary: pd.DataFrame, run_folder: Path, tmp_path: Path) -> None:
    name = '=HYPERLINK("x")'
    renamed = summary[summary["year"] == 2030].replace({"region": {"Hallingdal": name}})
    about = open_run(run_folder)
    write_export(tmp_path, renamed, about, "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "figures.xlsx")["figures"]
    cells = [row[1] for row in sheet.iter_rows(min_row=2) if row[1].value == name]
    assert cells and {cell.data_type for cell in cells} == {"s"}


def test_netcdf_is_labelled(run_folder: Path, tmp_path: Path, wanted: np.ndarray) -> None:
    out = exported(run_folder, "netcdf", tmp_path / "nc")
    with xr.open_dataset(out / "figures.nc", engine="h5netcdf") as figures:
        where = {"scenario": "main", "region": "Hallingdal", "year": 2030}
        row = figures["gap"].sel(where | {"part": "group bachelor:ict"})
        for name, at in BANDS.items():
            found = float(row.sel(statistic=name))
            assert found == pytest.approx(np.quantile(wanted, float(at)), rel=1e-5)
        assert figures["gap"].attrs["units"] == "person" and figures.attrs["health"] == "PASS"
        assert "median" in figures.attrs["dictionary"]


def test_hub_has_standard_columns_types_and_file_name(
    run_folder: Path, tmp_path: Path, wanted: np.ndarray
) -> None:
    out = exported(run_folder, "hub", tmp_path / "hub")
    path = out / "model-output" / "bayesgap-buskerud" / "2024-12-31-bayesgap-buskerud.csv"
    frame = pd.read_csv(path, keep_default_na=False)
    assert list(frame.columns) == [*TASKS, *STANDARD]
    assert set(frame["output_type"]) == {"mean", "median", "quantile", "pmf"}
    assert set(frame.loc[frame["output_type"].isin(["mean", "median"]), "output_type_id"]) == {"NA"}
    tasks = frame[frame["output_type"] == "pmf"].groupby(list(TASKS))["value"].sum()
    np.testing.assert_allclose(tasks, 1.0, atol=1e-6)
    where = {"location": "Hallingdal", "horizon": 6, "target": "gap", "education": "bachelor:ict"}
    row = one(frame, **where, output_type="quantile", output_type_id="0.9")
    assert row["value"] == pytest.approx(np.quantile(wanted, 0.9), rel=1e-5)
    assert row["target_end_date"] == "2030-12-31"


def test_draws_open_with_plain_xarray(
    run_folder: Path, tmp_path: Path, outlook: xr.Dataset
) -> None:
    out = exported(run_folder, "zarr", tmp_path / "zarr")
    with xr.open_zarr(out / "draws.zarr", chunks=None, consolidated=False) as draws:
        np.testing.assert_array_equal(draws["gap"].to_numpy(), outlook["gap"].to_numpy())
        assert draws.attrs["health"] == "PASS"


def test_nothing_of_others_is_overwritten(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(("export", str(run_folder), "--out", str(tmp_path)))
    assert ended.value.code == 2 and "made by an earlier bayesgap export" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.txt"]


def test_every_row_of_the_summary_is_in_the_bands(summary: pd.DataFrame, run_folder: Path) -> None:
    table = bands(summary, open_run(run_folder))
    assert len(table) == (summary["output_type"] == "mean").sum()

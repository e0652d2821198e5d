"""No cell of a CSV file is a formula; numbers stay numbers."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from bayesgap.document.export import write_export
from bayesgap.present.csv_cells import defused, defused_csv, defused_frame
from bayesgap.present.table import as_csv
from bayesgap.runs.run import open_run


@pytest.mark.parametrize("cell", ["=SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "@x", "\t=1", "\r=1"])
def test_what_begins_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+1.5", "-1e-3", "-inf", "Ål", "", "2024", "'=1", "86-88"])
def test_numbers_and_words_stay(cell: str) -> None:
    assert defused(cell) == cell


def test_frames_keep_their_numbers() -> None:
    frame = pd.DataFrame({"region": ["=A1", "Ål", None], "value": [-1.5, 2.0, np.nan]})
    safe = defused_frame(frame)
    assert safe["region"].tolist()[:2] == ["'=A1", "Ål"] and safe["value"].equals(frame["value"])
    assert frame["region"].iloc[0] == "=A1"


def test_text_and_records_are_defused() -> None:
    assert defused_csv('a,b\n"=1,2",-3\n') == 'a,b\n"\'=1,2",-3\n'
    assert as_csv([{"region": "@me", "value": -3.5}]) == "region,value\n'@me,-3.5\n"


@pytest.mark.parametrize("form", ["csv", "hub"])
def test_exports_hold_no_formula(run_folder, summary: pd.DataFrame, tmp_path, form: str) -> None:
    evil = summary.assign(region=summary["region"].replace("Hallingdal", "=SUM(A1:A9)"))
    write_export(tmp_path, evil, open_run(run_folder), form)
    files = [p for p in tmp_path.rglob("*.csv") if p.name != "dictionary.csv"]
    assert len(files) == 1
    back = pd.read_csv(StringIO(files[0].read_text(encoding="utf-8")), low_memory=False)
    place = "location" if form == "hub" else "region"
    assert "'=SUM(A1:A9)" in set(back[place]) and "=SUM(A1:A9)" not in set(back[place])
    assert (back["value" if form == "hub" else "lower95"] < 0).any()

"""Studies made from nothing: which regions can be made, and what is written."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from bayesgap.cli.common import app
from bayesgap.data.fetch import new_study
from bayesgap.data.fetch.klass import Borders, Change
from bayesgap.data.fetch.places import read_places
from bayesgap.data.tables import read_regions
from bayesgap.errors import StudyError
from bayesgap.study.study import load_study

NAMES = {"0301": "Oslo", "1508": "Ålesund", "1580": "Haram", "5601": "Alta", "5603": "Hammerfest"}
BORDERS = Borders(
    NAMES,
    (
        Change("1507", "1508", "2024-01-01"),
        Change("1507", "1580", "2024-01-01"),
        Change("5403", "5601", "2024-01-01"),
    ),
    "2024-01-02",
)


def test_regions_are_codes_names_and_counties() -> None:
    found = new_study.parse_regions("0301; Kysten=5601,5603; 15", NAMES)
    assert found == {
        "Oslo": ("0301",),
        "Kysten": ("5601", "5603"),
        "Ålesund-Haram": ("1508", "1580"),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at least one region"),
        ("A=", "must have a code"),
        ("99", "no county 99; known: 03, 15, 56"),
        ("A=0301; A=5601", "Two regions are called A"),
    ],
)
def test_texts_that_name_no_regions(text: str, told: str) -> None:
    with pytest.raises(StudyError, match=told):
        new_study.parse_regions(text, NAMES)


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        ({"A": ("5403",)}, "no municipality on 2024-01-02: it has become 5601 Alta"),
        ({"A": ("7777",)}, "KLASS does not know it"),
        ({"A": ("0301",), "B": ("0301",)}, "0301 Oslo is in A and in B"),
        ({"A": ("1508",)}, "1507 was divided, and a part is now in 1580 Haram"),
        ({"A": ("1508",), "B": ("1580",)}, "A cannot be followed back"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(
    regions: dict[str, tuple[str, ...]], told: str
) -> None:
    with pytest.raises(StudyError, match=told):
        new_study.require_possible(regions, BORDERS)


def test_both_parts_of_a_divided_municipality_make_a_region() -> None:
    new_study.require_possible({"A": ("1508", "1580"), "B": ("5601", "5603", "0301")}, BORDERS)


def test_pooling_regions_never_overlap_the_targets() -> None:
    embedded = {"Grenland": ("4001",), "Oslo": ("0301",), "Larvik": ("3909",)}
    assert set(new_study.propose_pooling({"x": ("5601",)}, embedded)) == {"Grenland", "Larvik"}
    assert set(new_study.propose_pooling({"x": ("3909",)}, embedded)) == {"Grenland", "Oslo"}


def test_the_command_writes_a_study_that_loads(loopback: Any, tmp_path: Path) -> None:
    loopback.municipalities |= {"5601": "Alta", "5603": "Hammerfest - Hámmerfeasta"}
    options = ["--server", loopback.base, "--cache", str(tmp_path / "c"), "--out", str(tmp_path)]
    call = ["study", "new", "--regions", "5601; Hammerfest=5603", "--name", "finnmark", *options]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    study = load_study(tmp_path / "finnmark" / "finnmark.toml")
    assert study.targets == ("Alta", "Hammerfest") and study.total == "Finnmark"
    assert "Grenland" in study.pooling and "Oslo" not in study.pooling
    regions = read_regions(tmp_path / "finnmark" / "data")
    assert regions["target"] == study.targets and regions["pooling"] == study.pooling
    places = read_places(tmp_path / "finnmark" / "data")
    assert places.present["5603"] == ("Hammerfest", "Hammerfest")
    assert {"4001", "4003", "4010", "4012"} <= set(places.region_of(["Grenland"]))
    again = CliRunner().invoke(app, call)
    assert again.exit_code == 1 and isinstance(again.exception, StudyError)


def test_embedded_pooling_codes_are_four_digits_and_whole() -> None:
    path = Path(__file__).parents[3] / "data" / "reference" / "pooling_municipalities.csv"
    frame = pd.read_csv(path, dtype=str)
    assert frame["municipality_code"].str.fullmatch(r"\d{4}").all()
    assert frame["municipality_code"].is_unique and len(set(frame["region"])) == 11

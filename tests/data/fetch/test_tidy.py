"""From cells in a bank's codes to rows in ours: sums, unknown cells, divided codes."""

import pandas as pd
import pytest

from bayesgap.data.fetch.catalogue import Catalogue, Source, norwegian, read_catalogue
from bayesgap.data.fetch.places import Places, with_history
from bayesgap.data.fetch.tidy import Wanted, leading_number, tidy
from bayesgap.errors import FetchError

PLACES = Places(
    {"3301": ("Drammen", "Drammen"), "3312": ("Drammen", "Lier"), "0301": ("Oslo", "Oslo")},
    {"0602": "3301"},
)
WANTED = Wanted(("Drammen",), ("Oslo",))


def cells(*rows: tuple[str, str, str, float | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["Region", "Tid", "Alder", "value", "status"])


def source(**changed: object) -> Source:
    columns = {
        "region": {"variable": "Region", "places": "study"},
        "year": {"variable": "Tid", "number": True, "first": 2020},
        "age": {"variable": "Alder", "number": True, "top": 89},
    }
    base = {"table": "x", "title": "x", "values": {"persons": ""}, "columns": columns}
    return Source.model_validate(base | changed)


def test_municipalities_past_and_present_and_old_ages_are_summed() -> None:
    frame = cells(
        ("3301", "2020", "088", 1.0, ""),
        ("0602", "2020", "088", 2.0, ""),
        ("3312", "2020", "088", 4.0, ""),
        ("3301", "2020", "089", 8.0, ""),
        ("3301", "2020", "105+", 16.0, ""),
        ("0301", "2020", "088", 32.0, ""),
        ("4601", "2020", "088", 99.0, ""),  # not in the study
        ("3301", "2019", "088", 99.0, ""),  # before the first year
    )
    rows = tidy(frame, source(), PLACES, WANTED).to_dict("records")
    assert rows == [
        {"region": "Drammen", "year": 2020, "age": 88, "persons": 7.0},
        {"region": "Drammen", "year": 2020, "age": 89, "persons": 24.0},
        {"region": "Oslo", "year": 2020, "age": 88, "persons": 32.0},
    ]


def test_a_dot_is_no_one_and_other_cells_without_a_figure_are_unknown() -> None:
    frame = cells(
        ("3301", "2020", "001", 5.0, ""),
        ("0602", "2020", "001", None, "."),
        ("3301", "2021", "001", 5.0, ""),
        ("3312", "2021", "001", None, ":"),
        ("3301", "2022", "001", None, "."),
    )
    found = tidy(frame, source(), PLACES, WANTED).set_index("year")["persons"]
    assert found[2020] == 5.0
    assert pd.isna(found[2021])  # confidential is not zero
    assert 2022 not in found.index  # a year that does not apply at all is not there


def test_a_code_may_be_divided_by_shares_and_summed_as_a_whole() -> None:
    sectors = {
        "variable": "Industry",
        "map": {"goods": "10-33", "firms": "68-75"},
        "parts": {"firms": {"68-75": 0.6, "77-82": 0.4}},
        "whole": "00-99",
    }
    spec = source(columns={"sector": sectors})
    frame = pd.DataFrame({"Industry": ["goods", "firms"], "value": [10.0, 50.0]})
    found = tidy(frame, spec, PLACES, WANTED).set_index("sector")["persons"]
    assert found.to_dict() == {"00-99": 60.0, "10-33": 10.0, "68-75": 30.0, "77-82": 20.0}


def test_municipalities_can_stay_apart() -> None:
    columns = {
        "region": {"variable": "Region", "places": "study", "each": "municipality"},
        "year": {"variable": "Tid", "number": True},
    }
    frame = cells(("0602", "2020", "1", 1.0, ""), ("3312", "2020", "1", 2.0, ""))
    found = tidy(frame, source(columns=columns), PLACES, WANTED)
    assert found["municipality"].tolist() == ["Drammen", "Lier"]


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(FetchError, match="no column Alder; found"):
        tidy(cells().drop(columns="Alder"), source(), PLACES, WANTED)


@pytest.mark.parametrize(
    ("code", "number"), [("000", 0), ("105+", 105), ("0 år", 0), ("Tot", None)]
)
def test_leading_numbers(code: str, number: int | None) -> None:
    assert leading_number(code) == number


def test_history_from_klass_joins_that_of_the_folder() -> None:
    found = with_history(PLACES, {"0301": ("0301", "0999")})
    assert found.region_of(["Oslo"]) == {"0301": "Oslo", "0999": "Oslo"}
    assert found.region_of(["Drammen"])["0602"] == "Drammen"


def test_the_embedded_mapping_file_names_its_evidence() -> None:
    catalogue = read_catalogue(norwegian())
    assert isinstance(catalogue, Catalogue) and catalogue.bank is not None
    assert catalogue.bank.host == "data.ssb.no"
    seen = {s.table: s.seen for s in catalogue.sources() if s.table}
    assert {t for t, how in seen.items() if how == "recorded"} == {
        "07459",
        "09429",
        "07984",
        "01222",
    }


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"file": "y.csv"}, "either table"),
        ({"table": None}, "either table"),
        ({"status": "assumed"}, "must say why"),
        ({"columns": {"x": {"variable": "X"}}}, "one of places, map and number"),
        (
            {"columns": {"x": {"variable": "X", "map": {}, "parts": {"a": {"b": 0.5}}}}},
            "add up to 1",
        ),
    ],
)
def test_a_source_that_says_too_little_or_too_much_is_refused(
    changed: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        source(**changed)


def test_a_whole_that_the_source_gives_is_kept_and_not_summed() -> None:
    sectors = {"variable": "Industry", "map": "sectors", "whole": "00-99"}
    frame = pd.DataFrame({"Industry": ["85", "00", "00-99"], "value": [10.0, 1.0, 50.0]})
    found = tidy(frame, source(columns={"sector": sectors}), PLACES, WANTED).set_index("sector")
    assert found["persons"].to_dict() == {"00-99": 50.0, "85": 10.0}


def test_a_whole_of_no_one_beside_parts_is_missing_and_none_is_added_where_one_is_given() -> None:
    columns = {
        "region": {"variable": "Region", "places": "study"},
        "year": {"variable": "Tid", "number": True},
        "sector": {"variable": "Alder", "map": "sectors", "whole": "00-99"},
    }
    frame = cells(
        ("0301", "2020", "84", 5.0, ""),
        ("0301", "2020", "00-99", None, "."),
        ("0301", "2021", "84", 5.0, ""),
        ("0301", "2021", "00-99", 9.0, ""),
        ("0301", "2022", "84", 0.0, ""),
        ("0301", "2022", "00-99", None, "."),
    )
    found = tidy(frame, source(columns=columns), PLACES, WANTED)
    wholes = found[found["sector"] == "00-99"].set_index("year")["persons"]
    assert pd.isna(wholes[2020]) and wholes[2021] == 9.0 and wholes[2022] == 0.0
    unstated = cells(("0301", "2020", "00", 2.0, ""))
    parts = pd.concat([frame[frame["Alder"] == "84"], unstated], ignore_index=True)
    added = tidy(parts, source(columns=columns), PLACES, WANTED)
    assert added.loc[added["sector"] == "00-99", "persons"].tolist() == [7.0, 5.0, 0.0]
    assert set(added["sector"]) == {"84", "00-99"}, "the unstated counts in the whole only"

"""Tables that no mapping file describes, taken as the bank's own metadata name them."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from bayesgap.cli.common import app
from bayesgap.data.fetch.catalogue import Catalogue, Source
from bayesgap.data.fetch.gather import Gathered, fitted, gather
from bayesgap.data.fetch.opened import opened
from bayesgap.data.fetch.places import Places
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.data.fetch.session import copy_default
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.errors import FetchError

Connect = Callable[..., Bank]
PLACES = Places(
    {"3301": ("Drammen", "Drammen"), "0301": ("Oslo", "Oslo")}, {"0602": "3301", "0711": "3301"}
)
WANTED = Wanted(("Drammen",), ("Oslo",))
BANK = {"name": "SSB", "title": "x", "host": "data.ssb.no", "api": "api", "licence": "NLOD"}
CODES = ("3301", "3302", "0602", "0711", "0301")  # as the loopback bank's other tables
LEVELS, FIELDS = ("03a", "04a"), ("5", "6")


@pytest.fixture
def field_table(loopback: Any, server: ModuleType) -> Any:
    """Employed by region, level and field: a count and a rate."""
    frame = server.grid(
        Region=CODES,
        UtdNivaa=LEVELS,
        Fagfelt=FIELDS,
        Kjonn=("1", "2"),
        ContentsCode=("Sysselsatte", "Andel"),
        Tid=("2023", "2024"),
    )
    units = {"Sysselsatte": "personer", "Andel": "prosent"}
    table = server.Table(frame, "field", eliminated=("Kjonn",), units=units)
    loopback.tables["11615"] = table
    return table


def extra(**source: object) -> Catalogue:
    one = {"table": "11615", "title": "x", "open": True} | source
    return Catalogue.model_validate(
        {"bank": BANK | {"border_year": 2024}, "tables": {}, "extra": {"field": one}}
    )


def of_extra(catalogue: Catalogue, bank: Bank) -> Gathered:
    return gather(catalogue, PLACES, WANTED, bank, None)


def test_every_dim_is_a_column_and_regions_are_the_studys(
    connect: Connect, field_table: Any
) -> None:
    found = of_extra(extra(), connect())
    frame, sent = found.extra["field"], field_table.frame
    labels = ["UtdNivaa_label", "Fagfelt_label", "Kjonn_label", "ContentsCode_label"]
    dims = ["region", "UtdNivaa", "Fagfelt", "Kjonn", "ContentsCode", "year"]
    assert set(frame.columns) == {*dims, *labels, "value"} | {
        "border_year",
        "coverage",
        "source",
        "status",
    }
    here = frame.query("region == 'Drammen' and UtdNivaa == '03a' and Fagfelt == '6'")
    one = here.query("Kjonn == '2' and year == 2024")["value"].item()
    there = sent.query("UtdNivaa == '03a' and Fagfelt == '6' and Kjonn == '2' and Tid == '2024'")
    there = there[there["Region"].isin(["3301", "0602", "0711"])]
    assert one == there.query("ContentsCode == 'Sysselsatte'")["value"].sum()
    assert set(frame["ContentsCode"]) == {"Sysselsatte"}
    assert set(frame["Fagfelt_label"]) == {"5 as text", "6 as text"}
    assert "rates are left out" in found.notes["field"][0]
    assert set(frame["source"]) == {"SSB 11615 (2026-02-24)"}


def test_a_national_table_keeps_everything_and_names_no_border(
    connect: Connect, loopback: Any, server: ModuleType
) -> None:
    frame = server.grid(
        NACE2007=("84", "85"), Fagfelt=FIELDS, ContentsCode=("A", "Andel"), Tid=("2024K1",)
    )
    loopback.tables["12850"] = server.Table(frame, "industry")
    found = of_extra(extra(table="12850"), connect()).extra["field"]
    assert len(found) == len(frame) and found["value"].sum() == frame["value"].sum()
    assert "border_year" not in found and set(found["Tid"]) == {"2024K1"}


@pytest.mark.parametrize("seen", ["documented", "unconfirmed"])
def test_what_is_not_there_is_told_and_stops_nothing(connect: Connect, seen: str) -> None:
    found = of_extra(extra(table="99999", seen=seen), connect())
    [note] = found.notes["field"]
    assert not found.extra and "Non-existent table" in note
    assert ("The bank never confirmed it" in note) == (seen == "unconfirmed")


def test_many_cells_are_summed_by_the_bank_over_the_smallest_dim_that_suffices(
    connect: Connect, field_table: Any
) -> None:
    metadata = connect().metadata("11615")
    source = Source.model_validate({"table": "11615", "title": "x", "open": True})
    cells = 4 * 2 * 2 * 2 * 2  # municipalities past and present, levels, fields, sexes, years
    plan, told = opened(source, metadata, PLACES, WANTED, most=cells - 1)
    assert "Kjonn" not in plan.columns and {"UtdNivaa", "Fagfelt"} <= set(plan.columns)
    assert told[-1] == f"summed over Kjonn: the whole would be {cells} cells"
    with pytest.raises(FetchError, match="has 32 cells, more than 31"):
        opened(source, metadata, PLACES, WANTED, most=31)


def test_rates_alone_cannot_be_summed(connect: Connect, field_table: Any) -> None:
    field_table.frame = field_table.frame.query("ContentsCode == 'Andel'")
    [note] = of_extra(extra(), connect()).notes["field"]
    assert "has rates only" in note


def test_many_regions_of_which_none_is_ours_are_refused(
    connect: Connect, loopback: Any, server: ModuleType
) -> None:
    codes = tuple(f"{code}" for code in range(5000, 5101))
    frame = server.grid(Region=codes, ContentsCode=("A",), Tid=("2024",))
    loopback.tables["11615"] = server.Table(frame, "elsewhere")
    [note] = of_extra(extra(), connect()).notes["field"]
    assert "has 101 regions, but none of the study's" in note


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"values": {"a": "b"}}, "or open = true"),
        ({"table": None, "file": "x.csv"}, "or open = true"),
        ({"open": False}, "or open = true"),
    ],
)
def test_an_open_table_has_no_columns_and_no_file(source: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        extra(**source)


def test_the_models_tables_cannot_be_open() -> None:
    one = {"table": "11615", "title": "x", "open": True}
    with pytest.raises(ValidationError, match="only an extra table can be open"):
        Catalogue.model_validate(
            {"bank": BANK | {"border_year": 2024}, "tables": {"commuting": one}}
        )


def test_one_measure_is_read_by_whatever_name_and_sums_are_taken_where_the_bank_takes_none(
    connect: Connect, loopback: Any, server: ModuleType
) -> None:
    frame = server.grid(
        Kjonn=("1", "2"), Alder=("000", "001"), ContentsCode=("Dode9",), Tid=("2024",)
    )
    loopback.tables["10325"] = server.Table(frame, "deaths")
    source = {
        "table": "10325",
        "title": "x",
        "values": {"deaths": "Dode"},
        "constants": {"concept": "residence"},
        "summed": ["Kjonn"],
        "columns": {
            "year": {"variable": "Tid", "number": True},
            "age": {"variable": "Alder", "number": True},
        },
    }
    tables = {"bank": BANK | {"border_year": 2024}, "tables": {"deaths_national": source}}
    found = gather(Catalogue.model_validate(tables), PLACES, WANTED, connect(), None)
    sums = frame.groupby("Alder")["value"].sum().tolist()
    assert found.tables["deaths_national"]["deaths"].tolist() == sums
    assert found.notes["deaths_national"] == [
        "ContentsCode Dode is not there: read as Dode9, the only one"
    ]
    loopback.tables["10325"].frame = frame.assign(ContentsCode="Dode")
    plan = Source.model_validate(source)
    assert fitted(plan, connect(refresh=True).metadata("10325"), PLACES, WANTED) == (plan, [])


def test_live_tells_of_every_table_even_before_a_fetch(loopback: Any, tmp_path: Path) -> None:
    path = copy_default(tmp_path / "study")
    words = f"data check {path} --live --server {loopback.base} --cache {tmp_path / 'cache'}"
    done = CliRunner().invoke(app, words.split())
    lines = done.output.splitlines()
    assert done.exit_code != 0
    assert any("moves_by_age (05539, unconfirmed): " in line for line in lines)
    [status] = [line for line in lines if "employment_status (11618" in line]
    assert "must be corrected: no Kjonn 0, Alder 15-74" in status
    assert "the table has Region 5 x ContentsCode 2 x Tid 2" in status


def test_a_banks_words_cannot_command_a_terminal() -> None:
    gathered = Gathered()
    gathered.note("x", "seen \x1b[2J")
    assert gathered.notes["x"] == ["seen [2J"]
    assert str(FetchError("it has \x1b]0;title\x07")) == "it has ]0;title"

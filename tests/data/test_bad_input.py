"""Ten damaged copies of the data folder: each answered by one DataError that names the place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bayesgap.data.tables import read_tables
from bayesgap.errors import DataError, Problem
from bayesgap.study.bundle import bundle_root

DATA = bundle_root() / "data" / "buskerud"
pytestmark = pytest.mark.usefixtures("copies_are_cheap")
Damage = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the embedded tables; manifest and code lists stay the embedded ones."""
    return Path(shutil.copytree(DATA, tmp_path / "tables"))


def edit(path: Path, line: int, change: Callable[[list[str]], list[str]]) -> None:
    """Change the values of one line (1 is the header) of a file without quoted commas."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line - 1] = ",".join(change(lines[line - 1].split(",")))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def put(path: Path, line: int, column: str, value: str) -> None:
    """Write `value` into one cell."""
    at = path.read_text(encoding="utf-8").splitlines()[0].split(",").index(column)
    edit(path, line, lambda row: [*row[:at], value, *row[at + 1 :]])


def problems(folder: Path) -> tuple[Problem, ...]:
    """All problems of a folder, whose message must hold each line that is shown."""
    with pytest.raises(DataError) as caught:
        read_tables(folder)
    message = str(caught.value)
    assert message.startswith(f"{len(caught.value.problems)} problem(s) in the input data:")
    assert all(str(problem) in message for problem in caught.value.problems[:20])
    assert all(problem.found and problem.fix for problem in caught.value.problems)
    return caught.value.problems


def only(folder: Path) -> Problem:
    """The one problem of a folder."""
    found = problems(folder)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def test_wrong_type(folder: Path) -> None:
    put(folder / "population.csv", 77, "persons", "many")
    problem = only(folder)
    assert (problem.file, problem.row, problem.column) == ("population.csv", 77, "persons")
    assert "'many' is not a number" in problem.found
    assert "whole number from 0" in problem.fix


def test_negative(folder: Path) -> None:
    put(folder / "employment_status.csv", 12, "persons", "-5")
    problem = only(folder)
    assert (problem.file, problem.row, problem.column) == ("employment_status.csv", 12, "persons")
    assert problem.found == "-5 is out of range"


def test_duplicate_row(folder: Path) -> None:
    path = folder / "official_projection_total.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[4]]) + "\n", encoding="utf-8")
    problem = only(folder)
    assert (problem.file, problem.row) == (path.name, len(lines) + 1)
    assert "the same row as line 5 (region Asker, year 2028)" in problem.found


def test_unknown_region(folder: Path) -> None:
    put(folder / "population_pooling.csv", 30, "region", "Askerr")
    problem = only(folder)
    assert (problem.file, problem.row, problem.column) == ("population_pooling.csv", 30, "region")
    assert "unknown code 'Askerr'" in problem.found
    assert "Asker" in problem.fix


def test_missing_year(folder: Path) -> None:
    path = folder / "population.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("Hallingdal,2012,")]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    problem = only(folder)
    assert (problem.file, problem.column) == ("population.csv", "year")
    assert problem.found == "year 2012 of region Hallingdal is missing"


def test_missing_year_of_the_nation(folder: Path) -> None:
    path = folder / "population_national.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("1990,", "1991,7,"))]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert [problem.found for problem in problems(folder)] == [
        "year 1990 is missing",
        "year 1991 lacks 1 of 90 rows: age 7",
    ]


def test_totals_off(folder: Path) -> None:
    path = folder / "education_residents_30_66.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    row = next(n for n, line in enumerate(lines, 1) if ",non_immigrants,all," in line)
    persons = int(lines[row - 1].split(",")[4])
    put(path, row, "persons", str(persons + 100))
    found = problems(folder)
    assert {(problem.file, problem.column) for problem in found} == {(path.name, "persons")}
    levels = next(problem for problem in found if problem.row == row)
    assert "the levels add up to" in levels.found
    assert f"but `all` says {persons + 100}" in levels.found


def test_shares_that_do_not_add_up(folder: Path) -> None:
    path = folder / "skill_mix.csv"
    value = float(path.read_text(encoding="utf-8").splitlines()[1].split(",")[2])
    put(path, 2, "value", f"{value + 0.1:.6f}")
    problem = only(folder)
    assert (problem.file, problem.row, problem.column) == (path.name, 2, "value")
    assert problem.found == "01-03: the shares add up to 1.1, not 1"


def test_wrong_encoding(folder: Path) -> None:
    path = folder / "commuting.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.encode("latin-1"))
    line = next(n for n, row in enumerate(text.splitlines(), 1) if not row.isascii())
    problem = only(folder)
    assert (problem.file, problem.row) == ("commuting.csv", line)
    assert "not UTF-8" in problem.found
    assert "Save the file as UTF-8" in problem.fix


def test_empty_file(folder: Path) -> None:
    (folder / "deaths_national.csv").write_text("")
    problem = only(folder)
    assert (problem.file, problem.row, problem.found) == (
        "deaths_national.csv",
        None,
        "the file is empty",
    )


def test_extra_column(folder: Path) -> None:
    path = folder / "employment_national.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    wide = [f"{lines[0]},remark", *(f"{line},x" for line in lines[1:])]
    path.write_text("\n".join(wide) + "\n", encoding="utf-8")
    problem = only(folder)
    assert (problem.file, problem.row, problem.column) == ("employment_national.csv", 1, "remark")
    assert "unknown column" in problem.found


@pytest.mark.parametrize(
    ("file", "pair"),
    [
        ("population.csv", ("age", "persons")),
        ("education_residents_30_66.csv", ("background", "level")),
        ("employment_county_accounts.csv", ("year", "employed_1000")),
        ("report_figures.csv", ("region", "place")),
    ],
)
def test_swapped_columns_by_their_values(folder: Path, file: str, pair: tuple[str, str]) -> None:
    swap_header(folder / file, pair)
    problem = only(folder)
    assert (problem.file, problem.row, problem.column) == (file, 1, " and ".join(pair))
    assert "each other's header" in problem.found


@pytest.mark.parametrize(
    ("file", "pair"),
    [
        ("commuting.csv", ("home", "work")),
        ("migration_flows.csv", ("out_migration", "in_migration")),
    ],
)
def test_swapped_columns_by_their_totals(folder: Path, file: str, pair: tuple[str, str]) -> None:
    swap_header(folder / file, pair)
    found = problems(folder)
    assert {problem.file for problem in found} == {file}
    assert "swapped" in found[0].found


def swap_header(path: Path, pair: tuple[str, str]) -> None:
    names = {pair[0]: pair[1], pair[1]: pair[0]}
    text = path.read_text(encoding="utf-8")
    header, rest = text.split("\n", 1)
    swapped = ",".join(names.get(name, name) for name in header.split(","))
    path.write_text(f"{swapped}\n{rest}", encoding="utf-8")


def test_all_at_once(folder: Path) -> None:
    """Faults of several files come back together, none hiding another."""
    put(folder / "population.csv", 77, "persons", "many")
    put(folder / "commuting.csv", 9, "year", "")
    (folder / "deaths_national.csv").write_text("")
    (folder / "notes.csv").write_text("a\n1\n")
    (folder / "nav_shortage_2017.csv").unlink()
    places = {(problem.file, problem.row) for problem in problems(folder)}
    assert {
        ("population.csv", 77),
        ("commuting.csv", 9),
        ("deaths_national.csv", None),
        ("notes.csv", None),
        ("nav_shortage_2017.csv", None),
    } == places


def test_order_of_columns_is_free(folder: Path) -> None:
    path = folder / "employment_status.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(",".join(row[::-1]) for row in rows) + "\n", encoding="utf-8")
    assert read_tables(folder)["employment_status"].equals(read_tables(DATA)["employment_status"])

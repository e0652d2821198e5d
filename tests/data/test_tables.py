"""Reading of tables: values as in the files, declared exceptions, regions of a study."""

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesgap.data.manifest import Exemption, Manifest, file_hash, read_manifest, refresh_manifest
from bayesgap.data.raw import read_raw
from bayesgap.data.schemas import TABLES
from bayesgap.data.tables import (
    condensed,
    examine,
    read_regions,
    read_tables,
    require_regions,
    spans,
    table_paths,
    tables_hash,
)
from bayesgap.errors import DataError, Problem, StudyError
from bayesgap.study.bundle import bundle_root, default_study, resolve_data
from bayesgap.study.study import Study, load_study

DATA = bundle_root() / "data" / "buskerud"
POPULATION = (DATA / "population.csv").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return read_tables(DATA)


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(default_study())


def test_values_are_those_of_the_files(tables: dict[str, pd.DataFrame]) -> None:
    for name, table in TABLES.items():
        if table.read_as is None and not table.optional:
            path = DATA.parent / table.folder / f"{name}.csv"
            plain = pd.read_csv(path, dtype={"sector": str, "industry": str})
            pd.testing.assert_frame_equal(
                tables[name], plain[list(table.columns)], check_dtype=False
            )


def test_population_joins_its_two_files(tables: dict[str, pd.DataFrame]) -> None:
    rows = [pd.read_csv(DATA / f"population{part}.csv") for part in ("", "_pooling")]
    assert len(tables["population"]) == sum(map(len, rows))
    assert tables["population"]["persons"].sum() == sum(frame["persons"].sum() for frame in rows)
    assert "population_pooling" not in tables


def test_only_declared_cells_are_empty(tables: dict[str, pd.DataFrame]) -> None:
    empty = {
        (name, column)
        for name, frame in tables.items()
        for column in frame
        if frame[column].isna().any()
    }
    assert empty == {
        ("employment_county_accounts", "employed_1000"),
        ("report_figures", "note"),
    }


def test_every_declared_exception_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its exceptions a table is refused: none of them is stale or hides other rows."""
    whole = read_manifest(DATA)
    bare = {
        name: entry.model_copy(update={"gaps": (), "empty_cells": (), "totals": ()})
        for name, entry in whole.tables.items()
    }
    monkeypatch.setattr("bayesgap.data.tables.read_manifest", lambda _: Manifest(tables=bare))
    with pytest.raises(DataError) as caught:
        read_tables(DATA)
    declared = {
        f"{entry.file.rpartition('/')[2]}"
        for entry in whole.tables.values()
        if entry.gaps or entry.empty_cells or entry.totals
    }
    assert {problem.file for problem in caught.value.problems} == declared


@settings(max_examples=25, deadline=None)
@given(line=st.integers(2, 1801), persons=st.integers(1, 10**6))
def test_any_negative_cell_is_reported_at_its_line(
    tmp_path_factory: pytest.TempPathFactory, line: int, persons: int
) -> None:
    lines = POPULATION[:1801]  # one region, 2005-2024
    fields = lines[line - 1].split(",")
    at = POPULATION[0].split(",").index("persons")
    fields[at] = str(-persons)
    path = tmp_path_factory.mktemp("negative") / "population.csv"
    path.write_text("\n".join([*lines[: line - 1], ",".join(fields), *lines[line:]]), "utf-8")
    entry = read_manifest(DATA).tables["population"]
    frame, found, _ = examine(path, TABLES["population"], entry, read_regions(DATA))
    assert [(p.row, p.column) for p in found] == [(line, "persons")]
    assert f"-{persons}" in found[0].found
    assert frame is not None
    assert list(frame.index[frame["persons"].isna()]) == [line]


def test_lines_are_counted_through_quoted_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n"x\ny",1\nz,2\n\nw,3,4\n', encoding="utf-8")
    frame, found = read_raw(path, ("a", "b"))
    assert frame is not None
    assert list(frame.index) == [2, 4]
    assert [(p.row, p.found) for p in found] == [
        (5, "the line is empty"),
        (6, "3 values where the header has 2 columns"),
    ]


@pytest.mark.parametrize(
    ("text", "found", "fix"),
    [
        ("a;b\n1;2\n", "the header is one column 'a;b'", "Separate columns by commas"),
        ("a,bb\n1,2\n", "unknown column", 'Rename it to "b"'),
        ("a\n1\n", "the column is missing", "Add it"),
        ("a,b,b\n1,2,3\n", "the column stands 2 times", "Keep one"),
        ("a,b\n", "a header but no rows", "Restore"),
        (' \n"', "not CSV", "quotation marks"),
    ],
)
def test_headers(tmp_path: Path, text: str, found: str, fix: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    problems = read_raw(path, ("a", "b"))[1]
    assert any(found in problem.found and fix in problem.fix for problem in problems)


def test_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8-sig")
    frame, problems = read_raw(path, ("a", "b"))
    assert not problems
    assert frame is not None
    assert list(frame.columns) == ["a", "b"]


def test_alike_problems_are_condensed_and_counted() -> None:
    many = [Problem("f.csv", line, "c", f"{line} cannot be", "Fix.") for line in range(2, 102)]
    short = condensed([*many, Problem("g.csv", 3, "c", "other", "Fix.")])
    assert [problem.row for problem in short] == [2, 3, 4, 5, 6, None, 3]
    assert short[5].found == "95 more of the same kind (lines 7-101)"


def test_spans() -> None:
    assert spans([5, 2, 3, 9, 3]) == "2-3, 5, 9"


def test_exemption_covers_rows() -> None:
    frame = pd.DataFrame({"region": ["a", "a", "b"], "year": [2019, 2020, 2020]})
    exemption = Exemption(where={"region": ("a",)}, years=(2020, 2021), reason="as a test of it")
    assert list(exemption.covers(frame)) == [False, True, False]


def test_hash_follows_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    first = tables_hash(tmp_path)
    (tmp_path / "readme.txt").write_text("not a table")
    assert tables_hash(tmp_path) == first
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    assert tables_hash(tmp_path) != first
    assert tables_hash(tmp_path) != tables_hash(DATA)
    assert re.fullmatch("[0-9a-f]{64}", first)


def test_refresh_writes_hashes_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x\n")
    path = tmp_path / "manifest.toml"
    path.write_text('# kept\n[tables.t]\nfile = "t.csv"\nsha256 = ""\n')
    assert refresh_manifest(path) == ("t.csv",)
    assert refresh_manifest(path) == ()
    text = f'# kept\n[tables.t]\nfile = "t.csv"\nsha256 = "{file_hash(tmp_path / "t.csv")}"\n'
    assert path.read_text() == text


def test_default_study_finds_its_regions(tables: dict[str, pd.DataFrame], study: Study) -> None:
    require_regions(tables, study)


def test_missing_regions_and_years_are_named(tables: dict[str, pd.DataFrame], study: Study) -> None:
    more = study.model_copy(
        update={
            "pooling": (*study.pooling, "Atlantis"),
            "window": study.window.model_copy(update={"first": 2003}),
        }
    )
    with pytest.raises(DataError, match="Atlantis") as caught:
        require_regions(tables, more)
    files = {problem.file for problem in caught.value.problems}
    assert files == {"population.csv", "education_residents_30_66.csv"}
    assert any("2003-2004" in problem.found for problem in caught.value.problems)


def test_a_target_must_be_in_tables_that_pooling_regions_may_lack(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    more = study.model_copy(update={"targets": (*study.targets, "Atlantis")})
    with pytest.raises(DataError) as caught:
        require_regions(tables, more)
    files = {problem.file for problem in caught.value.problems}
    assert {"employment_status.csv", "commuting.csv"} < files


def test_no_folder_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_tables(tmp_path / "nowhere")


def test_data_beside_the_study_comes_first(
    tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, beside = tmp_path / "here", tmp_path / "beside"
    for root in (here, beside):
        (root / study.data).mkdir(parents=True)
    monkeypatch.chdir(here)
    assert resolve_data(beside / "mine.toml", study) == (beside / study.data).resolve()
    assert resolve_data(tmp_path / "mine.toml", study) == (here / study.data).resolve()
    monkeypatch.chdir(tmp_path)
    assert resolve_data(default_study(), study) == DATA
    with pytest.raises(StudyError, match="nowhere"):
        resolve_data(default_study(), study.model_copy(update={"data": "nowhere"}))


def test_a_seed_in_the_folder_comes_before_the_embedded_one(tmp_path: Path) -> None:
    own = tmp_path / "education_fields_national.csv"
    text = (DATA.parent / "national" / own.name).read_text(encoding="utf-8")
    own.write_text(text, encoding="utf-8")
    assert table_paths(tmp_path)["education_fields_national"] == own
    assert table_paths(tmp_path)["education_completion"].parent == DATA.parent / "seeds"


def test_derived_tables_can_be_left_out(tmp_path: Path) -> None:
    """The command that makes them must be able to read a folder without them."""
    for path in DATA.glob("*.csv"):
        if path.stem in TABLES and not TABLES[path.stem].derived:
            (tmp_path / path.name).symlink_to(path)
    assert "employment_workplace_base" not in read_tables(tmp_path, derived=False)
    with pytest.raises(DataError, match=r"employment_workplace_base\.csv: the file is missing"):
        read_tables(tmp_path)

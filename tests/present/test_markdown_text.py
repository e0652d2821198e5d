"""A page of Markdown in a terminal: tables in columns, long cells below their row."""

from bayesgap.present.markdown_text import as_columns

PAGE = """# Head

Some **bold** and `code`.

| name | value |
|---|---:|
| `a.b` | 1 |
| long | 10 |
"""


def test_tables_become_columns_and_marks_go() -> None:
    assert as_columns(PAGE).split("\n") == [
        "# Head", "", "Some bold and code.", "", "name  value", "a.b       1", "long     10", "",
    ]  # fmt: skip


def test_a_long_cell_stands_below_its_row() -> None:
    long = "word " * 30
    lines = as_columns(f"| name | why |\n|---|---|\n| a | {long} |\n| b | short |").split("\n")
    assert lines[:2] == ["name", "a"] and lines[2].startswith("    word") and lines[-2] == "b"
    assert max(map(len, lines)) <= 100

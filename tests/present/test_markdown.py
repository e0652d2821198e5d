"""Markdown tables, and pages from templates."""

from pathlib import Path

import jinja2
import pytest

from bayesgap.present import markdown


def test_a_colon_behind_a_head_sets_its_column_right() -> None:
    lines = markdown.table("name | figure: | note", [("a", 1, ""), ("b", 2.5, "c")])
    assert lines == [
        "| name | figure | note |",
        "|---|---:|---|",
        "| a | 1 |  |",
        "| b | 2.5 | c |",
    ]


def test_a_line_that_ends_in_a_backslash_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '# {{ title }}\n\nOne \\\nline, {{ share | as(".0%") }}.\n\n{{ cells | rows }}\n'
    (tmp_path / "page.md.jinja").write_text(text, encoding="utf-8")
    monkeypatch.setattr(markdown, "PACKAGE", tmp_path)
    page = markdown.render("page", title="T", share=0.25, cells=[("a", 1)])
    assert page == "# T\n\nOne line, 25%.\n\n| a | 1 |\n"
    with pytest.raises(jinja2.UndefinedError, match="title"):
        markdown.render("page", share=0.25, cells=[])

"""The HTML report's own policy: nothing from elsewhere, and nothing of the report refused."""

import html
import re
from pathlib import Path

import pytest
from damaging import main_ends

SCRIPT = "<script>document.title = 'taken'</script><img src='https://example.org/x.png'>"


@pytest.fixture
def report(run_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    main_ends(["report", str(run_folder), "--lang", "en", "--out", str(path)], 0)
    return path


def test_the_policy_allows_the_report_and_nothing_else(visitors, report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', text)[1])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    assert "script-src" not in rules and "unsafe" not in policy
    page = visitors(report).page  # it fails where anything is refused
    page.goto(report.as_uri())
    assert page.evaluate("[...document.images].every((i) => i.complete && i.naturalWidth > 0)")
    assert page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") != ""


def test_what_is_smuggled_in_does_nothing(browser, report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace("<body>", f"<body>{SCRIPT}"), encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    failed: list[str | None] = []
    page.on("requestfailed", lambda request: failed.append(request.failure))
    page.goto(report.as_uri())
    assert page.title() != "taken"
    assert failed == ["csp"]  # refused by the policy, before the network was asked
    context.close()

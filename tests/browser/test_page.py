"""The page as a whole: alone, readable by all, harmless, and honest about its verdict."""

import dataclasses
import html
import json
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from typer.testing import CliRunner
from visits import DESKTOP, PHONE, csv_of, open_table

from bayesgap.cli.common import app
from bayesgap.explorer.content import Facts, page_content
from bayesgap.explorer.page import explorer_page, source
from bayesgap.runs.run import Run, open_run
from bayesgap.runs.store import write_file

SIZES = {"desktop": DESKTOP, "phone": PHONE}
VIEWS = ("fan", "dots", "groups", "map", "first", "compare")
NASTY = ["</script><script>alert(1)</script>", '"Quo\'te" & <b>Åse</b>', "=SUM(A1)", "Æøå {{run}}"]
MOST_BYTES = 3_000_000


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_overflows(visitors, page_file, language, size) -> None:
    page = visitors(page_file, SIZES[size]).open(f"lang={language}&split=education")
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_everything_is_said_in_one_language(visitors, page_file, language) -> None:
    page = visitors(page_file).open(f"lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    words = page.locator("body").inner_text()
    own, other = (
        json.loads(source(f"text_{name}.json"))["texts"]
        for name in (language, "en" if language == "nb" else "nb")
    )
    for key in ("tableAndCsv", "fanTitle", "dotsTitle", "groupsTitle", "mapTitle", "howTitle"):
        assert own[key] in words
        assert other[key] not in words
    assert not re.search(r"[{}]|undefined|NaN|Infinity", words)
    for name in page.locator("svg[role=img]").all():
        assert len(name.get_attribute("aria-label")) > 30


def test_both_languages_have_the_same_sentences() -> None:
    english, norwegian = (json.loads(source(f"text_{name}.json"))["texts"] for name in ("en", "nb"))
    assert english.keys() == norwegian.keys()
    for key, sentence in english.items():
        gaps = re.findall(r"\{\w+\}", sentence)
        assert set(gaps) == set(re.findall(r"\{\w+\}", norwegian[key])), key


def test_the_visitors_language_is_met(visitors, page_file) -> None:
    page = visitors(page_file, locale="nb-NO").open()
    expect(page.locator("html")).to_have_attribute("lang", "nb")


def test_policy_forbids_all_but_the_page_itself(page_file) -> None:
    text = page_file.read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', text)[1])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for name in ("script-src", "style-src"):
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]+'", rules[name])
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", text)
    assert page_file.stat().st_size < MOST_BYTES


def test_verdict_and_run_stand_at_every_view(visitor, explored) -> None:
    page = visitor.open()
    expect(page.locator("#verdict")).to_have_text("PASS")
    for name in VIEWS:
        marks = page.locator(f"#{name} .marks")
        expect(marks).to_contain_text("Quality check: PASS")
        expect(marks).to_contain_text(explored.id)
        open_table(visitor, name)
        expect(page.locator(f"#{name} caption")).to_contain_text("PASS")


def test_a_failed_run_says_so_wherever_numbers_are(visitors, explored, tmp_path) -> None:
    folder = tmp_path / explored.path.name
    shutil.copytree(explored.path, folder)
    health = json.loads((folder / "health.json").read_text(encoding="utf-8"))
    health["checks"][0]["verdict"] = "FAIL"
    text = json.dumps(health)
    write_file(open_run(folder), "health.json", lambda p: p.write_text(text, encoding="utf-8"))
    file = tmp_path / "failed.html"
    made = CliRunner().invoke(app, ["explore", str(folder), "--out", str(file)])
    assert made.exit_code == 0 and "Health: FAIL" in made.output
    visitor = visitors(file)
    page = visitor.open()
    expect(page.locator("#fail")).to_be_visible()
    expect(page.locator("#fail")).to_contain_text("must not be used")
    for name in VIEWS:
        expect(page.locator(f"#{name} .marks")).to_contain_text("FAIL")
    assert set(csv_of(visitor, "map")["health"]) == {"FAIL"}
    assert Axe().run(page).violations_count == 0


def test_assumption_driven_groups_are_marked(visitor) -> None:
    page = visitor.open("part=education.bachelor:ict&split=education")
    expect(page.locator("#answer")).to_contain_text("ICT*")
    expect(page.locator("#star")).to_contain_text("Assumption-driven")
    expect(page.locator("#groups .note")).to_contain_text("Assumption-driven")
    assert page.locator("#groups text", has_text="ICT\xa0*").count() == 2
    page.select_option("#part", label="bachelor: teaching")
    expect(page.locator("#star")).to_be_empty()


def test_names_do_no_harm(visitors, explored, tmp_path) -> None:
    study = explored.study
    names = dict(zip([*study.targets], NASTY, strict=True)) | {study.total: "</title><i>All"}
    summary = explored.rows
    summary = summary[summary["scenario"] == "main"].assign(
        region=lambda rows: rows["region"].map(names)
    )
    outlook = explored.outlook
    outlook = outlook.assign_coords(region=[names[str(r)] for r in outlook["region"].to_numpy()])
    renamed = study.model_copy(
        update={"targets": tuple(NASTY), "total": names[study.total], "title": NASTY[0]}
    )
    health = explored.health
    sentence = dataclasses.replace(health.checks[0], verdict="REVIEW", sentence=NASTY[1])
    health = dataclasses.replace(health, checks=(sentence, *health.checks[1:]))
    facts = Facts("run & <b>", "now", renamed, summary, health)
    file = tmp_path / "nasty.html"
    file.write_text(explorer_page(*page_content(facts, outlook, [])), encoding="utf-8")
    visitor = visitors(file)
    visitor.page.on("dialog", lambda dialog: pytest.fail("a name was run as a script"))
    page = visitor.open()
    assert page.locator("#region option").all_inner_texts() == list(names.values())
    assert page.locator("script").count() == 4 and page.locator("main b, main i").count() == 0
    for region in names.values():
        page.select_option("#region", label=region)
        expect(page.locator("#answer")).to_contain_text(region)
    assert page.title().startswith(f"The skills gap of {names[study.total]} to")
    expect(page.locator("#checks")).to_contain_text(NASTY[1])
    expected = [f"'{n}" if n.startswith("=") else n for n in names.values()]
    assert list(csv_of(visitor, "map")["region"]) == expected
    expect(page.locator("#compare .headline")).to_contain_text("no scenarios")


def test_print_keeps_the_figures_and_leaves_the_controls(visitor) -> None:
    page = visitor.open()
    page.emulate_media(media="print")
    expect(page.locator("#controls")).not_to_be_visible()
    expect(page.locator("#copy")).not_to_be_visible()
    for name in VIEWS:
        expect(page.locator(f"#{name} .pictures")).to_be_visible()
        expect(page.locator(f"#{name} .marks")).to_be_visible()
    expect(page.locator("#chosen")).to_contain_text("Drammensregionen · 2030 · all educations")
    assert page.locator("svg").first.bounding_box()["width"] > 300


def test_a_phone_turned_draws_anew(visitors, page_file) -> None:
    page = visitors(page_file, PHONE).open()
    narrow = page.locator("#fan svg").first.get_attribute("width")
    page.set_viewport_size({"width": 844, "height": 390})
    expect(page.locator("#fan svg").first).not_to_have_attribute("width", narrow)


def test_the_skip_link_leads_to_the_figures(visitor) -> None:
    page = visitor.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "views"


@pytest.mark.parametrize("out", ["nowhere/page.html", "."])
def test_a_page_that_cannot_be_written_is_refused(
    explored: Run, tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["explore", str(explored.path), "--out", out])
    assert "--out must name a file" in str(result.exception)
    assert not list(tmp_path.iterdir())

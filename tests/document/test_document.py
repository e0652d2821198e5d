"""The report for people: words, intervals, escaping, valid HTML, tagged PDF, Word."""

import base64
import importlib
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import docx
import html5lib
import numpy as np
import pandas as pd
import pikepdf
import pytest
import xarray as xr
from needs import NO_PANGO

from bayesgap.cli import main
from bayesgap.document.answer import sentence
from bayesgap.document.content import build_document
from bayesgap.document.docx import ACROSS, MARGIN, docx_report, unbroken, widths
from bayesgap.document.facts import Facts
from bayesgap.document.gaps import first_years
from bayesgap.document.grounds import prior_interval
from bayesgap.document.html import data_of, html_report, pdf_report
from bayesgap.document.parts import Document, Picture, Table
from bayesgap.errors import RunError
from bayesgap.present.odds import LANGUAGES, Language
from bayesgap.present.words import Words, catalogue
from bayesgap.runs.run import open_run
from bayesgap.runs.verdicts import Health, judged
from bayesgap.study.priors import LogNormal, Normal
from bayesgap.study.study import Study

NASTY = """<script>alert("Ål & 'Øy'")</script>"""
WITHOUT_ESTIMATES = ("sources", "checks")


@pytest.fixture(scope="module")
def facts(run_folder: Path, study: Study, summary: pd.DataFrame, outlook: xr.Dataset) -> Facts:
    health = open_run(run_folder).health
    gap = outlook["gap"].sel(year=[study.horizon]).sum("education")
    changes = {"growth": gap * 0.1 + 50, "own_idea": gap * 0 - 10}
    titles = {"growth": "Both growth scenarios", "own_idea": NASTY}
    return Facts("buskerud-00000000", study, health, summary, outlook, changes, titles)


@pytest.fixture(scope="module")
def written(facts: Facts) -> Callable[[Language], Document]:
    """The report in a language, built once."""
    return cache(partial(build_document, facts))


@pytest.fixture(scope="module", params=LANGUAGES)
def document(written: Callable[[Language], Document], request: pytest.FixtureRequest) -> Document:
    return written(request.param)


@pytest.fixture(scope="module")
def page(document: Document) -> str:
    return html_report(document)


def items(document: Document, kind: type) -> list[Any]:
    sections = [document.decision, *document.sections]
    found = [item for section in sections for item in section.items if isinstance(item, kind)]
    return [*found, document.picture] if kind is Picture else found


def leaves(tree: Mapping[str, Any], above: str = "") -> dict[str, list[str]]:
    """Placeholders of every text."""
    found: dict[str, list[str]] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found |= leaves(value, f"{above}{key}.")
        else:
            found[above + key] = sorted({f for _, f, *_ in string.Formatter().parse(value) if f})
    return found


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    assert leaves(catalogue("nb")) == leaves(catalogue("en"))


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "In 2040, Ål will probably be short of workers (73 %, about 7 chances in 10). In 4 "
               "cases of 5 the outcome lies between a surplus of 6 000 people and a shortage of "
               "19 000 people."),
        ("nb", "I 2040 vil Ål sannsynligvis mangle arbeidskraft (sjanse: 73 %, om lag 7 av 10). "
               "I 4 av 5 tilfeller havner utfallet mellom et overskudd på 6 000 personer og en "
               "mangel på 19 000 personer."),
    ],
)  # fmt: skip
def test_the_answer_in_words(language: Language, wanted: str) -> None:
    row = {"region": "Ål", "probability": 0.73, "0.1": -5_961.0, "0.9": 19_120.0}
    said = re.sub(r"\s", " ", sentence(Words(language), row, 2040))
    assert said == wanted


def test_what_did_not_pass_is_told_in_the_reports_language(facts: Facts) -> None:
    beyond = judged("range of the past", 0.3, (0.2, 0.5), "said in English")
    known = judged("calibration", 3 / 7, (1.0, 0.0), "said in English")
    checks = (*facts.health.checks, beyond, known)
    held = replace(facts, health=replace(facts.health, checks=checks))
    for language, wanted in (("en", "for 3 of 7 parts"), ("nb", "for 3 av 7 deler")):
        said = build_document(held, language).checks
        assert any(wanted in line for line in said)
        assert any("30 %" in line for line in said)
        assert "said in English" not in said


def test_every_row_of_estimates_has_its_interval(document: Document) -> None:
    to = Words(document.language)("table.to")
    tables = [t for t in items(document, Table) if t.id not in WITHOUT_ESTIMATES]
    assert len(tables) >= 10
    for table in tables:
        assert all(len(row) == len(table.head) for row in table.rows), table.id
        assert all(any(to in cell for cell in row) for row in table.rows), table.id


def test_figures_in_tables_are_those_of_the_draws(
    facts: Facts, written: Callable[[Language], Document]
) -> None:
    table = next(t for t in items(written("en"), Table) if t.id == "gap_by_region")
    row = next(r for r in table.rows if r[:2] == ["Hallingdal", "2030"])
    draws = facts.gap().sel(region="Hallingdal", year=2030).to_numpy()
    low, high = np.quantile(draws, [0.1, 0.9])
    unit = 10 ** (np.floor(np.log10(high - low)) - 1)
    numbers = [int(re.sub(r"[^\d-]", "", t.replace("−", "-"))) for t in row[4].split(" to ")]
    np.testing.assert_allclose(numbers, [low, high], atol=0.51 * unit)


def test_pictures_have_words_and_figures(document: Document) -> None:
    pictures = items(document, Picture)
    assert len(pictures) >= 4
    for picture in pictures:
        assert len(picture.alt) > 60, picture.id
        frame = pd.read_csv(StringIO(picture.csv))
        assert (frame["run_id"] == "buskerud-00000000").all()


def test_html_is_valid_and_asks_for_nothing(page: str) -> None:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(page)
    assert tree.get("lang") in LANGUAGES
    addresses = [e.get(k) for e in tree.iter() for k in ("src", "href") if e.get(k)]
    assert addresses and all(a.startswith(("data:", "#")) for a in addresses)
    assert "<script" not in page and "@import" not in page and "url(" not in page
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert all(a[1:] in ids for a in addresses if a.startswith("#"))


def test_every_table_and_figure_has_a_data_link_and_the_run(page: str, document: Document) -> None:
    links = re.findall(r'href="data:text/csv[^"]*base64,([^"]+)"', page)
    assert len(links) == len(items(document, Table)) + len(items(document, Picture))
    assert all(base64.b64decode(unescape(link)).count(b"\n") > 1 for link in links)
    assert page.count("buskerud-00000000") > len(links)


def test_the_verdict_stands_before_any_number(facts: Facts) -> None:
    failed = judged("population: R-hat", 1.2, (1.01, 1.05), "Largest R-hat is {value:.2f}.")
    bad = replace(facts, health=Health((failed,), facts.health.groups))
    for language, words in (("nb", "må ikke brukes"), ("en", "must not be used")):
        text = html_report(build_document(bad, language))
        body = text[text.index("<body>") :]
        assert body.index(words) < body.index("2030 vil" if language == "nb" else "In 2030")
        assert "Largest R-hat is 1.20." in text


@pytest.fixture(scope="module")
def harmful(facts: Facts) -> str:
    """The report of a region with a harmful name."""
    renamed = replace(
        facts,
        summary=facts.summary.replace({"region": {"Hallingdal": NASTY}}),
        outlook=facts.outlook.assign_coords(
            region=[NASTY if r == "Hallingdal" else str(r) for r in facts.outlook["region"].values]
        ),
        changes={},
    )
    return html_report(build_document(renamed, "nb"))


def test_names_do_no_harm(harmful: str, page: str) -> None:
    assert "<script" not in harmful
    assert "&lt;script&gt;alert(&#34;Ål &amp; &#39;Øy&#39;&#34;)" in harmful
    assert "&lt;script&gt;" in page  # the title of a scenario


def test_first_year_of_shortage() -> None:
    paths = [[5.0, -1.0, 2.0, 3.0], [-1.0, -1.0, -1.0, -1.0], [-1.0, 1.0, -1.0, -1.0]]
    gap = xr.DataArray(
        np.array([paths]), dims=("chain", "draw", "year"), coords={"year": range(2024, 2028)}
    )
    assert first_years(gap, 2024).to_numpy().tolist() == [[2026, 2028, 2025]]


def test_prior_intervals() -> None:
    why = "because it is a test of this"
    low, high = prior_interval(Normal(dist="normal", mu=1.0, sigma=2.0, why=why))
    assert (low, high) == pytest.approx((1 - 1.2816 * 2, 1 + 1.2816 * 2), abs=1e-3)
    low, high = prior_interval(LogNormal(dist="log_normal", mu=1.0, sigma=0.5, why=why))
    assert (low, high) == pytest.approx((np.exp(1 - 0.6408), np.exp(1 + 0.6408)), rel=1e-3)


def test_pdf_is_tagged(written: Callable[[Language], Document], tmp_path: Path) -> None:
    """Tags, language, title, alternative texts and heads, read back; not a whole PDF/UA audit."""
    pytest.importorskip("weasyprint", reason=NO_PANGO, exc_type=OSError)
    document = written("nb")
    pdf_report(document, tmp_path / "report.pdf")
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert bool(pdf.Root.MarkInfo.Marked) and str(pdf.Root.Lang) == "nb"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1" and metadata["dc:title"]
        files = {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}
        kinds = list(structure(pdf.Root.StructTreeRoot))
        cells = list(table_cells(pdf.Root.StructTreeRoot))
    data = {f"{name}.csv": text.encode() for name, (_, text) in data_of(document).items()}
    assert files == data and len(data) == len(items(document, Table)) + len(
        items(document, Picture)
    )
    figures = [alt for kind, alt in kinds if kind == "/Figure"]
    assert len(figures) == len(items(document, Picture)) and all(figures)
    names = [kind for kind, _ in kinds]
    assert names.count("/Table") >= len(items(document, Table))  # one more a page break
    assert {"/H1", "/H2", "/P", "/TH", "/TD", "/Caption"} <= set(names)

    heads = {name for kind, name, _ in cells if kind == "/TH"}
    named = [wanted for kind, _, wanted in cells if kind == "/TD"]
    assert len(named) > 500 and all(named)  # every cell says which heads it belongs to
    assert {head for wanted in named for head in wanted} <= heads


def table_cells(node: Any) -> Any:
    """Kind of every table cell, its own name as a head, and the heads that it names."""
    if str(node.get("/S", "")) in ("/TH", "/TD"):
        wanted = [bytes(head) for head in node.get("/A", {}).get("/Headers", [])]
        yield str(node.S), bytes(node.get("/ID", b"")), wanted
    for child in children_of(node):
        yield from table_cells(child)


def structure(node: Any) -> Any:
    """Kinds of every structure element with its alternative text."""
    if "/S" in node:
        yield str(node.S), str(node.get("/Alt", ""))
    for child in children_of(node):
        yield from structure(child)


def children_of(node: Any) -> list[Any]:
    children = node.get("/K", [])
    every = children if isinstance(children, pikepdf.Array) else [children]
    return [child for child in every if isinstance(child, pikepdf.Dictionary)]


def test_without_weasyprint_the_error_says_what_to_do(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> object:
        raise OSError(f"cannot load library of {name}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(RunError, match="Pango"):
        pdf_report(document, tmp_path / "report.pdf")


def test_word_has_headings_tables_and_alternative_texts(document: Document, tmp_path: Path) -> None:
    docx_report(document, tmp_path / "report.docx")
    word = docx.Document(str(tmp_path / "report.docx"))
    assert len(word.tables) == len(items(document, Table))
    alts = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert len(alts) == len(items(document, Picture)) and all(alts)
    text = "\n".join(p.text for p in word.paragraphs)
    assert document.verdict_text in text and document.answers[0] in text


def test_columns_of_word_are_as_wide_as_their_words(document: Document) -> None:
    fit = 0
    for table in items(document, Table):
        wide = widths(table)
        assert sum(wide) == pytest.approx(17.0) and min(wide) > 0.9, table.id
        columns = zip(table.head, *table.rows, strict=True)
        words = [max(len(w) for cell in c for w in unbroken(cell).split(" ")) for c in columns]
        if sum(words) + MARGIN * len(words) <= ACROSS:
            fit += 1
            assert all(w / 17.0 * ACROSS >= n for w, n in zip(wide, words, strict=True)), table.id
    assert fit


def test_the_command_writes_a_whole_file(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(("report", str(run_folder), "--lang", "en", "--out", str(tmp_path / "r.html")))
    assert not ended.value.code and "Health: PASS" in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]

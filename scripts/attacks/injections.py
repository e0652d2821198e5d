"""Names that are code somewhere: in HTML, spreadsheets, terminals, paths, formulas of pictures.

A name that a study refuses goes nowhere; any other must come out as text.
"""

import csv
import dataclasses
import io
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from attacks import world
from attacks.row import Row
from bayesgap.document.content import build_document
from bayesgap.document.export import write_export
from bayesgap.document.html import html_report
from bayesgap.document.workflow import read_facts
from bayesgap.errors import StudyError
from bayesgap.explorer.content import Facts, page_content
from bayesgap.explorer.page import explorer_page
from bayesgap.present.csv_cells import COMMANDS
from bayesgap.present.table import as_csv
from bayesgap.runs.run import Run, open_run
from bayesgap.study.study import Study, require_whole_study

SECTION = "injections"
OLD = "Hallingdal"
NAMES = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>', "{{ 7 * 7 }}", "{% raw %}", "=SUM(A1:A9)", "+1+cmd|' /C calc'!A0",
    "-2+3", "@SUM(1)", "\t=1+1", "\x1b[31mred", "\x07bell", "\u202egnp.exe", "../../etc/passwd",
    "a/b", "$\\frac{1}{0}$", "$x_{", "'; DROP TABLE runs; --", "javascript:alert(1)", "x" * 300,
    " ",
)  # fmt: skip
Sink = Callable[[str], str]  # what came out as code; "" if nothing


def rows(seed: int, number: int) -> Iterator[Row]:
    """Names in turn, each through every sink, until `number` attacks."""
    pairs = [(name, sink) for name in NAMES for sink in SINKS]
    for place in np.random.default_rng(seed).permutation(len(pairs))[:number]:
        name, sink = pairs[place]
        outcome, note = _through(name, sink)
        yield Row(SECTION, "name that is code", sink, seed, outcome, f"{name[:40]!r}: {note}")


def _through(name: str, sink: str) -> tuple[str, str]:
    try:
        require_whole_study(_study(name))
    except StudyError as error:
        return "refused", str(error).splitlines()[-1][:120]
    found = SINKS[sink](name)
    return ("silent", found) if found else ("healed", "it comes out as text")


@cache
def _run() -> Run:
    return open_run(world.finished())


def _study(name: str) -> Study:
    study = _run().study
    targets = tuple(name if region == OLD else region for region in study.targets)
    return study.model_copy(update={"targets": targets})


def _rows(name: str) -> pd.DataFrame:
    rows = _run().rows
    rows = rows[rows["scenario"] == "main"]
    return rows.assign(region=rows["region"].astype(object).replace(OLD, name))


def _formulas(text: str) -> str:
    cells = (cell for line in csv.reader(io.StringIO(text)) for cell in line)
    return next((cell for cell in cells if cell.startswith(COMMANDS) and not _number(cell)), "")


def _number(cell: str) -> bool:
    return not pd.isna(pd.to_numeric(cell, errors="coerce"))


def _exported(form: str) -> Sink:
    def sink(name: str) -> str:
        folder = world.home() / "exported"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_export(folder, _rows(name), _run(), form)
        files: list[Path] = [
            path for path in folder.rglob("*.csv") if path.name != "dictionary.csv"
        ]
        return "".join(_formulas(path.read_text(encoding="utf-8")) for path in files)

    return sink


def _xlsx(name: str) -> str:
    folder = world.home() / "xlsx"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    write_export(folder, _rows(name), _run(), "xlsx")
    cells = openpyxl.load_workbook(folder / "figures.xlsx")["figures"]["B"]
    return next((str(cell.value) for cell in cells if cell.data_type == "f"), "")


def _csv(name: str) -> str:
    return _formulas(as_csv([{"region": name, "median": -3.0}]))


def _outlook(name: str) -> object:
    outlook = _run().outlook.load()
    return outlook.assign_coords(
        region=[name if region == OLD else str(region) for region in outlook["region"].values]
    )


def _report(name: str) -> str:
    facts = dataclasses.replace(read_facts(_run()), study=_study(name), summary=_rows(name),
                                outlook=_outlook(name), changes={})  # fmt: skip
    return _elements(html_report(build_document(facts, "en")), 0)


def _explorer(name: str) -> str:
    facts = Facts(name, "now", _study(name), _rows(name), _run().health)
    return _elements(explorer_page(*page_content(facts, _outlook(name), [])), 4)


def _elements(page: str, scripts: int) -> str:
    """More scripts than the page has, or an element of a name."""
    found = page.lower().count("<script")
    told = [word for word in ("<img src=x", "<svg onload", "49</") if word in page.lower()]
    return f"{found} scripts" if found != scripts else ", ".join(told)


SINKS: dict[str, Sink] = {
    "csv": _exported("csv"), "hub": _exported("hub"), "xlsx": _xlsx, "show": _csv,
    "report": _report, "explorer": _explorer,
}  # fmt: skip

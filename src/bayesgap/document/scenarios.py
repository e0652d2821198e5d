"""Scenarios in the report: differences to main on the same draws."""

import numpy as np
import pandas as pd

from bayesgap.document import pictures
from bayesgap.document.facts import Facts
from bayesgap.document.gaps import Row, interval_cells, interval_head
from bayesgap.document.parts import Picture, Section, Table
from bayesgap.present.odds import chance
from bayesgap.present.table import as_csv
from bayesgap.present.words import Words

SHOWN = 3


def changes(facts: Facts, region: str) -> list[dict[str, object]]:
    """A row a scenario: spread of the change of the gap, and the chance of closing a shortage."""
    main = facts.gap().sel(region=region, year=facts.last).to_numpy()
    short = main > 0
    rows: list[dict[str, object]] = []
    for name, draws in facts.changes.items():
        change = draws.sel(region=region, year=facts.last).to_numpy()
        row: dict[str, object] = dict(
            pictures.spread(lambda p, values=change: float(np.quantile(values, p)))
        )
        closed = float(((main + change)[short] <= 0).mean()) if short.any() else float("nan")
        rows.append(row | {"scenario": name, "closes": closed})
    return sorted(rows, key=lambda row: float(str(row["median"])))


def title(facts: Facts, words: Words, name: str) -> str:
    """Name of a scenario in the report's language, else as its file gives it."""
    known = words.name("scenarios", name)
    return facts.titles.get(name, known) if known == name.replace("_", " ") else known


def _rows(facts: Facts, words: Words, rows: list[dict[str, object]]) -> list[list[str]]:
    def closing(row: Row) -> str:
        return "–" if np.isnan(row["closes"]) else chance(row["closes"])

    return [
        [title(facts, words, str(row["scenario"])), *interval_cells(words, row), closing(row)]
        for row in rows
    ]


def _table(
    facts: Facts, words: Words, name: str, caption: str, rows: list[dict[str, object]]
) -> Table:
    head = [words("table.scenario"), *interval_head(words), words("table.closes")]
    csv = as_csv([row | {"run_id": facts.run_id} for row in rows])
    note = words("decision.scenarios_note", region=facts.focus, year=facts.last)
    return Table(name, caption, head, _rows(facts, words, rows), csv, note=note)


def strongest_table(facts: Facts, words: Words) -> Table | None:
    """The scenarios that move the gap most, down and up; None without scenarios."""
    if not facts.changes:
        return None
    rows = changes(facts, facts.focus)
    by_size = sorted(rows, key=lambda row: -abs(float(str(row["median"]))))[: 2 * SHOWN]
    kept = [row for row in rows if row in by_size]
    return _table(facts, words, "strongest", words("decision.scenarios"), kept)


def section(facts: Facts, words: Words) -> Section:
    """Every scenario of the run: a picture, and a table with intervals."""
    heading = words("sections.scenarios")
    if not facts.changes:
        return Section("scenarios", heading, [words("text.no_scenarios")])
    rows = changes(facts, facts.focus)
    names = [title(facts, words, str(row["scenario"])) for row in rows]
    values = {"region": facts.focus, "year": facts.last}
    picture = Picture(
        "scenarios",
        words("captions.scenario_picture", **values),
        words("captions.scenario_alt", n=len(rows), most=names[-1], least=names[0], **values),
        pictures.bars(rows, names, words("answer.axis").partition(";")[0]),
        pd.DataFrame(rows).assign(run_id=facts.run_id).to_csv(index=False),
    )
    table = _table(facts, words, "scenario_table", words("captions.scenario_table", **values), rows)
    return Section("scenarios", heading, [words("text.scenarios"), picture, table])

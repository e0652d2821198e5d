"""How far to trust a run: what other priors would do to it, and what was tested."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bayesgap.document.evidence import backtest_table, calibration_table
from bayesgap.document.facts import Facts
from bayesgap.document.parts import Heading, Item, Section, Table
from bayesgap.present.odds import chance
from bayesgap.present.table import as_csv
from bayesgap.present.words import Words
from bayesgap.sensitivity import tables as moves_of
from bayesgap.sensitivity.uncertainty_tables import of_regions

SHOWN = 15


def sensitivity(facts: Facts, words: Words) -> Section:
    """Where the width of the gap comes from, and which priors move it most."""
    values = {"region": facts.focus, "year": facts.last, "run": facts.run_id}
    items: list[Item] = [words("text.sensitivity")]
    if facts.uncertainty is None:
        items.append(words("text.no_uncertainty", **values))
    else:
        items += [_shares(facts, words, game) for game in ("inputs", "origins")]
    if facts.moves is None:
        items.append(words("text.no_moves", **values))
    else:
        items += _moves(facts, words, facts.moves)
    return Section("sensitivity", words("sections.sensitivity"), items)


def _shares(facts: Facts, words: Words, game: str) -> Table:
    """Shares of the gap's variance in the last year, with their Monte Carlo intervals."""
    assert facts.uncertainty is not None
    table = facts.uncertainty[facts.uncertainty["game"] == game]
    table = of_regions(table, facts.last)
    table = table[table["region"] == facts.focus].sort_values("share", ascending=False)
    rows = []
    for row in table.to_dict("records"):
        bounds = (row["share"] - 1.96 * row["error"], row["share"] + 1.96 * row["error"])
        low, high = (f"{100 * min(max(bound, 0.0), 1.0):.0f} %" for bound in bounds)
        span = words("table.to").join((low, high))
        rows.append(
            [words.name("inputs", row["input"]), f"{100 * max(row['share'], 0):.0f} %", span]
        )
    head = [words(f"table.{name}") for name in ("input", "variance", "i95_error")]
    caption = words(f"captions.{game}_table", region=facts.focus, year=facts.last)
    return Table(f"uncertainty_{game}", caption, head, rows, table.to_csv(index=False))


def _moves(facts: Facts, words: Words, moves: pd.DataFrame) -> list[Item]:
    """How many priors decide, matter or not; and those that move the gap most."""
    ranked = moves_of.ranked(moves, facts.focus)
    found = ranked["verdict"].value_counts()
    told = ", ".join(
        f"{found[v]} {words.name('verdicts', v)}" for v in moves_of.ORDER if v in found
    )
    values = {"region": facts.focus, "year": facts.last}
    rows = [_moved(words, row) for row in ranked.head(SHOWN).to_dict("records")]
    names = ("prior", "moves", "becomes", "chance", "verdict")
    head = [words(f"table.{name}") for name in names]
    caption = words("captions.moves_table", n=len(rows), **values)
    csv = ranked.assign(run_id=facts.run_id).to_csv(index=False)
    table = Table("moves", caption, head, rows, csv, left=1)
    return [words("text.moves", n=len(ranked), told=told, **values), table]


def _moved(words: Words, row: Mapping[Any, Any]) -> list[str]:
    wide = float(row["base_upper"] - row["base_lower"])
    scale = "" if pd.isna(row["factor"]) else f" × {row['factor']:g}"
    return [
        f"{row['label']}{scale}",
        words.number(row["shift"], wide, True),
        words.interval(row["lower"], row["upper"], wide, True),
        chance(row["chance"]),
        words.name("verdicts", row["verdict"]),
    ]


def validation(facts: Facts, words: Words) -> Section:
    """Checks of the run, blocks that err together, calibration and forecasts from old data."""
    checks = facts.health.to_dict()["checks"]
    rows = [
        [str(c["verdict"]), c["name"], c["sentence"], _plain(c["value"]), _plain(c["good"])]
        for c in checks
    ]
    head = [words(f"table.{n}") for n in ("verdict", "check", "sentence", "value", "good")]
    caption = words("captions.checks_table")
    table = Table("checks", caption, head, rows, as_csv(checks), left=3, foreign=True)
    items: list[Item] = [*_tested(facts, words)]
    if facts.together:
        items += [Heading(words("captions.together_table")), words("text.together")]
        items.append(_together(facts, words))
    items += [Heading(words("captions.checks_table")), words("text.validation"), table]
    return Section("validation", words("sections.validation"), items)


def _tested(facts: Facts, words: Words) -> list[Item]:
    """Evidence that came with the package, and what it does not hold."""
    items: list[Item] = [Heading(words("captions.calibration_table"))]
    found = facts.evidence
    if found is None or found.calibration.empty:
        items.append(words("text.no_calibration"))
    else:
        items += [words("text.calibration"), calibration_table(found.calibration, words)]
        lacking = [words.name("blocks", b) for b in facts.study.priors
                   if b not in set(found.calibration["block"])]  # fmt: skip
        if lacking:
            items.append(words("text.not_calibrated", blocks=", ".join(lacking)))
    items.append(Heading(words("captions.backtest_table")))
    if found is None or found.backtests.empty:
        return [*items, words("text.no_backtests")]
    return [*items, words("text.backtests"), backtest_table(found.backtests, words)]


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _together(facts: Facts, words: Words) -> Table:
    rows = [_pair(words, row) for row in facts.together]
    names = ("first", "second", "years", "correlation", "i95")
    head = [words(f"table.{name}") for name in names]
    csv = as_csv([dict(row) for row in facts.together])
    caption = words("captions.together_table")
    return Table("together", caption, head, rows, csv, left=2)


def _pair(words: Words, row: Mapping[str, Any]) -> list[str]:
    figures = ["–", "–"]
    if row["correlation"] is not None:
        span = words("table.to").join(f"{row[end]:.2f}" for end in ("lower", "upper"))
        figures = [f"{row['correlation']:.2f}", span]
    pair = [words.name("residuals", str(row[name])) for name in ("first", "second")]
    return [*pair, str(row["years"]), *figures]

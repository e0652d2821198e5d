"""Evidence on the intervals that comes with the package: calibration, and forecasts from old data.

It is made by `bayesgap validate`, kept in `docs/results`, and about the laws as they were then.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayesgap.document.parts import Table
from bayesgap.health.evidence import calibration_known
from bayesgap.present.table import as_csv
from bayesgap.present.words import Words
from bayesgap.study.study import Study
from bayesgap.validation.backtest.country import MODEL
from bayesgap.validation.backtest.evidence import evidence_version
from bayesgap.validation.backtest.results import ALL

SCORES, ABOUT = "backtest_scores.csv", "backtest_about.json"
BACKTEST, AHEAD = "population", (5, 10)  # what the report shows; the page shows all


@dataclass(frozen=True)
class Evidence:
    """Rows of `validate sbc` and of `validate backtest`; `current` tells if the law is as then."""

    calibration: pd.DataFrame
    backtests: pd.DataFrame


def read_evidence(folder: Path, study: Study) -> Evidence:
    """Evidence in `folder`, held against the laws and priors of `study`; empty where none is."""
    calibration, backtests = calibration_known(folder, study), pd.DataFrame()
    if (folder / SCORES).is_file() and (folder / ABOUT).is_file():
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        rows = pd.read_csv(folder / SCORES)
        rows = rows[(rows["method"] == MODEL) & (rows["size"] == ALL)]
        rows = rows[(rows["block"] == BACKTEST) & rows["horizon"].isin(AHEAD)]
        current = about.get(f"version of {BACKTEST}") == evidence_version(BACKTEST, study)
        backtests = rows.assign(current=current)
    return Evidence(calibration, backtests)


def calibration_table(rows: pd.DataFrame, words: Words) -> Table:
    """A row a block: how many quantities rank as they should, and the truths held by 80 %."""
    lines, records = [], []
    for block, part in rows.groupby("block", sort=False):
        held = part["coverage_80"]
        span = words("table.to").join(f"{100 * v:.0f} %" for v in (held.min(), held.max()))
        inside = f"{int(part['inside'].sum())} / {len(part)}"
        simulations = str(part["simulations"].iloc[0])
        name = words.name("blocks", str(block))
        lines.append([name, simulations, inside, span, _law(words, part["current"].all())])
    records = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
    names = ("block", "simulations", "inside", "held80", "law")
    head = [words(f"table.{name}") for name in names]
    return Table("calibration", words("captions.calibration_table"), head, lines, as_csv(records))


def backtest_table(rows: pd.DataFrame, words: Words) -> Table:
    """A row a group, horizon and part: outcomes held by the 80 % interval, with its interval."""
    lines = []
    for row in rows.to_dict("records"):
        bounds = (row["coverage_80_low"], row["coverage_80_high"])
        span = words("table.to").join(f"{100 * value:.0f} %" for value in bounds)
        held = f"{100 * row['coverage_80']:.0f} %"
        part = words.name("parts", str(row["part"]).replace(" ", "_"))
        about = [str(row["group"]), str(row["horizon"]), part, str(row["cases"])]
        lines.append([*about, held, span, f"{row['mape']:.1f} %", _law(words, row["current"])])
    names = ("age", "horizon", "part", "cases", "held80", "i95", "error", "law")
    head = [words(f"table.{name}") for name in names]
    csv = rows.to_csv(index=False)
    return Table("backtests", words("captions.backtest_table"), head, lines, csv, left=3)


def _law(words: Words, current: object) -> str:
    return words("table.law_now" if current else "table.law_then")

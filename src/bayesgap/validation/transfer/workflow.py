"""The chain from a past year: what the run may know, how it scores, and the page of all tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from bayesgap.data.tables import frames_hash
from bayesgap.runs.run import Run
from bayesgap.study.study import Study
from bayesgap.validation.cut import cut_study, cut_tables, with_base
from bayesgap.validation.transfer import score as chain
from bayesgap.validation.transfer.evidence import about, skill_table, slice_table
from bayesgap.validation.transfer.page import Evidence, paths_figure, transfer_page

PAGE = "transfer.md"
COMMAND = "bayesgap validate transfer STUDY.toml --origin YEAR --docs docs"


class Past(NamedTuple):
    """A study as of a past year, the tables of that time, and what has been counted since."""

    study: Study
    tables: dict[str, pd.DataFrame]
    data_hash: str
    came: pd.DataFrame


def as_of(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    own: Mapping[str, pd.DataFrame],
    origin: int,
) -> Past:
    """The study of which nothing is known after the year `origin`.

    Parameters
    ----------
    own : optional tables of what has been counted since, if any
    """
    came = chain.counted(tables, own, study.targets)
    known = cut_tables(tables, origin)
    then = cut_study(study, known, origin, int(came["year"].max()))
    known = with_base(known, then)
    return Past(then, known, frames_hash(known), came)


def write_scores(run: Run, study: Study, past: Past, remarks: Path, docs: Path) -> Path:
    """Score a run of `past`, write its tables and picture, and the page of all tests in `docs`.

    Parameters
    ----------
    study : as it is today
    remarks : file of what the study's author has to say, if it is there
    """
    origin = past.study.base_year
    drawn = chain.drawn(run.outlook.load(), past.study.targets)
    cases = chain.scored(drawn, past.came, origin)
    facts = about(study, past.study, past.data_hash, _sampling(run, remarks))
    name = f"transfer_{past.study.name}"
    for folder in (docs / "results", docs / "figures"):
        folder.mkdir(parents=True, exist_ok=True)
    cases.to_csv(docs / "results" / f"{name}.csv", index=False, float_format="%.4g")
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    (docs / "results" / f"{name}.json").write_text(text, encoding="utf-8")
    paths = chain.paths(drawn, past.came, origin)
    paths_figure(paths, origin).savefig(docs / "figures" / f"{name}.png", dpi=100)
    (docs / PAGE).write_text(_page(docs), encoding="utf-8")
    return docs / PAGE


def _sampling(run: Run, remarks: Path) -> dict[str, Any]:
    """Verdict of the run, how long it took, and what the study's author has to say."""
    seconds = sum(s["seconds"] for s in run.json("timings.json")["stages"].values())
    short = [{"verdict": c.verdict, "sentence": c.sentence} for c in run.health.checks]
    return {
        "verdict": run.health.verdict,
        "checks": [check for check in short if check["verdict"] != "PASS"],
        "seconds": round(seconds),
        "remarks": remarks.read_text(encoding="utf-8").strip() if remarks.is_file() else "",
    }


def _page(docs: Path) -> str:
    """The page, with every test whose tables lie in `docs`."""
    tests = []
    for path in sorted((docs / "results").glob("transfer_*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        cases = pd.read_csv(path.with_suffix(".csv"))
        slices = slice_table(cases, facts["seed"])
        tests.append(Evidence(facts, slices, skill_table(cases), f"figures/{path.stem}.png"))
    return transfer_page(tests, COMMAND)
